"""The assignment that submissions answer: the author's notebook and the tests of its tasks."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from coursekit import exercises
from coursekit.exercises import Exercise
from coursetools.grading import author
from coursetools.grading.author import Task
from coursetools.grading.intake import Submission

MARKER = re.compile(rb"exercise ([0-9]{2}\.[0-9]{1,3}), keep this line")


@dataclass(frozen=True)
class Assignment:
    """One chapter's exercises: the author's notebook at `source` and its tasks."""

    chapter: str
    source: Path
    notebook: NotebookNode
    tasks: list[Task]

    @property
    def exercises(self) -> dict[str, Exercise]:
        """The tests of the autograded tasks, by number, in the notebook's order."""
        return {task.number: exercises.find(task.number) for task in self.tasks if task.check}

    @property
    def open(self) -> list[Task]:
        """The tasks that a person marks."""
        return [task for task in self.tasks if not task.check]

    @property
    def possible(self) -> int:
        """The most points that the autograded tasks give."""
        return sum(exercise.points for exercise in self.exercises.values())


def load(source: str | Path) -> Assignment:
    """The assignment of the author's notebook `source`.

    Raises ValueError where there is no such file or it breaks a rule of author's notebooks.
    """
    source = Path(source)
    if not source.is_file():
        raise ValueError(
            f"no author's notebook {source}; name one like notebooks/exercises/01_....ipynb"
        )
    return Assignment(source.name[:2], source, *author.read(source))


def detect(submissions: Iterable[Submission], root: Path) -> Path:
    """The author's notebook under `root` that most submissions answer.

    A submission has one vote: for the chapter of most of its marker lines, else for the
    notebook whose name its file has. Raises ValueError when there is no vote or a tie.
    """
    sources = {path.name[:2]: path for path in sorted(root.glob("notebooks/exercises/*.ipynb"))}
    votes = Counter(_vote(submission, sources) for submission in submissions)
    del votes[None]
    most = [chapter for chapter, count in votes.items() if count == max(votes.values())]
    if len(most) == 1:
        return sources[most[0]]
    found = "no submission has a line like '# exercise 01.2, keep this line'"
    if most:
        found = f"chapters {' and '.join(sorted(most))} have equally many submissions"
    names = ", ".join(path.name for path in sources.values()) or "(none here)"
    raise ValueError(f"{found}; name the author's notebook with --source: {names}")


def _vote(submission: Submission, sources: dict[str, Path]) -> str | None:
    """The chapter in `sources` that one submission answers."""
    numbers = {number.decode() for number in MARKER.findall(submission.content or b"")}
    chapters = Counter(number[:2] for number in numbers if number[:2] in sources)
    if chapters:
        return chapters.most_common(1)[0][0]
    return next((key for key, path in sources.items() if path.stem in submission.file), None)
