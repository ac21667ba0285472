"""What all figures share: `show`, their width, the colours of classes.

Used by every chapter.
"""

import io

import matplotlib.pyplot as plt
from IPython.display import Image, display
from matplotlib.figure import Figure

from coursekit.arguments import check_kind, check_texts

# Inches. A figure of this width has its text at the same size on the page as any other of it.
PAGE_WIDTH = 8.4

# Ten colours that stay apart for colour-blind readers: Paul Tol's "muted" scheme.
CLASS_COLOURS = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#777777",
)


def show(figure: Figure, *, alt: str, caption: str) -> None:
    """Display a figure as a PNG with its text alternative and caption, and close it.

    `alt` says what one sees, for readers who do not; `caption` is at most eight words. Both go
    into the output's metadata, from where the book takes them. Raises ValueError when one is
    missing or the caption is too long.
    """
    check_kind("figure", figure, Figure, "a figure of matplotlib")
    check_texts(alt, caption)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    display(
        Image(buffer.getvalue(), format="png"),
        metadata={"coursekit": {"alt": alt, "caption": caption}, "image/png": {"alt": alt}},
    )
