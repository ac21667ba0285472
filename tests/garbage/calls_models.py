"""Valid calls of `coursekit.models`."""

CALLS = {}
EXEMPT = {}
