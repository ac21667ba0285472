"""What every living figure does in a reader's browser."""

import pytest

from tests.live.figures import ALT, KINDS
from tests.live.pages import PICTURE, SEEN, Pages, node

pytestmark = pytest.mark.browser

CONTROLS = {  # what the accessibility tree names
    "plane": ["slider: first coordinate", "slider: second coordinate", "img: decoded image, near"],
    "two planes": ["group: PCA", "group: deep", "slider: first coordinate"],
    "frames": ["button: Play", "slider: training step", "img: training step 0"],
    "hourglass": ["button: Play", "button: Start again", "group: numbers in the code", "radio: 72"],
    "stamps": [
        *("slider: kernel size", "slider: stride", "slider: padding", "group: kernel"),
        *("radio: first weights", "slider: cell: row, column", "slider: value of the cell"),
        *("button: All ones", "img: transposed convolution: ones become", "img: kernel 1 1 1;"),
    ],
    "field": ["button: Play", "slider: noise", "slider: steps", "slider: start, across"],
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def page(chromium, kind, tmp_path_factory):
    """The figure twice, as two cells may show it, with the second in a place that is hidden."""
    pages = Pages(chromium, tmp_path_factory.mktemp(kind.replace(" ", "-")))
    figure = KINDS[kind]()
    yield pages(f'{figure}<div id="tab" style="display: none">{figure}</div>')
    pages.close()


def test_it_is_alive_in_light_and_dark(page):
    root = page.locator(".living.alive").first
    assert not root.evaluate(SEEN, ".still") and root.evaluate(SEEN, ".stage")
    light = root.evaluate(PICTURE)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"p => ({PICTURE})(document.querySelector('.living')) !== p", arg=light)
    box = "getComputedStyle(document.querySelector('.text_html')).backgroundColor"
    assert page.evaluate(box) == "rgba(0, 0, 0, 0)"
    assert root.evaluate("r => getComputedStyle(r).color") == "rgb(206, 214, 221)"
    page.evaluate("document.documentElement.dataset.theme = 'light'")


def test_the_accessibility_tree_names_the_controls(page, kind):
    root = page.locator(".living").first
    for wanted in CONTROLS[kind]:
        role, name = wanted.split(": ", 1)
        assert root.get_by_role(role, name=name).count() >= 1, root.aria_snapshot()
    assert page.get_by_role("figure", name=ALT).count() == 1


def test_print_shows_the_still(page):
    page.emulate_media(media="print")
    root = page.locator(".living").first
    assert root.evaluate(SEEN, ".still") and not root.evaluate(SEEN, ".stage")
    page.emulate_media(media="screen")


def test_one_that_was_hidden_is_drawn_when_it_appears(page):
    assert page.locator(".living.alive .stage").count() == 2
    page.evaluate("document.getElementById('tab').style.display = 'block'")
    page.wait_for_function(
        "[...document.querySelectorAll('canvas')].every((c) => c.width && c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.some((v) => v))"
    )


def test_it_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    right = (
        "r => Math.max(...[...r.querySelectorAll('*')].map(e => e.getBoundingClientRect().right))"
    )
    assert page.locator(".living").first.evaluate(right) <= 380


def test_without_scripts_the_still_is_there(opened, kind):
    page = opened(KINDS[kind](), java_script_enabled=False)
    still = page.get_by_role("img", name=ALT)
    assert still.is_visible() and still.bounding_box()["height"] > 100
    assert page.locator(".stage").count() == 0
    assert page.locator("figcaption").is_visible()


@pytest.mark.parametrize(("language", "name"), [("es-CO", "Iniciar"), ("pt", "Recomeçar")])
def test_controls_speak_the_language_of_the_page(opened, language, name):
    page = opened(KINDS["hourglass"](), language=language)
    assert page.get_by_role("button", name=name).is_visible()


def test_every_language_has_every_word():
    words = node(["page"], "() => WORDS", None)
    assert set(words) == {"en", "es", "pt"}
    assert words["en"].keys() == words["es"].keys() == words["pt"].keys()
    assert all(all(table.values()) for table in words.values())


def test_the_page_around_has_the_box_that_the_figure_removes(opened):
    page = opened("<p>plain</p>", theme="dark")
    box = "getComputedStyle(document.querySelector('.text_html')).backgroundColor"
    assert page.evaluate(box) == "rgb(206, 214, 221)"
