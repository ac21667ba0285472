"""Valid calls of `coursekit.checks`."""

from coursekit.checks import claim, expect
from tests.garbage.calls import Call


def expected(name, value, *, quick, full):
    """Where `expect` finds the value: an AssertionError is its answer, not a complaint."""
    try:
        expect(name, value, quick=quick, full=full)
    except AssertionError:
        return "outside"
    return "inside"


CALLS = {
    "claim": Call(claim, text="one is less than two", condition=True, accepts={"text": "string"}),
    "expect": Call(
        expected,
        name="error",
        value=1.5,
        quick=(1.0, 2.0),
        full=(1.0, 2.0),
        accepts={
            "name": "string",
            "value": "float64 integer negative zero huge",
            "quick": "float64 zero huge",
            "full": "float64 zero huge",
        },
    ),
}
EXEMPT = {"check": "its call is among those of `exercises`"}
