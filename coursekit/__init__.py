"""Support library of the course *Learned Representations*.

Rooms, from the ground floor up: `session`, `compat`, `data`, `models`, `losses`, `metrics`
(floor 0); `training`, `exercises` (1); `plots`, `checks` (2); `grading`, `notebooks` (3) and the
command line (4). A room imports only from the floors below it.
"""
