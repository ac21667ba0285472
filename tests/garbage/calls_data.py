"""Valid calls of `coursekit.data`."""

CALLS = {}
EXEMPT = {}
