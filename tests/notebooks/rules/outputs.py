"""Rules for what is stored with any notebook: outputs, figures, metadata, the run's stamp."""

import re

import nbformat

from coursetools.notebooks import stale
from tests.notebooks.rules.reading import alive, code_cells, figures, printed

OUTPUT_LINES = 60
CAPTION_WORDS = 8
MEGABYTES = 3

WIDGET = "application/vnd.jupyter.widget-view+json"
DEBRIS = re.compile(r"Traceback|Warning:|it/s\]|s/it\]|\d+%\||\r|\bat 0x[0-9a-f]{6,}")
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:root|work|tmp|farm|Users|home/\w+)/|site-packages|[A-Z]:\\Users|ipykernel_\d"
)


def no_errors(notebook):
    for number, cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"cell {number}: stored error {output.ename}: {output.evalue[:80]}"


def no_stderr(notebook):
    for number, cell in code_cells(notebook):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield f"cell {number}: stored stderr {output.text.strip()[:80]!r}"


def no_debris(notebook):
    """No warnings, tracebacks, progress bars, widgets or addresses, on stdout neither."""
    for number, cell in code_cells(notebook):
        if any(WIDGET in output.get("data", {}) for output in cell.outputs):
            yield f"cell {number}: a widget in the output; it is dead on a page"
        for match in map(DEBRIS.search, printed(cell)):
            if match:
                yield f"cell {number}: debris in the output: {match.group()!r}"


def no_machine_paths(notebook):
    for number, cell in enumerate(notebook.cells):
        shown = printed(cell) if cell.cell_type == "code" else []
        for match in map(MACHINE_PATH.search, [cell.source, *shown]):
            if match:
                yield f"cell {number}: path of one machine: {match.group()!r}"


def short_outputs(notebook):
    for number, cell in code_cells(notebook):
        count = sum(output.get("text", "").count("\n") for output in cell.outputs)
        if count > OUTPUT_LINES:
            yield f"cell {number}: {count} lines printed; at most {OUTPUT_LINES}"


def tables_complete(notebook):
    """No NaN in a table: an en dash says that there is no value."""
    for number, cell in code_cells(notebook):
        shown = [output.data for output in cell.outputs if "data" in output and not alive(output)]
        texts = [data.get(kind, "") for data in shown for kind in ("text/plain", "text/html")]
        if any(re.search(r"\b(NaN|nan)\b", text) for text in texts):
            yield f"cell {number}: NaN in a table; plots.table writes an en dash"


def figures_described(notebook):
    """Each figure has alt text and a caption where the book reads them, one figure a cell."""
    for number, cell in code_cells(notebook):
        for alt, caption in described(cell):
            if not alt.strip():
                yield f"cell {number}: a figure without alt text; end the cell with show(...)"
            if not caption.strip():
                yield f"cell {number}: a figure without a caption; end the cell with show(...)"
        if len(figures(cell)) > 1:
            yield f"cell {number}: {len(figures(cell))} figures, but a cell has one alt text"


def short_captions(notebook):
    for number, cell in code_cells(notebook):
        for _, caption in described(cell):
            if len(caption.split()) > CAPTION_WORDS:
                yield f"cell {number}: caption of more than {CAPTION_WORDS} words: {caption!r}"


def described(cell):
    """Alt text and caption of each figure, from where the book reads them."""
    book = cell.metadata.get("mystnb", {})
    for _ in figures(cell):
        alt, caption = book.get("image", {}).get("alt"), book.get("figure", {}).get("caption")
        yield alt or "", caption or ""


def images_in_text_described(notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(
            r"!\[\s*\]\(|<img(?![^>]*\balt=[\"'][^\"'])", cell.source
        ):
            yield f"cell {number}: an image in the text without alt text"


def portable_metadata(notebook):
    """Valid, with unique cell ids, for any Python kernel, without state of widgets."""
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        yield "cell ids are missing or not unique"
    elif not nbformat.validator.isvalid(notebook):
        yield "not a valid notebook of format 4.5"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not 'python3'"
    if "widgets" in notebook.metadata:
        yield "the metadata hold the state of widgets"


def small_file(notebook):
    megabytes = len(nbformat.writes(notebook).encode()) / 1e6
    if megabytes > MEGABYTES:
        yield f"{megabytes:.1f} MB; at most {MEGABYTES}: save fewer or smaller figures"


def has_outputs(notebook):
    if not any(cell.outputs for _, cell in code_cells(notebook)):
        yield "no stored outputs; run it: python -m coursetools run"


def run_in_order(notebook):
    counts = [cell.execution_count for _, cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are not 1, 2, 3, ... but {str(counts)[:60]}; run it as a whole"


def fresh(notebook):
    if stale(notebook):
        yield "a code cell changed after the outputs were made; run it again"


def stamped_full(notebook):
    stamp = notebook.metadata.get("coursekit", {})
    missing = {"profile", "device", "versions", "date", "seconds", "fingerprint"} - set(stamp)
    if missing:
        yield f"the stamp of the run lacks {', '.join(sorted(missing))}"
    elif stamp["profile"] != "full":
        yield f"stored outputs come from the profile {stamp['profile']!r}, not 'full'"
