"""Valid calls of `coursekit.inspection`."""

CALLS = {}
EXEMPT = {}
