"""Kinds that claim points they did not earn: rows 1 to 4, 9, 11 to 13, 33 to 35."""

from tests.coursetools.grading.hostile import AUC, DIED, LIMIT, OK, Kind

# Writes to whatever file descriptor may be the one of the replies.
SEND = """
def send(*parts):
    for fd in range(3, 64):
        try:
            os.write(fd, b"".join(parts))
        except OSError:
            pass

def message(id, value):
    from coursekit.exercises import codec
    data = codec.encode({"id": id, "value": value})
    return len(data).to_bytes(8, "big") + data
"""

KINDS = {
    "strips-asserts": Kind(
        (1,),
        5,
        OK,
        says="off by",
        top="""
        import builtins
        import coursekit.exercises.answers as answers
        answers.NotYet = builtins.AssertionError = Warning
        answers.require = answers.require_close = lambda *a, **k: None
        import ast
        class Strip(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()
        get_ipython().ast_transformers.append(Strip())
        """,
    ),
    "patches-the-runner": Kind(
        (2,),
        5,
        OK,
        says="expected numbers, got bool",
        top="""
        from coursekit import checks, exercises
        from coursetools.grading import worker
        exercises.check = checks.check = check = lambda *arguments: 5.0
        call = worker.Notebook.call
        worker.Notebook.call = lambda self, **request: (
            True if request["call"] == "02.3" else call(self, **request))
        """,
    ),
    "patches-the-protocol": Kind(
        (2, 12),
        5,
        DIED,
        says="forged a reply",
        top="""
        from coursekit.exercises import codec
        codec.encode = lambda value: (4).to_bytes(8, "big") + b"true"
        """,
    ),
    "patches-comparisons": Kind(
        (3,),
        5,
        OK,
        says="off by",
        top="""
        import math, builtins
        for module in (np, torch, math):
            module.isclose = lambda *a, **k: True
        np.allclose = torch.allclose = torch.equal = np.array_equal = lambda *a, **k: True
        np.testing.assert_allclose = torch.testing.assert_close = lambda *a, **k: None
        builtins.abs = np.isfinite = lambda *a, **k: True
        """,
    ),
    "lying-objects": Kind(
        (4,),
        0,
        OK,
        says="the loss is off by",
        top="""
        class Number(float):
            __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = lambda self, other=None: 0.0
            __hash__ = float.__hash__
            __repr__ = __str__ = lambda self: "0.5}, 'earned': 5"
        class Array(np.ndarray):
            __array_ufunc__ = lambda self, *a, **k: True
            __eq__ = __lt__ = __le__ = lambda self, other: True
        class Lie:
            __array_priority__ = 1e9
            __array__ = lambda self, *a, **k: np.array(0.2).view(Array)
            __float__ = lambda self: 0.5
        """,
        body="return Lie()",
        other="return Number(0.2)",
    ),
    "lying-tensor": Kind(
        (4,),
        5,
        OK,
        says="ValueError",
        body="return Lie()",
        top="""
        class Lie(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, arguments=(), named=None):
                return True
        """,
    ),
    "changing-object": Kind(
        (4,),
        5,
        OK,
        says="off",
        body="return Changing()",
        top="""
        looks = []
        class Changing:
            def __array__(self, *a, **k):
                looks.append(0)
                return np.array(len(looks) % 3 / 2)
        """,
    ),
    "pickles": Kind(
        (11,),
        0,
        OK,
        says="an array of object",
        top="""
        class Bomb:
            def __reduce__(self):
                return os.mkdir, (PATHS[0] + ".ESCAPED",)
        """,
        body="return np.array([Bomb()], dtype=object)",
        other="import pickle\nreturn pickle.dumps(Bomb())",
    ),
    "unsolicited-reply": Kind(
        (12,),
        5,
        DIED,
        says="forged a reply",
        top=SEND
        + """
send(message("0", 1.0))
""",
    ),
    "stolen-id": Kind(
        (12,),
        5,
        DIED,
        top=SEND,
        body="""
        frame = sys._getframe()
        while "request" not in frame.f_locals:
            frame = frame.f_back
        send(message(frame.f_locals["request"]["id"], 0.3))
        return 0.5
        """,
    ),
    "endless-reply": Kind(
        (12, 21),
        5,
        LIMIT,
        says="too large",
        top=SEND
        + """
send((1 << 62).to_bytes(8, "big"))
""",
    ),
    "half-a-reply": Kind(
        (12,),
        5,
        DIED | LIMIT,
        top=SEND
        + """
send((20).to_bytes(8, "big"), b"[[[[")
""",
    ),
    "late-thread": Kind(
        (12,),
        5,
        OK | DIED,
        top=SEND,
        body="""
        import threading
        threading.Timer(0.01, send, [message("0", 0.5)]).start()
        return 0.0
        """,
    ),
    "hunts-the-stack": Kind(
        (9,),
        5,
        OK,
        says="held",
        body="""
        def walk(wanted={"expected", "rng", "seed", "test", "record", "assignment"}):
            frame, found = sys._getframe(1), []
            while frame := frame.f_back:
                found += wanted & {*frame.f_locals, *frame.f_globals}
            return found
        attempt(walk, lambda: [k for k in ("In", "_ih", "_i1", "Out") if k in globals()])
        """,
    ),
    "hunts-in-memory": Kind(
        (9,),
        5,
        OK,
        says="held",
        body=r"""
        import gc, re
        def collected():
            kinds = {"Exercise", "Test", "Assignment", "Job", "Submission", "Generator"}
            return [type(o).__name__ for o in gc.get_objects() if type(o).__name__ in kinds]
        def mapped():
            with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as mem:
                for line in maps:
                    low, high = (int(n, 16) for n in line.split()[0].split("-"))
                    if "rw" not in line or high - low > 1 << 27:
                        continue
                    mem.seek(low)
                    if found := re.search(rb"def with_t[i]es\(", mem.read(high - low)):
                        return found
        attempt(collected, mapped)
        """,
    ),
    "hooks": Kind(
        (2, 9),
        5,
        OK,
        says="off by",
        top="""
        import threading
        def hook(frame, event, argument):
            for name in ("value", "reply", "earned", "score"):
                if name in frame.f_locals:
                    frame.f_locals[name] = 0.5
            return hook
        sys.settrace(hook), sys.setprofile(hook), threading.setprofile(hook)
        """,
    ),
    "not-finite": Kind(
        (33,), 0, OK, says="NaN or infinite", body="return float('nan')", other="return np.inf"
    ),
    "wrong-shape": Kind(
        (33,),
        0,
        OK,
        says="expected one number",
        body="return np.full(3, 0.5)",
        other="return logits",
    ),
    "wrong-type": Kind(
        (33,), 0, OK, says="expected numbers, got str", body="return '0.5'", other="return 1j"
    ),
    "claims": Kind((34,), 1, OK, body="return 0.5", other="return images.shape[1] * np.log(16)"),
    "memorised": Kind(
        (35,), 5, OK, says="off by", body="return MEMORY.get(f'{scores.sum():.9f}', 0.3)"
    ),
    "guesses-the-seed": Kind(
        (35,),
        5,
        OK,
        says="off by",
        body="""
        for seed in range(2000):
            rng = np.random.default_rng([seed, *b"without_ties"])
            drawn = rng.permutation(np.repeat([0, 1], [180, 20]))
            if len(labels) == 200 and (drawn == labels).all():
                raise RuntimeError("ESCAPED: the seed")
        return 0.3
        """,
    ),
    "dies-between": Kind(
        (13,),
        8,
        DIED,
        says="ended its process",
        body="if len(scores) == 100:\n    os._exit(0)\n" + AUC,
    ),
}
