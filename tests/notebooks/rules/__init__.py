"""Rules for committed notebooks: each is a function of a notebook that yields what breaks it."""

from functools import partial

import nbformat

from tests.notebooks.rules import chapters, code, outputs, pages, texts
from tests.notebooks.rules.reading import ROOT

EVERY = [
    outputs.no_errors,
    outputs.no_stderr,
    outputs.no_debris,
    outputs.no_machine_paths,
    outputs.short_outputs,
    outputs.tables_complete,
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
    code.folded_everywhere,
    code.claims_checked,
    code.tags_not_comments,
    code.checked_outputs_stable,
    texts.plain_markdown,
    texts.details_closed,
    texts.citations,
]
LINKED = [texts.links_lead_somewhere]  # these need the notebook's folder
PAGE = [
    pages.starts_first,
    pages.setup_folded,
    pages.words_between_code,
    pages.drawings_apart,
    pages.claims_folded,
]
CHAPTER = [
    chapters.opening,
    chapters.one_hero,
    chapters.questions,
    chapters.living,
    chapters.rhythm,
]
SIZED = [chapters.sections, chapters.size]  # these need the chapter's limits
EXERCISE = [chapters.enough_exercises]


def committed():
    """The notebooks that the rules are for, and the rules for each: {path: rules}."""
    folders = {
        "notebooks/*.ipynb": EVERY + PAGE + CHAPTER,
        "notebooks/exercises/*.ipynb": EVERY + EXERCISE,
        "book/data.ipynb": EVERY + PAGE,
    }
    found = {}
    for glob, rules in folders.items():
        for path in sorted(ROOT.glob(glob)):
            found[path] = rules + [partial(rule, folder=path.parent) for rule in LINKED]
            if rules[-len(CHAPTER) :] == CHAPTER:
                found[path] += [partial(rule, limits=chapters.limits(path)) for rule in SIZED]
    return found


def findings(path, rules):
    """What breaks these rules, one line each: "01_....ipynb: cell 7: ..."."""
    notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))  # as it is, nothing mended
    return [f"{path.name}: {finding}" for rule in rules for finding in rule(notebook)]
