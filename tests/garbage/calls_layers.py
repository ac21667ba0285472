"""Valid calls of `coursekit.layers`."""

CALLS = {}
EXEMPT = {}
