"""Rules for the text of any notebook: plain Markdown, links that lead somewhere, citations."""

import re
from urllib.parse import unquote, urlsplit

from pybtex.database import parse_file

from tests.notebooks.rules.reading import ROOT, text_cells, tokens

TAGS = {"details", "summary", "br", "sub", "sup"}
PAPERS = "doi.org", "dx.doi.org", "arxiv.org", "www.arxiv.org"
ENTRIES = parse_file(str(ROOT / "book" / "references.bib")).entries


def plain_markdown(notebook):
    """What the book, Colab, GitHub and Jupyter all show: no role, no directive, no raw HTML."""
    for number, cell in text_cells(notebook):
        for match in re.findall(r"\{[a-z][\w:+.-]*\}(?=`)", cell.source):
            yield f"cell {number}: the role {match}, which only the book knows"
        for match in re.findall(r"^\s*((?:`{3,}|~{3,}|:{3,})\s*\{[^}]*\})", cell.source, re.M):
            yield f"cell {number}: the directive {match}, which only the book knows"
        for name in re.findall(r"</?([a-zA-Z][\w-]*)", html(cell)):
            if name.lower() not in TAGS:
                yield f"cell {number}: HTML <{name}>; only {', '.join(sorted(TAGS))} are plain"


def details_closed(notebook):
    """What folds begins with its summary and ends in the same cell."""
    for number, cell in text_cells(notebook):
        marks = re.findall(r"<(/?)details\b", html(cell))
        depths = [sum(-1 if mark else 1 for mark in marks[:n]) for n in range(len(marks) + 1)]
        if min(depths) < 0 or depths[-1]:
            yield f"cell {number}: <details> and </details> are not in balance"
        if re.search(r"<details[^>]*>\s*(?!\s|<summary>\s*[^\s<])", html(cell)):
            yield f"cell {number}: <details> does not begin with a <summary> of some words"


def links_lead_somewhere(notebook, folder=ROOT / "notebooks"):
    """A link within the course names a file that is there, relative to the notebook."""
    for number, _, target in links(notebook):
        address = urlsplit(target)
        if address.scheme or address.netloc or not address.path:
            continue
        file = folder / unquote(address.path)
        if file.suffix not in (".ipynb", ".md") or not file.is_file():
            yield f"cell {number}: {target} is no notebook or page of the course"


def citations(notebook):
    """A link to a paper is in the bibliography, and names its first author and year."""
    for number, text, target in links(notebook):
        entry = KNOWN.get(work(target))
        if entry is None and urlsplit(target).netloc.lower() in PAPERS:
            yield f"cell {number}: {target} is not in book/references.bib"
        if entry is not None:
            name, year = first_author(entry), entry.fields["year"]
            if not text.startswith(name) or not re.search(rf"\b{year}\b", text):
                yield f"cell {number}: [{text}] leads to {name} {year}"


def html(cell):
    """The raw HTML of a text cell."""
    found = tokens(cell.source)
    return "\n".join(t.content for t in found if t.type in ("html_block", "html_inline"))


def links(notebook):
    """Triples (cell number, text, address) of the links and pictures of the text cells."""
    for number, cell in text_cells(notebook):
        inside = None
        for token in tokens(cell.source):
            if token.type == "link_open":
                inside = [token.attrGet("href"), ""]
            elif token.type == "link_close":
                yield number, inside[1], inside[0]
                inside = None
            elif token.type == "image":
                yield number, token.content, token.attrGet("src")
            elif inside:
                inside[1] += " " if token.type == "softbreak" else token.content


def work(address):
    """What an address names, however it is written: a DOI, a number of arXiv, or a page."""
    parts = urlsplit(unquote(address))
    host, path = parts.netloc.lower().removeprefix("www."), parts.path.strip("/")
    if host in ("doi.org", "dx.doi.org"):
        if path.lower().startswith("10.48550/arxiv."):
            return "arxiv", path.lower().removeprefix("10.48550/arxiv.")
        return "doi", path.lower() + (f"?{parts.query}" if parts.query else "")
    if host == "arxiv.org":
        return "arxiv", re.sub(r"^(abs|pdf|html)/|v\d+$|(v\d+)?\.pdf$", "", path)
    return host, f"{path}?{parts.query}"


def addresses(entry):
    """All that an entry of the bibliography is known by."""
    fields = entry.fields
    if "doi" in fields:
        yield work(f"https://doi.org/{fields['doi']}")
    if "eprint" in fields:
        yield work(f"https://arxiv.org/abs/{fields['eprint']}")
    if "url" in fields:
        yield work(fields["url"])


def first_author(entry):
    """The family name of the first author, as it is printed."""
    author = entry.persons["author"][0]
    return " ".join(map(str, [*author.rich_prelast_names, *author.rich_last_names]))


KNOWN = {address: entry for entry in ENTRIES.values() for address in addresses(entry)}
