"""What the table of contents holds, as names of pages without their ending."""

from pathlib import Path

import yaml

TOC = Path(__file__).parents[2] / "_toc.yml"


def pages():
    """Every page in its order, the landing page first."""
    toc = yaml.safe_load(TOC.read_text())
    entries = [entry for part in toc["parts"] for entry in part["chapters"]]
    below = [[entry, *entry.get("sections", [])] for entry in entries]
    return [toc["root"], *(entry["file"] for group in below for entry in group)]


def chapters():
    """The written chapters."""
    return [name for name in pages() if name.startswith("notebooks/")]
