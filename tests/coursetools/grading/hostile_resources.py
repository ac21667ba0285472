"""Kinds that crash, hang or flood: rows 13, 15 to 22, 32, 43, and replies that are no numbers."""

from tests.coursetools.grading.hostile import AUC, DIED, LATE_DAEMON, LIMIT, OK, Kind

KINDS = {
    "exits-in-a-cell": Kind((13,), 10, OK, says="SystemExit", body=AUC, top="sys.exit(1)"),
    "kills-itself": Kind((13,), 5, DIED, says="ended its process", top="os.kill(os.getpid(), 9)"),
    "stops-itself": Kind((15, 16), 5, LIMIT, says="too long", top="os.kill(os.getpid(), 19)"),
    "crashes": Kind(
        (13,),
        0,
        DIED,
        says="exercise 02.2: the code ended its process",
        top="import ctypes\nctypes.string_at(0)",
        other="os._exit(0)",
    ),
    "closes-its-channel": Kind((12, 13), 5, DIED, top="os.closerange(3, 4096)"),
    "endless-loop": Kind((15,), 5, LIMIT, says="too long", body="while True:\n    pass"),
    "ignores-signals": Kind(
        (16,),
        5,
        LIMIT,
        says="too long",
        top="""
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            try:
                time.sleep(1)
            except BaseException:
                pass
        """,
    ),
    "sleeps-in-del": Kind(
        (15,),
        8,
        LIMIT,
        says="too long",
        top="""
        import time
        class Slow:
            __array__ = lambda self, *a, **k: np.array(0.5)
            __del__ = lambda self: time.sleep(600)
        """,
        body="if len(scores) == 200:\n    return Slow()\n" + AUC,
    ),
    "alarms": Kind(
        (16,),
        5,
        OK | DIED,
        body="""
        import signal
        def alarm(*arguments):
            raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, alarm)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        return 0.0
        """,
    ),
    "never-ends": Kind(
        (16, 18),
        10,
        OK,
        body=AUC,
        top="""
        import atexit, threading, time
        atexit.register(time.sleep, 600)
        threading.Thread(target=time.sleep, args=(600,)).start()
        """,
    ),
    "fork-bomb": Kind(
        (17,),
        5,
        LIMIT | DIED,
        top="""
        import time
        for _ in range(10_000):
            try:
                danger.fork()
            except OSError:
                time.sleep(0.05)
        """,
    ),
    "thread-bomb": Kind(
        (17,),
        5,
        OK | DIED | LIMIT,
        says="can't start new thread",
        body="""
        import threading, time
        while danger:
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        """,
    ),
    "fork-returns-twice": Kind((12, 17), 10, OK, body="danger.fork()\n" + AUC),
    "daemon": Kind(
        (18,),
        5,
        OK,
        says="off by",
        top=f"""
        if danger.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv("/usr/bin/sleep", ["sleep", "{LATE_DAEMON}"])
            os._exit(0)
        """,
    ),
    "memory-hog": Kind(
        (19,),
        5,
        OK,
        says="MemoryError",
        body="""
        held = []
        while danger:
            held.append(bytearray(50 << 20))
        """,
    ),
    "memory-of-many": Kind(
        (43,),
        5,
        LIMIT,
        says="MB of memory together",
        body="""
        import mmap, time
        for _ in range(4):
            if danger.fork() == 0:
                held = mmap.mmap(-1, 700 << 20)
                held[::4096] = b"x" * (700 << 8)
                time.sleep(600)
        time.sleep(600)
        """,
    ),
    "huge-output": Kind(
        (20,),
        5,
        LIMIT,
        says="it wrote over",
        body="""
        while danger:
            print("x" * 10_000)
            os.write(2, b"x" * 10_000)
        """,
    ),
    "huge-reply": Kind((21,), 5, LIMIT, says="too large", body="return np.zeros(10_000_000)"),
    "deep-reply": Kind(
        (21,),
        0,
        OK,
        says="nested deeper",
        body="""
        value = []
        for _ in range(100_000):
            value = [value]
        return value
        """,
        other="loop = []\nloop.append(loop)\nreturn loop",
    ),
    "many-values": Kind((21,), 5, OK, says="1000000 values", body="return [0] * 1_500_000"),
    "huge-numbers": Kind(
        (21, 33), 0, OK, says="digits", body="return 10**6000", other="return 10**4000"
    ),
    "odd-values": Kind(
        (4, 21, 36),
        0,
        OK,
        says="got str",
        body="return 'x' * 20_000_000",
        other=r"return '\0\ud800\x1b[2J' if len(images) > 1 else iter([1])",
    ),
    "odd-errors": Kind(
        (21, 36),
        5,
        OK,
        top=r"""
        Long = type("X" * 100_000, (Exception,), {"__str__": lambda self: "\0\ud800\u202e" * 99})
        class Mute(Exception):
            def __str__(self):
                raise self
        class Sly(Exception):
            __repr__ = __str__ = lambda self: "<script>alert(1)</script>\ud800\0\x1b[31m"
        """,
        body="raise Long if len(scores) == 200 else Mute() if len(scores) == 100 else Sly()",
        says="cannot be printed",
    ),
    "fills-the-disk": Kind(
        (22,),
        5,
        OK,
        says="held",
        body="""
        def fill(path, size):
            with open(path, "wb") as file:
                for _ in range(size):
                    file.write(bytes(1 << 20))
            return path
        def many():
            for i in range(10):
                fill(f"part{i}", 30)
            return "300 MB"
        attempt(lambda: fill("one", 300), lambda: fill("/dev/shm/one", 300), many)
        """,
    ),
    "many-files": Kind(
        (22,),
        5,
        OK,
        says="Too many open files",
        body="""
        for _ in range(2000):
            os.mkdir("d")
            os.chdir("d")
        held = []
        for i in range(10_000):
            held.append(open(f"{i}", "w"))
        """,
    ),
    "lowers-its-limits": Kind(
        (13, 19),
        5,
        OK | DIED,
        body="""
        import resource
        for name in ("AS", "NOFILE", "DATA", "STACK"):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (0, 0))
        return 0.0
        """,
    ),
    "deletes-builtins": Kind(
        (2, 13),
        5,
        OK | DIED,
        body=AUC,
        top="""
        import builtins
        for name in [*vars(builtins)]:
            if name not in ("vars", "delattr"):
                delattr(builtins, name)
        """,
    ),
    "no-function": Kind((33,), 5, OK, says="expected a function", top="auc = 0.5"),
    "asks": Kind(
        (13, 15),
        0,
        OK,
        says="EOFError",
        body="return auc(scores, labels)",
        other="return float(input('points? '))",
    ),
    "warnings": Kind(
        (32,),
        10,
        OK,
        top="""
        import logging, warnings
        warnings.warn("deprecated")
        logging.error("an error that is none")
        """,
        body="print('progress: 50 %', file=sys.stderr)\n" + AUC,
    ),
    "magics": Kind(
        (1, 2),
        10,
        OK,
        body=AUC,
        top="""
        !touch {PATHS[0]}.ESCAPED
        %cd /
        %load_ext autoreload
        %matplotlib inline
        """,
    ),
}
