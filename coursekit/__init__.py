"""Support library of the course *Learned Representations*.

Rooms, from the ground floor up: `session`, `data`, `models`, `losses`, `metrics` (floor 0);
`training` (1); `plots`, `checks`, `exercises` (2); `grading`, `notebooks` and the command
line (3). A room imports only from the floors below it.
"""
