"""Valid calls of `coursekit.checks`."""

CALLS = {}
EXEMPT = {}
