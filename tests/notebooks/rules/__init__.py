"""Rules for committed notebooks: each is a function of a notebook that yields what breaks it."""

import nbformat

from tests.notebooks.rules import chapters, code, outputs
from tests.notebooks.rules.code import ROOT

EVERY = [
    outputs.no_errors,
    outputs.no_stderr,
    outputs.no_debris,
    outputs.no_machine_paths,
    outputs.short_outputs,
    outputs.figures_described,
    outputs.short_captions,
    outputs.images_in_text_described,
    outputs.portable_metadata,
    outputs.small_file,
    outputs.has_outputs,
    outputs.run_in_order,
    outputs.fresh,
    outputs.stamped_full,
    code.short_cells,
    code.short_lines,
    code.installs_first,
    code.claims_checked,
    code.checked_outputs_stable,
]
PAGE = [chapters.starts_first, chapters.words_between_code]
CHAPTER = [chapters.opening, chapters.sections, chapters.length, chapters.makes_claims]
EXERCISE = [chapters.enough_exercises]


def committed():
    """The notebooks that the rules are for, and the rules for each: {path: rules}."""
    folders = {
        "notebooks/*.ipynb": EVERY + PAGE + CHAPTER,
        "notebooks/exercises/*.ipynb": EVERY + EXERCISE,
        "book/data.ipynb": EVERY + PAGE,
    }
    return {path: rules for glob, rules in folders.items() for path in sorted(ROOT.glob(glob))}


def findings(path, rules):
    """What breaks these rules, one line each: "01_....ipynb: cell 7: ..."."""
    notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))  # as it is, nothing mended
    return [f"{path.name}: {finding}" for rule in rules for finding in rule(notebook)]
