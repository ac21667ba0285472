"""Valid calls of `coursekit.exercises`."""

CALLS = {}
EXEMPT = {}
