"""Figures: small recipes that several chapters draw, and `show`, which every one ends with."""

import io

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import Image, display
from matplotlib.ticker import MaxNLocator

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


def show(figure, *, alt, caption):
    """Display a figure as a PNG with its text alternative and caption, and close it.

    `alt` says what one sees, for readers who do not; `caption` is at most eight words. Both go
    into the output's metadata, from where the book takes them. Raises ValueError when one is
    missing or the caption is too long.
    """
    if len(alt.split()) < 4:
        raise ValueError(f"alt must say what the figure shows, got {alt!r}")
    if not 1 <= len(caption.split()) <= 8:
        raise ValueError(f"caption must have one to eight words, got {caption!r}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    display(
        Image(buffer.getvalue(), format="png"),
        metadata={"coursekit": {"alt": alt, "caption": caption}, "image/png": {"alt": alt}},
    )


def image_rows(rows, *, title=None, size=0.62, vmax=1.0):
    """Rows of small images under each other: {"original": (N, 1, 28, 28) or (N, 784), ...}.

    The row names stand at the left. Values are drawn from 0 (white) to `vmax` (black).
    """
    n = max(len(images) for images in rows.values())
    width = n * size + 0.1 * max(map(len, rows)) + 0.2
    figure, axes = plt.subplots(
        len(rows),
        n,
        figsize=(width, len(rows) * size + (0.4 if title else 0.1)),
        squeeze=False,
        layout="constrained",
    )
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.05, wspace=0.02, hspace=0.02)
    for axis in axes.flat:
        axis.axis("off")
    for (name, images), line in zip(rows.items(), axes):
        for axis, image in zip(line, as_images(images)):
            axis.imshow(image, vmin=0, vmax=vmax, cmap="gray_r")
        line[0].text(
            -0.15, 0.5, name, transform=line[0].transAxes, ha="right", va="center", fontsize=9
        )
    if title:
        figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def as_images(images):
    """(N, 1, H, W) or (N, H * W) tensors as a NumPy array (N, H, W) of square images."""
    images = torch.as_tensor(images).detach().cpu()
    side = int(round(images[0].numel() ** 0.5)) if len(images) else 1
    return images.reshape(len(images), side, side).numpy()


def scatter_classes(axis, points, labels, *, title, names=None, size=4):
    """A map (N, 2) with one colour and one legible name a class, written at its median."""
    points, labels = (torch.as_tensor(part).detach().cpu().numpy() for part in (points, labels))
    for k in np.unique(labels):
        own, colour = points[labels == k], CLASS_COLOURS[k % 10]
        axis.scatter(*own.T, s=size, color=colour, linewidths=0, alpha=0.6, rasterized=True)
        axis.annotate(
            names[k] if names else str(k),
            np.median(own, axis=0),
            ha="center",
            va="center",
            fontsize=10,
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": colour, "alpha": 0.85},
        )
    axis.set(title=title, xlabel="first coordinate", ylabel="second coordinate")


def learning_curves(histories, *, ylabel, column="loss", title="Learning curves"):
    """One line a run: solid for training, dashed for validation where there is one."""
    figure, axis = plt.subplots()
    for i, (name, history) in enumerate(histories.items()):
        axis.plot(history.index, history[column], color=f"C{i}", label=name)
        if f"validation {column}" in history:
            axis.plot(history.index, history[f"validation {column}"], "--", color=f"C{i}")
    axis.set(title=title, xlabel="epoch", ylabel=ylabel)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend()
    return figure
