"""Valid calls of `coursekit.exercises`."""

from coursekit import exercises
from coursekit.exercises import Exercise, NotYet, Test
from tests.garbage.calls import Call, Fresh


def positive(answer, rng):
    if not answer(float(rng.uniform())) > 0:
        raise NotYet("expected a positive number")


def add(exercise, points, message, name, function):
    exercise.test(points, message, name)(function)
    return exercise.points


TEST = Test("positive", 2, "it is positive", positive)
PUT = {"points": 2, "message": "it is positive", "name": "positive", "function": positive}
TEXT = {"message": "string", "name": "string", "points": "integer huge"}

CALLS = {
    "Exercise": Call(
        Exercise,
        number="02.3",
        title="ROC AUC",
        tests=[TEST],
        accepts={"title": "string", "tests": "empty"},
    ),
    "Exercise.test": Call(
        lambda **put: add(Fresh(lambda: Exercise("02.3", "ROC AUC"))(), **put), **PUT, accepts=TEXT
    ),
    "Test": Call(Test, **PUT, accepts=TEXT),
    "Test.run": Call(
        lambda answer, seed: TEST.run(answer, seed),
        answer=abs,
        seed=0,
        accepts={"seed": "integer zero huge"},
    ),
    "chapters": Call(exercises.chapters),
    "check": Call(exercises.check, number="02.3", answer=lambda scores, labels: 0.5),
    "exercises": Call(exercises.exercises, chapter="02"),
    "find": Call(exercises.find, number="02.3"),
}
EXEMPT = {"NotYet": "an exception", "PUBLIC_SEED": "a constant"}
