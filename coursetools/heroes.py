"""The hero of a chapter: its best picture, made by the cell tagged `hero`.

The landing page shows it as the chapter's card.
"""

import base64
import io

from PIL import Image

from coursetools.cells import picture, tags

WIDTH = 1200  # pixels, at most


def heroes(notebook) -> list:
    """Pairs (number, cell) of the cells tagged `hero`."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and "hero" in tags(cell)
    ]


def problems(notebook) -> list[str]:
    """Why the hero cannot be stored: two of them, or one without a picture."""
    found = heroes(notebook)
    if len(found) > 1:
        numbers = ", ".join(str(number) for number, _ in found)
        return [f"cells {numbers} are tagged hero; a chapter has one hero"]
    return [
        f"cell {number} is tagged hero and shows no picture; end it with show(...)"
        for number, cell in found
        if not picture(cell)
    ]


def png(notebook) -> bytes | None:
    """The hero as a PNG of at most 1200 pixels in width; None for a notebook without."""
    for _, cell in heroes(notebook):
        image = Image.open(io.BytesIO(base64.b64decode(picture(cell).data["image/png"])))
        image = image.convert("RGBA")  # a palette could not be scaled smoothly
        image.thumbnail((WIDTH, image.height), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        image.save(file, "png", optimize=True)
        return file.getvalue()
    return None
