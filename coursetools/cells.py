"""The cells of a notebook: their syntax, and what a run writes into them beside the outputs."""

import ast

from IPython.core.inputtransformer2 import TransformerManager


def tags(cell) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", []))


def syntax(cell) -> ast.Module:
    """The syntax tree of a code cell, with IPython's own lines (%pip, !ls) as calls."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def calls(cell, *names: str) -> list[ast.Call]:
    """The calls of functions of these names in a code cell, in the order of the source."""
    found = [
        node
        for node in ast.walk(syntax(cell))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", None)) in names
    ]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def picture(cell):
    """The output that is a picture and no more; None without. A living figure is HTML as well."""
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data and "text/html" not in data:
            return output
    return None


def join_streams(cell) -> None:
    """Join what was printed in a row; where the kernel cut it depends on the moment."""
    joined = []
    for output in cell.outputs:
        if joined and output.get("name") and output.get("name") == joined[-1].get("name"):
            joined[-1].text += output.text
        else:
            joined.append(output)
    cell.outputs = joined


def label_figure(cell, stem: str) -> None:
    """Copy alt text and caption from where `plots.show` left them to where the book reads them.

    So does a living figure; the book hides the caption in its HTML behind the numbered one.
    """
    book = dict(cell.metadata.pop("mystnb", {}))
    label = book.pop("figure", {}).get("name", f"fig-{stem}-{cell.id}".replace("_", "-"))
    book.pop("image", None)
    for output in cell.outputs:
        if texts := output.get("metadata", {}).get("coursekit"):
            book["image"] = {"alt": texts["alt"]}
            book["figure"] = {"caption": texts["caption"], "name": label}
    if book:
        cell.metadata["mystnb"] = book


def fold(cell) -> None:
    """Fold a cell tagged `hide-input` in Colab and JupyterLab too, and unfold any other."""
    lab = dict(cell.metadata.pop("jupyter", {}))
    lab.pop("source_hidden", None)
    cell.metadata.pop("cellView", None)
    if "hide-input" in tags(cell):
        cell.metadata["cellView"] = "form"
        lab["source_hidden"] = True
    if lab:
        cell.metadata["jupyter"] = lab
