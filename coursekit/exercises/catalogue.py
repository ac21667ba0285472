"""All exercises, by chapter and by number; a chapter's module is imported when it is asked for.

Used by the exercises of every chapter.
"""

from importlib import import_module
from pathlib import Path

from coursekit.exercises.exercise import Exercise


def chapters() -> list[str]:
    """Numbers of the chapters that have exercises: ["01", "02", ...]."""
    modules = Path(__file__).parent.glob("chapter_*.py")
    return sorted(path.stem.removeprefix("chapter_") for path in modules)


def exercises(chapter: str) -> dict[str, Exercise]:
    """The autograded exercises of one chapter, by number; ValueError lists the known chapters.

    >>> list(exercises("01"))
    ['01.1', '01.2', '01.3', '01.4']
    """
    if not isinstance(chapter, str) or chapter not in chapters():
        raise ValueError(f"unknown chapter {chapter!r}; known: {', '.join(chapters())}")
    module = import_module(f"coursekit.exercises.chapter_{chapter}")
    found = (value for value in vars(module).values() if isinstance(value, Exercise))
    return {exercise.number: exercise for exercise in found}


def find(number: str) -> Exercise:
    """The exercise with this number; ValueError lists the known numbers.

    >>> find("02.3").title
    'ROC AUC from ranks'
    """
    chapter = str(number).partition(".")[0]
    if isinstance(number, str) and chapter in chapters() and number in exercises(chapter):
        return exercises(chapter)[number]
    known = ", ".join(name for chapter in chapters() for name in exercises(chapter))
    raise ValueError(f"unknown exercise number {number!r}; known: {known}")
