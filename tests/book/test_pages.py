"""The built pages keep every rule of `checkers`, and each rule can be broken."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from tests.book.checkers import CHECKERS, parse
from tests.book.contents import chapters, pages

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
BROKEN = {  # what the checker says about fixtures/NAME.html
    "broken_links": ["link to 'nowhere.html': no such file"],
    "missing_anchors": [
        "link to 'good.html#nowhere': no such place on the page",
        "link to '#nowhere': no such place on the page",
    ],
    "poor_alt_texts": [
        "image 'logo.svg': alternative text ''",
        "image 'logo.svg': alternative text ''",
        "image 'logo.svg': alternative text '../_images/figure.png'",
        "image 'logo.svg': alternative text 'c0ffee254729296a45a3885639ac7e10'",
    ],
    "missing_images": ["image 'nowhere.png': no such file"],
    "external_resources": [
        "<script> loads 'https://example.org/x.js'",
        "<img> loads '//example.org/x.png'",
        "<link> loads 'https://example.org/x.css'",
    ],
    "duplicate_ids": ["id 'twice' stands 2 times"],
    "heading_order": ["headings start at h2 and have 2 h1", "heading 'Deep': h4 follows h1"],
}


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.__name__)
def test_every_built_page(checker, built_book):
    problems = [
        f"{page.relative_to(built_book)}: {problem}"
        for page in sorted(built_book.rglob("*.html"))
        if "_static" not in page.parts
        for problem in checker(page)
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.__name__)
def test_a_checker_goes_red_on_a_bad_page_and_not_on_a_good_one(checker):
    assert checker(FIXTURES / f"{checker.__name__}.html") == BROKEN[checker.__name__]
    assert checker(FIXTURES / "good.html") == []


def test_a_redirect_counts_as_a_link():
    broken_links = CHECKERS[0]
    assert broken_links(FIXTURES / "redirect.html") == ["link to 'gone/index.html': no such file"]


def test_every_page_of_the_table_of_contents_is_built(built_book):
    assert not [name for name in pages() if not (built_book / f"{name}.html").is_file()]


def test_a_run_notebook_says_how_its_outputs_were_made(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        stamps = [stamp.get_text() for stamp in parse(page).select("p.run-stamp")]
        assert len(stamps) == 1, page.name
        assert stamps[0].startswith("Stored outputs: profile "), stamps


def test_notebooks_open_in_colab(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        links = [link["href"] for link in parse(page).select('a[href*="colab.research"]')]
        assert any(link.endswith(f"/blob/main/notebooks/{page.stem}.ipynb") for link in links)


def test_each_written_chapter_has_a_card_with_its_hero(built_book):
    landing = built_book / "book" / "index.html"
    cards = {c.select_one("a")["href"]: c for c in parse(landing).select(".chapter-cards .sd-card")}
    assert list(cards) == [f"../{name}.html" for name in chapters()]
    for address, card in cards.items():
        heading = parse(landing.parent / address).select_one("article h1").get_text().rstrip("#")
        assert card.select_one(".sd-card-title").get_text(strip=True) == heading
        assert card.select_one("p.sd-card-text").get_text(strip=True).endswith(".")
        picture, number = card.select_one("img.sd-card-img-top"), Path(address).name[:2]
        hero = ROOT / "book" / "_static" / "heroes" / f"{number}.png"
        assert (landing.parent / picture["src"]).read_bytes() == hero.read_bytes()
        assert len(picture["alt"].split()) >= 4


def test_the_landing_page_opens_onto_chapter_01(built_book):
    following = parse(built_book / "book" / "index.html").select_one("a.right-next")
    assert following["href"] == "../notebooks/01_dimensionality_reduction.html"


def test_claims_are_part_of_the_text(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        assert parse(page).select("ul.claims > li"), page.name
        printed = [block.get_text() for block in parse(page).select(".cell_output pre")]
        assert not [text for text in printed if "✓ " in text], page.name


def test_a_table_has_one_header_row(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        for table in parse(page).select(".cell_output table"):
            assert len(table.select("thead tr")) == 1, (page.name, table.thead)


def test_the_map_leads_to_every_chapter(built_book):
    links = parse(built_book / "book" / "index.html").select(".chapter-map a")
    assert [link["aria-label"][:10].rstrip(",") for link in links] == [
        f"Chapter {number}" for number in range(1, 12)
    ]
    for link in links:
        ready = link["href"].startswith("../notebooks/")
        assert link["class"] == ["ready" if ready else "planned"], link["href"]


def test_pages_and_readme_name_the_address_of_the_course():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for page in [ROOT / "README.md", *sorted((ROOT / "book").glob("*.md"))]:
        for found in re.findall(r"https://github\.com/[\w-]+/[\w-]+", page.read_text()):
            assert found == project["urls"]["Repository"], page.name


def test_every_page_says_where_it_stands(built_book):
    home = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Documentation"]
    addresses = {f"{home}{name}.html" for name in pages()}
    sitemap = (built_book / "sitemap.xml").read_text()
    listed = set(re.findall("<loc>(.*?)</loc>", sitemap))
    assert addresses <= listed and "lastmod" not in sitemap
    for address in addresses:
        page = parse(built_book / address.removeprefix(home))
        assert page.select_one('link[rel="canonical"]')["href"] == address
        assert page.select_one('meta[property="og:url"]')["content"] == address


def test_every_room_of_the_library_has_a_page_with_its_public_names(built_book):
    for room in sorted(path.parent.name for path in ROOT.glob("coursekit/*/__init__.py")):
        if room in ("arguments", "exercises"):  # no chapter calls them by itself
            continue
        page = parse(built_book / "book" / "library" / f"{room}.html")
        shown = {entry["id"] for entry in page.select("dt.sig[id]")}
        names = importlib.import_module(f"coursekit.{room}").__all__
        assert {f"coursekit.{room}.{name}" for name in names} - shown <= constants(room), room


def constants(room):
    """Public names that are no functions or classes, which autodoc leaves out."""
    face = importlib.import_module(f"coursekit.{room}")
    return {f"coursekit.{room}.{n}" for n in face.__all__ if not callable(getattr(face, n))}


def test_names_in_the_code_of_a_chapter_lead_to_the_library(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        links = {link["href"] for link in parse(page).select("a.sphinx-codeautolink-a")}
        for name in ("checks.claim", "session.start", "models.Autoencoder", "training.fit"):
            assert any(link.endswith(f"#coursekit.{name}") for link in links), (page.name, name)
