"""Valid calls of `coursekit.training`."""

CALLS = {}
EXEMPT = {}
