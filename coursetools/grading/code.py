"""A student's code in a box: it is loaded, called, and loaded once more where it stops the box."""

import math
import time
from collections.abc import Callable

from coursetools.grading.box import Box, Limits, Stopped
from coursetools.grading.transplant import Transplant

STUB = "NotImplementedError: "  # as the box reports what a stub raises
BOXES = 2  # the first, and one more where the code stops it


class AnswerError(Exception):
    """The student's code raised an exception when it was called; the text is that one's."""


class Code:
    """A student's code in a box, and in one more box where it stops the first.

    `stops` are the deaths and hangs so far, `errors` the exceptions of cells by their number.
    """

    def __init__(self, limits: Limits, start: Callable[[], Box], box: Box | None):
        self.limits, self.start, self.box = limits, start, box
        self.stops, self.errors, self.skipped = [], {}, set()
        self.loaded = False

    def open(self, parts: Transplant, deadline: float = math.inf) -> None:
        """Take the code; from when the box is warm on, the total time counts, to `deadline`."""
        self.parts = parts
        self.box = self.box or self.start()
        self.box.wait()
        self.deadline = min(deadline, time.monotonic() + self.limits.total_seconds)

    def runs(self) -> bool:
        """Whether there is a box in which the cells have run; starts the second if need be."""
        while not self.loaded:
            if self.box is None:
                if len(self.stops) == BOXES or time.monotonic() >= self.deadline:
                    return False
                self.box = self.start()
                self.box.wait()
            self._load()
        return True

    def _load(self) -> None:
        """Run the cells, except for one at which a box stopped; an error ends only its cell."""
        for number, cell in enumerate(self.parts.cells, 1):
            if number in self.skipped:
                continue
            try:
                reply = self._ask({"cell": cell, "name": f"cell {number}"}, f"code cell {number}")
            except Stopped:
                self.skipped.add(number)
                return
            if reply.get("error", STUB) != STUB:
                self.errors[number] = reply["error"]
        self.loaded = True

    def call(self, number: str, arguments: tuple):
        """What the answer to an exercise returns; AnswerError with its exception, or Stopped."""
        message = {"call": number, "answer": self.parts.names[number]}
        reply = self._ask(message | {"arguments": list(arguments)}, f"exercise {number}")
        if "error" in reply:
            raise AnswerError(reply["error"])
        return reply["value"]

    def _ask(self, message: dict, where: str) -> dict:
        if self.box is None:  # a test that goes on after its answer was stopped
            raise self.stops[-1]
        deadline = min(self.deadline, time.monotonic() + self.limits.call_seconds)
        try:
            return self.box.request(message, deadline)
        except Stopped as stop:
            self.stops.append(Stopped(stop.verdict, f"{where}: {stop}"))
            self.box, self.loaded = None, False
            raise self.stops[-1] from None

    def close(self) -> None:
        """Close the box that is still open."""
        if self.box:
            self.box.close()
