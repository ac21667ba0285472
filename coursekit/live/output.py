"""The output of a living figure: HTML with a still, a script and its data, all in one piece.

The HTML holds a still picture; the script builds the controls beside it and hides it. Where
scripts are stripped or missing, and in print, the still remains; the same picture is the output's
PNG, for PDF. Nothing is fetched: a page opens from a file, and Colab shows each output alone.

Used by chapters 01 and 02; for 03 and 04.
"""

import base64
import hashlib
import html
import io
import json
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

HERE = Path(__file__).parent
SHARED = ("arrays", "page", "canvas")
MOST = 400_000  # characters of HTML: a chapter with three figures stays under 3 MB


def put(
    kind: str, data: dict, *, parts: tuple[str, ...] = (), figure: Figure, alt: str, caption: str
) -> None:
    """Display the living figure `kind` with its `data`, and `figure` as the still in it.

    The script is that of `parts`, for example ("network",), and of `kind`, whose function of the
    same name gets the HTML element and the data. Alt text and caption go where `plots.show` puts
    them. Raises ValueError for a figure of more than 400,000 characters.
    """
    still = _png(figure)
    page = _page(kind, data, parts, still, alt, caption)
    if len(page) > MOST:
        raise ValueError(
            f"a living figure has at most {MOST} characters, this one {len(page)}; "
            "take a smaller network, fewer points or frames"
        )
    display(
        {"text/html": page, "image/png": still, "text/plain": alt},
        raw=True,
        metadata={"coursekit": {"alt": alt, "caption": caption}, "image/png": {"alt": alt}},
    )


def script(*parts: str) -> str:
    """The source of the given scripts, one after the other."""
    return "\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in parts)


def _png(figure):
    """The figure as a PNG of 64 colours, a third of the size of one with all."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    plt.close(figure)
    small = io.BytesIO()
    Image.open(buffer).convert("RGB").quantize(64).save(small, "png", optimize=True)
    return small.getvalue()


def _page(kind, data, parts, still, alt, caption):
    """The HTML. Its id is a hash of the data: the same in every run that has the same data."""
    payload = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    name = f"living-{hashlib.sha256(f'{kind}{payload}'.encode()).hexdigest()[:10]}"
    picture = base64.b64encode(still).decode()
    style = (HERE / "living.css").read_text(encoding="utf-8")
    return (
        f"<style>\n{style}</style>\n"
        f'<figure class="living" id="{name}" aria-label="{html.escape(alt)}">'
        f'<img class="still" alt="{html.escape(alt)}" src="data:image/png;base64,{picture}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>\n"
        f'<script>\n(() => {{\n"use strict";\n{script(*SHARED, *parts, kind)}\n'
        f'document.querySelectorAll("#{name}:not(.alive)").forEach((root) => {{\n'
        f'root.classList.add("alive");\n{kind}(root, {payload});\n}});\n}})();\n</script>'
    )
