"""Valid calls of `coursekit.metrics`."""

CALLS = {}
EXEMPT = {}
