"""The program inside a box: runs a student's cells and answers calls with plain values.

Requests come on stdin, one reply each goes to stdout; the student's own output goes to
stderr. `{"cell": source, "name": "cell 3"}` runs a cell, `{"call": "02.3", "answer": "auc",
"arguments": [...]}` calls what the expression `auc` names after the cells. A reply has the
request's id and either a value, read as `check` reads it, or an error. Nothing here is
trusted: the student's code shares the process, so what it could tamper with counts as part
of its answer.
"""

import json
import os
import resource
import sys
from collections.abc import Callable

from coursekit.exercises import codec
from coursetools.grading import frames

ERROR_CHARACTERS = 500
REQUEST_BYTES = 1 << 32
CORES = 2  # that an answer is told


def main() -> None:
    """Answer requests until stdin closes; the limits come as JSON in the first argument."""
    limits = json.loads(sys.argv[1])
    requests, replies = os.dup(0), os.dup(1)  # new processes do not inherit these
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    notebook = Notebook()
    confine(limits)
    frames.write_frame(replies, codec.encode({"ready": True}))
    owner = os.getpid()
    while True:
        try:
            request = codec.decode(frames.read_frame(requests, REQUEST_BYTES))
        except EOFError:
            os._exit(0)
        reply = notebook.reply(request)
        if os.getpid() != owner:  # a fork that came back from the student's code
            os._exit(0)
        frames.write_frame(replies, reply)


def confine(limits: dict) -> None:
    """Set the limits of this process and its children; they cannot be raised again.

    The memory counts from here on: the address space of imported libraries comes on top.
    """
    sizes = {"FSIZE": limits["disk_mb"] << 20, "CORE": 0, "NOFILE": 512}
    sizes["NPROC"] = limits["processes"]
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            imported = int(file.read().split()[0]) * resource.getpagesize()
        sizes["AS"] = imported + (limits["memory_mb"] << 20)
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")  # where memory runs out, the kernel stops this process first
    for name, size in sizes.items():
        if size is not None:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (size, size))
    os.cpu_count = lambda: CORES  # who starts a process for each core would soon have too many


class Missing(Exception):
    """The cells define nothing of the name that an answer should have."""


class Notebook:
    """One namespace in which cells run, with what notebooks expect to find in it."""

    def __init__(self):
        # The imports that take time, done before a student's code arrives.
        import numpy  # noqa: F401
        import torch

        from coursekit import exercises
        from coursekit.exercises.answers import NotYet, as_function
        from coursekit.exercises.plain import plain
        from coursetools.grading import shell

        exercises.check, exercises.NotYet = check, NotYet  # in a box the package is bare
        import coursekit.checks  # noqa: F401

        shell.compile_eagerly(torch)
        self.shell, self.as_function, self.plain = shell.start(), as_function, plain
        self.answers = {}

    def reply(self, request: dict) -> bytes:
        """The encoded reply to one request, whatever the student's code does short of dying."""
        try:
            value = self.run(**request) if "cell" in request else self.call(**request)
            return codec.encode({"id": request["id"], "value": value})
        except BaseException as error:  # SystemExit and KeyboardInterrupt too
            return codec.encode({"id": request["id"], "error": describe(error)})

    def run(self, id: str, cell: str, name: str) -> None:
        """Run the source of one cell as IPython does; raise what it raised."""
        self.shell.run(cell, name)

    def call(self, id: str, call: str, answer: str, arguments: list):
        """What the answer to exercise `call` returns for `arguments`, as plain values."""
        if call not in self.answers:
            self.answers[call] = self.as_function(self._named(answer))
        return self.plain(self.answers[call](*arguments))

    def _named(self, answer: str):
        try:
            return eval(answer, self.shell.user_ns)
        except NameError:
            raise Missing(f"no cell that ran defines {answer}") from None


def check(number: str, answer: Callable) -> float:
    """Takes the place of `coursekit.exercises.check`: nothing is tested in here."""
    print(f"Exercise {number}: graded later")
    return 0.0


def describe(error: BaseException) -> str:
    """The type and the text of an error, also of one that cannot be printed."""
    try:
        text = str(error)
    except BaseException:
        text = "its text cannot be printed"
    return f"{type(error).__name__}: {text}"[:ERROR_CHARACTERS]
