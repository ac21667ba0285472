"""Valid calls of `coursekit.session`."""

CALLS = {}
EXEMPT = {}
