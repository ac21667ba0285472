"""Figures: small recipes that several chapters draw, and `show`, which every one ends with.

| module | what it holds |
|---|---|
| `figures` | `show`, the width of a page, the colours of classes |
| `images` | rows and mosaics of images, grey or in colour |
| `curves` | learning curves, a panel a term |
| `tables` | `table`: units, arrows, sensible digits |
| `drawings` | `architecture`: networks drawn from their real shapes |
| `audio` | `play`: a row of sounds to listen to |
| `maps` | points in the plane with the names of their classes |
"""

from coursekit.plots.audio import Players, play
from coursekit.plots.curves import learning_curves
from coursekit.plots.drawings import architecture
from coursekit.plots.figures import CLASS_COLOURS, PAGE_WIDTH, show
from coursekit.plots.images import as_images, image_rows, mosaic
from coursekit.plots.maps import scatter_classes
from coursekit.plots.tables import Table, table

__all__ = [
    "Table",
    "CLASS_COLOURS",
    "PAGE_WIDTH",
    "Players",
    "architecture",
    "as_images",
    "image_rows",
    "learning_curves",
    "mosaic",
    "play",
    "scatter_classes",
    "show",
    "table",
]
