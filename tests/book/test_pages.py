"""The built pages keep every rule of `checkers`, and each rule can be broken."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.book.checkers import CHECKERS, parse

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
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    files = [entry["file"] for c in chapters for entry in [c, *c.get("sections", [])]]
    missing = [f for f in [toc["root"], *files] if not (built_book / f"{f}.html").is_file()]
    assert not missing


def test_a_run_notebook_says_how_its_outputs_were_made(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        stamps = [stamp.get_text() for stamp in parse(page).select("h1 + p.run-stamp")]
        assert len(stamps) == 1, page.name
        assert stamps[0].startswith("Stored outputs: profile "), stamps


def test_notebooks_open_in_colab(built_book):
    for page in sorted((built_book / "notebooks").glob("*.html")):
        links = [link["href"] for link in parse(page).select('a[href*="colab.research"]')]
        assert any(link.endswith(f"/blob/main/notebooks/{page.stem}.ipynb") for link in links)


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
