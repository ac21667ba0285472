"""A stand-in for a box, whose answers are functions of the test's own process."""

from coursekit.exercises.codec import decode, encode
from coursetools.grading.box import Stopped


class Box:
    """Stands for a box: `answers` by exercise and `cells` are functions that run in here."""

    def __init__(self, answers, cells=None):
        self.answers, self.cells, self.ran, self.open = answers, cells or {}, [], True

    def wait(self):
        pass

    def request(self, message, deadline):
        assert self.open and decode(encode(message))
        self.ran.append(message.get("call") or message["name"])
        try:
            if "cell" in message:
                return {"value": self.cells.get(message["name"], lambda: None)()}
            assert message["answer"] == {"02.1": "double", "02.2": "total"}[message["call"]]
            return {"value": self.answers[message["call"]](*message["arguments"])}
        except Stopped:
            self.open = False
            raise
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def close(self):
        self.open = False


RIGHT = {"02.1": lambda x: 2 * x, "02.2": lambda x: float(sum(x))}


def fail(error):
    def function(*arguments):
        raise error

    return function
