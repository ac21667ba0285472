"""Living figures on the pages of the book: they answer to mouse, keys and touch, in its theme."""

import re

import pytest

from tests.book.browser import DESKTOP, PHONE, Look
from tests.book.contents import TOC, chapters, pages
from tests.live.figures import KINDS
from tests.live.pages import PICTURE, SEEN

pytestmark = pytest.mark.browser

EVERY_KIND = "notebooks/every-kind"  # a page of this test alone
MARK = 'class="living"'
FIGURE = MARK.replace('"', r"\"")  # in the JSON of a notebook
CHANGED = f"([r, before]) => ({PICTURE})(r) !== before"
# what a pointer takes hold of: a plane, else the first button
HANDLE = ".plane:not(.still-pad), button"
SLIDER = "input[type=range], input:checked"


def every_kind(built_book):
    """The first chapter with a figure of each kind at its end, as MyST-NB sets outputs."""
    cells = "".join(
        '<div class="cell docutils container"><div class="cell_output docutils container"><figure>'
        f'<div class="output text_html">{make()}</div></figure></div></div>'
        for make in KINDS.values()
    )
    page = (built_book / f"{chapters()[0]}.html").read_text(encoding="utf-8")
    return page.replace("</article>", f"{cells}</article>")


def with_figures():
    """The chapters, which all have one, and any other notebook that has."""
    files = {name: TOC.parent / f"{name}.ipynb" for name in pages()}
    others = [
        name for name, file in files.items() if file.is_file() and FIGURE in file.read_text("utf-8")
    ]
    return list(dict.fromkeys([*chapters(), *others]))


@pytest.fixture(params=[*with_figures(), EVERY_KIND])
def opened(request, chromium, book, built_book):
    """opened(**context) -> (page, its living figures)."""
    name, contexts, looks = request.param, [], []
    made = name == EVERY_KIND
    text = every_kind(built_book) if made else (built_book / f"{name}.html").read_text("utf-8")
    assert text.count(MARK) >= 1, f"{name} has no living figure"

    def start(**options):
        contexts.append(chromium.new_context(**options))
        look = Look(contexts[-1], f"{book}{name}.html", home=book)
        look.page.route(f"**/{EVERY_KIND}.html", lambda route: route.fulfill(body=text))
        look.page.goto(look.address)
        looks.append(look)
        found = look.page.locator(".living").all()
        assert len(found) == text.count(MARK)
        return look.page, found

    yield start
    for context in contexts:
        context.close()
    assert not [problem for look in looks for problem in look.problems]


def test_figures_are_alive_right_and_named_in_light_and_dark(opened):
    page, figures = opened(viewport=DESKTOP)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for figure in figures:
            assert "alive" in figure.get_attribute("class")
            assert figure.evaluate(SEEN, ".stage") and not figure.evaluate(SEEN, ".still")
    for figure in figures:
        assert figure.evaluate("r => r.living.check?.() ?? 0") < 1e-3
        for role in ("slider", "button", "radio", "img"):
            all_of_them = figure.get_by_role(role).count()
            assert figure.get_by_role(role, name=re.compile(r"\w")).count() == all_of_them, role


def test_mouse_and_keys_change_the_picture(opened):
    page, figures = opened(viewport=DESKTOP)
    for figure in figures:
        before = figure.evaluate(PICTURE)
        figure.locator(SLIDER).first.focus()
        page.keyboard.press("ArrowRight")
        wait_for_change(page, figure, before)
        before = figure.evaluate(PICTURE)
        handle = figure.locator(HANDLE).first
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
        page.mouse.up()
        wait_for_change(page, figure, before)


def test_a_finger_changes_the_picture_on_a_phone(opened):
    page, figures = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    for figure in figures:
        before, handle = figure.evaluate(PICTURE), figure.locator(HANDLE).first
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        handle.tap(position={"x": 0.8 * box["width"], "y": 0.2 * box["height"]})
        wait_for_change(page, figure, before)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_scripts_and_on_paper_the_still_shows(opened):
    page, figures = opened(java_script_enabled=False)
    for figure in figures:
        assert figure.locator(".still").bounding_box()["height"] > 100
        assert figure.locator(".stage").count() == 0
    page, figures = opened(viewport=DESKTOP)
    page.emulate_media(media="print")
    for figure in figures:
        assert figure.evaluate(SEEN, ".still") and not figure.evaluate(SEEN, ".stage")


def wait_for_change(page, figure, before):
    page.wait_for_function(CHANGED, arg=[figure.element_handle(), before], timeout=10_000)
