"""Kinds that reach for files, processes and the network: rows 5, 7, 8, 10, 14, 23, 24, 40."""

from tests.coursetools.grading.hostile import AUC, DIED, OK, Kind

KINDS = {
    "reads-files": Kind(
        (8, 10),
        5,
        OK,
        says="held",
        body="""
        other = ["/etc/shadow", "/etc/passwd", "/proc/1/root/etc/shadow"]
        attempt(*(lambda p=p: open(p).read() for p in PATHS + other))
        """,
    ),
    "writes-files": Kind(
        (5,),
        5,
        OK,
        says="held",
        body="""
        tries = [lambda p=p: open(p, "r+b") for p in PATHS]
        tries += [lambda p=p: os.remove(p) or p for p in PATHS]
        tries += [lambda p=p: os.rename(p, p + ".ESCAPED") or p for p in PATHS]
        attempt(*tries)
        """,
    ),
    "changes-the-installation": Kind(
        (7,),
        5,
        OK,
        says="held",
        body="""
        import coursetools.grading.worker as worker
        found = [np.__file__, torch.__file__, worker.__file__, os.__file__, sys.executable]
        tries = [lambda p=p: open(p, "ab") for p in found]
        tries += [lambda p=p: danger.chmod(p, 0o666) or p for p in found]
        tries += [lambda p=p: danger.utime(p) or p for p in found]
        folders = {"/", "/etc", *map(os.path.dirname, found)}
        tries += [lambda p=p: danger.mkdir(p + "/ESCAPED") or p for p in folders]
        attempt(*tries)
        """,
    ),
    "finds-hidden-tests": Kind(
        (8,),
        5,
        OK,
        says="held",
        body="""
        import pathlib, importlib, coursekit
        def look(folder, pattern):
            return [str(p) for p in pathlib.Path(folder).rglob(pattern)]
        home = pathlib.Path(coursekit.__file__).parents[1]
        attempt(
            lambda: look(home / "coursekit", "chapter_*"),
            lambda: look(home / "coursetools", "examine*") + look(home, "notebooks.py"),
            lambda: importlib.import_module("coursetools.grading.records"),
            lambda: look(home / "notebooks", "*") + look(home / "book", "*"),
            lambda: look(home / "tests", "*") + look(home / ".git", "*"),
            lambda: importlib.import_module("coursekit.exercises.chapter_02"),
            lambda: coursekit.exercises.find("02.3"),
        )
        """,
    ),
    "finds-submissions": Kind(
        (10,),
        5,
        OK,
        says="held",
        body="""
        def look():
            for folder, folders, files in os.walk("/"):
                folders[:] = [f for f in folders if f not in ("proc", "site-packages", "usr")]
                if found := [f for f in files if f.endswith((".ipynb", "run.json"))]:
                    return found
        attempt(look, lambda: [f for p in PATHS for f in os.listdir(os.path.dirname(p))
                               if f == os.path.basename(p)])
        """,
    ),
    "looks-through-proc": Kind(
        (9, 10),
        5,
        OK,
        says="held",
        body="""
        import glob
        def root(name):
            for process in glob.glob("/proc/[0-9]*"):
                for path in PATHS:
                    if os.path.exists(f"{process}/{name}{path}"):
                        return open(f"{process}/{name}{path}").read()
        def told(name):
            for process in glob.glob("/proc/[0-9]*"):
                if b"CANARY" in open(f"{process}/{name}", "rb").read():
                    return name
        known = {1, os.getpid(), os.getppid()}
        attempt(lambda: root("root"), lambda: root("cwd"), lambda: told("environ"),
                lambda: told("cmdline"),
                lambda: {int(p) for p in os.listdir("/proc") if p.isdigit()} - known)
        """,
    ),
    "kills-others": Kind(
        (14,),
        5,
        OK,
        says="held",
        body="""
        def kill(process, number=9):
            danger.kill(process, number)
        tries = [lambda: kill(os.getppid()), lambda: kill(1), lambda: kill(1, 19)]
        tries += [lambda: kill(-1), lambda: danger.killpg(os.getppid(), 9)]
        others = {*range(1, 40_000)} - {os.getpid()}
        attempt(*tries, *(lambda p=p: kill(p) for p in others))
        """,
    ),
    "ptrace": Kind(
        (14, 9),
        5,
        OK | DIED,
        body="""
        import ctypes
        libc = ctypes.CDLL(None)
        for process in {1, danger.getppid()}:
            libc.ptrace(16, process, 0, 0)
            libc.process_vm_readv(process, 0, 0, 0, 0, 0)
        return 0.0
        """,
    ),
    "network": Kind(
        (23,),
        5,
        OK,
        says="held",
        body="""
        import socket
        def abstract():
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(SOCKET)
                return client
        def datagram():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                return client.sendto(b"x", ("192.0.2.1", 53))
        attempt(
            lambda: socket.create_connection(("127.0.0.1", PORT), 1),
            lambda: socket.create_connection(("localhost", PORT), 1),
            abstract, datagram,
            lambda: socket.getaddrinfo("example.org", 80),
            lambda: {name for _, name in socket.if_nameindex()} - {"lo"},
        )
        """,
    ),
    "becomes-root": Kind(
        (40,),
        5,
        OK,
        says="held",
        body="""
        import ctypes, resource, subprocess
        libc, everything = danger and ctypes.CDLL(None), (resource.RLIM_INFINITY,) * 2
        def limit(name):
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), everything)
            return name
        attempt(
            lambda: os.getuid() == 0, lambda: danger.setuid(0) or "setuid",
            lambda: libc.unshare(0x10000000) == 0, lambda: libc.unshare(0x00020000) == 0,
            lambda: libc.mount(b"none", b"/usr", b"tmpfs", 0, None) == 0,
            lambda: subprocess.run(["unshare", "-Ur", "true"]).returncode == 0,
            lambda: danger.chroot(".") or "chroot",
            lambda: danger.mknod("disk", 0o60666, 2049) or "disk",
            lambda: open("/dev/kmsg").read(1), lambda: danger.nice(-5),
            lambda: open("/proc/sys/kernel/hostname", "w").write("box"),
            lambda: limit("AS"), lambda: limit("NPROC"), lambda: limit("NOFILE"),
        )
        """,
    ),
    "shadows-modules": Kind(
        (24,),
        5,
        OK,
        says="held",
        body="""
        for name in ("statistics", "sitecustomize"):
            with open(f"{name}.py", "w") as file:
                file.write("ESCAPED = True")
        sys.modules.pop("statistics", None)
        attempt(
            lambda: hasattr(__import__("statistics"), "ESCAPED"),
            lambda: {"", os.getcwd()} & {*sys.path[:-1]},
        )
        """,
    ),
    "colludes-0-leaves": Kind(
        (10, 24),
        10,
        OK,
        body=AUC,
        top=f"""
        code = {AUC!r}
        for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run"):
            try:
                with open(folder + "/colluding.txt", "w") as file:
                    file.write(code)
            except OSError:
                pass
        import ctypes
        ctypes.CDLL(None).shmget(0x5EED, 4096, 0o1666)
        """,
    ),
    "colludes-1-takes": Kind(
        (10, 24),
        5,
        OK,
        says="held",
        top="""
        import time
        time.sleep(1)  # until the other one has run
        """,
        body="""
        folders = (".", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run")
        import ctypes
        attempt(*(lambda f=f: open(f + "/colluding.txt").read() for f in folders),
                lambda: ctypes.CDLL(None).shmget(0x5EED, 4096, 0) != -1)
        """,
    ),
}
