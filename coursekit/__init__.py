"""The readers' library of the course *Learned Representations*: what a chapter imports.

| floor | rooms |
|---|---|
| 0 | `session`, `compat`, `data`, `layers`, `losses`, `metrics` |
| 1 | `models`, `training`, `inspection`, `exercises` |
| 2 | `plots`, `live`, `checks` |

A room imports only from the floors below it; `arguments`, the checks of arguments, lies below all
of them. `python -m coursekit data` finds, fetches and verifies the real data sets. What authors and
graders need is in `coursetools`.
"""
