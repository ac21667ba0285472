"""Checks of built HTML pages: each takes a page and returns its problems, a sentence each."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

FILE_NAME = re.compile(r"\.(png|jpe?g|svg|gif|webp)$|[0-9a-f]{16}|_images/", re.IGNORECASE)
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "import"}
LOADING = ("script", "img", "iframe", "audio", "video", "source", "embed", "input", "track")


@cache
def parse(page: Path) -> BeautifulSoup:
    """The parsed page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a #fragment may point to."""
    named = parse(page).select("[id], a[name]")
    return frozenset(element.get("id") or element["name"] for element in named)


def internal_links(page: Path):
    """(href, target file, fragment) of the links that stay within the book."""
    for link in parse(page).select("a[href], area[href]"):
        parts = urlsplit(link["href"])
        if not parts.scheme and not parts.netloc:
            target = page.parent / unquote(parts.path) if parts.path else page
            yield link["href"], target, unquote(parts.fragment)


def broken_links(page: Path) -> list[str]:
    """Links to files that do not exist, or to folders: from file:// a folder is no page.

    The target of a redirecting page is a link too.
    """
    hrefs = [(href, target) for href, target, _ in internal_links(page)]
    for meta in parse(page).select('meta[http-equiv="Refresh" i]'):
        address = meta["content"].partition("url=")[2]
        hrefs.append((address, page.parent / address))
    return [f"link to {href!r}: no such file" for href, target in hrefs if not target.is_file()]


def missing_anchors(page: Path) -> list[str]:
    """Links to a #fragment that the target page does not have."""
    return [
        f"link to {href!r}: no such place on the page"
        for href, target, fragment in internal_links(page)
        if fragment
        and target.suffix == ".html"
        and target.is_file()
        and fragment not in anchors(target)
    ]


def poor_alt_texts(page: Path) -> list[str]:
    """Images whose alternative text is missing, empty, or the name of a file."""
    problems = []
    for image in parse(page).select("img"):
        alt = image.get("alt", "").strip()
        if not alt or FILE_NAME.search(alt):
            problems.append(f"image {image.get('src', '')[-60:]!r}: alternative text {alt!r}")
    return problems


def missing_images(page: Path) -> list[str]:
    """Local images that are not on disk."""
    sources = [image["src"] for image in parse(page).select("img[src]")]
    local = [source for source in sources if not urlsplit(source).scheme]
    return [
        f"image {source!r}: no such file"
        for source in local
        if not (page.parent / unquote(urlsplit(source).path)).is_file()
    ]


def external_resources(page: Path) -> list[str]:
    """Scripts, styles, pictures and frames that a browser would load from another host."""
    elements = [(e, e["src"]) for e in parse(page).select(",".join(f"{t}[src]" for t in LOADING))]
    elements += [
        (e, e["href"])
        for e in parse(page).select("link[href]")
        if LOADED_LINKS & set(e.get("rel", []))
    ]
    return [
        f"<{element.name}> loads {address!r}"
        for element, address in elements
        if urlsplit(address).netloc
    ]


def duplicate_ids(page: Path) -> list[str]:
    """Ids that stand more than once on the page."""
    ids = [element["id"] for element in parse(page).select("[id]")]
    return [
        f"id {name!r} stands {ids.count(name)} times"
        for name in sorted(set(ids))
        if ids.count(name) > 1
    ]


def heading_order(page: Path) -> list[str]:
    """An article has one h1, which comes first, and no heading skips a level."""
    headings = parse(page).select("article :is(h1, h2, h3, h4, h5, h6)")
    levels = [int(heading.name[1]) for heading in headings]
    problems = []
    if levels and (levels[0] != 1 or levels.count(1) != 1):
        problems.append(f"headings start at h{levels[0]} and have {levels.count(1)} h1")
    for above, level, heading in zip(levels, levels[1:], headings[1:]):
        if level > above + 1:
            problems.append(f"heading {heading.get_text()!r}: h{level} follows h{above}")
    return problems


CHECKERS = (
    broken_links,
    missing_anchors,
    poor_alt_texts,
    missing_images,
    external_resources,
    duplicate_ids,
    heading_order,
)
