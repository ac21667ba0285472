"""Valid calls of `coursekit.plots`."""

CALLS = {}
EXEMPT = {}
