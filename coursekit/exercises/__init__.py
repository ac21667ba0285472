"""Exercises: what each answer is tested for, and `check`, which tells the reader.

| module | what it holds |
|---|---|
| `exercise` | `Exercise` and `Test`: requirements of an answer, with their points |
| `catalogue` | `chapters`, `exercises` and `find`: all exercises by chapter and number |
| `checking` | `check`: the reader's verdict, on inputs that follow from `PUBLIC_SEED` |
| `calls` | an answer's last call, as `check` shows it |
| `brief` | a value in one short line |
| `answers` | reading an answer: plain numbers of the right shape, or `NotYet` with a reason |
| `by_hand` | `ask`: tests of numbers that are found with pen and paper |
| `bottleneck` | probes that tell whether only a narrow code reaches an output |
| `codec` | plain values as bytes, in which a grader's box passes them on |
| `plain` | what a test sees of what an answer returned, in `check` and in a grader |
| `chapter_01`, ... | the exercises of one chapter |

A test is a function `test(answer, rng)`: it draws its inputs from the NumPy generator `rng`, calls
`answer` with plain arrays and Python numbers, gets the same back, and raises `NotYet` with a reason
when the answer is wrong. So one test serves both `check`, with a public seed in the reader's own
notebook, and a grader, with a secret seed in a process of its own.

Used by the exercises of every chapter.
"""

from coursekit.exercises.answers import NotYet
from coursekit.exercises.catalogue import chapters, exercises, find
from coursekit.exercises.checking import PUBLIC_SEED, check
from coursekit.exercises.exercise import Exercise, Test

__all__ = ["PUBLIC_SEED", "Exercise", "NotYet", "Test", "chapters", "check", "exercises", "find"]
