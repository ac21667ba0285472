import pytest
import torch

from coursekit import live
from tests.live.figures import ALT, codes, frames
from tests.live.pages import html

POINTS = torch.stack([codes(seed, 30) for seed in range(5)])
FRAME = "r => r.living.frame"
PICTURE = "r => r.querySelector('.plane').toDataURL()"


def put(points=POINTS, steps=(0, 1, 2, 3, 4), **changes):
    options = {"limit": 3.0, "alt": ALT, "caption": "x"} | changes
    return html(live.frames, points, steps, **options)


@pytest.mark.browser
def test_it_plays_to_the_end_and_again(opened):
    page = opened(frames())
    root, button = page.locator(".living"), page.get_by_role("button")
    page.wait_for_timeout(150)
    assert root.evaluate(FRAME) == 0  # nothing plays by itself
    first = root.evaluate(PICTURE)
    # in one step: on a busy machine the five frames may be over before a second question arrives
    assert button.evaluate("b => { b.click(); return b.textContent; }") == "Pause"
    page.wait_for_function("document.querySelector('button').textContent === 'Play'")
    assert root.evaluate(FRAME) == 4 and root.evaluate(PICTURE) != first
    button.click()
    page.wait_for_function("document.querySelector('.living').living.frame < 4")


@pytest.mark.browser
def test_the_slider_steps_by_keys_and_stops_the_player(opened):
    page = opened(frames())
    root, slider = page.locator(".living"), page.get_by_role("slider")
    first = root.evaluate(PICTURE)
    page.get_by_role("button").click()
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert root.evaluate(FRAME) == 2 and page.get_by_role("button").inner_text() == "Play"
    assert slider.get_attribute("aria-valuetext") == "20" and root.evaluate(PICTURE) != first
    page.wait_for_function("document.querySelector('output').textContent === 'training step 20'")


@pytest.mark.browser
def test_points_and_field_are_drawn_where_they_are(opened):
    points = torch.tensor([[[1.0, 2.0]], [[-2.0, 0.0]]])
    field = torch.full((2, 4, 4), 0.5)
    field[0, 0, 3] = 1  # lowest row, rightmost column
    root = opened(put(points, [0, 1], field=field, limit=4)).locator(".living")
    pixel = (
        "(r, [x, y]) => { const c = r.querySelector('.plane'); return [...c.getContext('2d')"
        ".getImageData((x + 4) / 8 * c.width, (4 - y) / 8 * c.height, 1, 1).data]; }"
    )
    assert root.evaluate(pixel, [1, 2])[:3] == [0xC2, 0x59, 0x0A]
    assert root.evaluate(pixel, [-2, 0])[3] <= 2  # one half is 127.5 of 255
    red, _, blue, opacity = root.evaluate(pixel, [3.4, -3.4])
    assert blue > red and opacity > 100
    assert root.evaluate(pixel, [-3.4, 3.4])[3] <= 2
    moving = root.evaluate("r => r.living.moving.map((f) => f.map((p) => Array.from(p)))")
    assert moving == points.tolist()


@pytest.mark.browser
def test_little_motion_is_two_pictures_a_second(opened):
    page = opened(frames(), reduced_motion="reduce")
    page.get_by_role("button").click()
    seen = page.locator(".living").evaluate(
        "r => new Promise(done => { const seen = []; const look = (now) => {"
        " if (seen.at(-1)?.[0] !== r.living.frame) seen.push([r.living.frame, now]);"
        " seen.length > 3 ? done(seen) : requestAnimationFrame(look); };"
        " requestAnimationFrame(look); })"
    )
    pauses = [after[1] - before[1] for before, after in zip(seen[1:], seen[2:])]
    assert min(pauses) > 400  # milliseconds; a busy machine makes them longer


@pytest.mark.browser
def test_nothing_plays_unseen(opened):
    page = opened(f"{frames()}<div style='height: 5000px'></div>")
    page.get_by_role("button").click()
    page.evaluate("scrollTo(0, 4000)")
    page.wait_for_function("document.querySelector('button').textContent === 'Play'")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": [0, 1]}, "steps must be one for each of at least 2 frames"),
        ({"points": POINTS * torch.nan}, "points must be finite"),
        ({"points": POINTS[0]}, "points must be \\(T, N, 2\\)"),
        ({"limit": 0}, "limit must be above 0"),
        ({"labels": torch.arange(30)}, "labels must be from 0 to 9"),
        ({"data": torch.zeros(3, 3)}, "data must be \\(M, 2\\)"),
        ({"field": torch.zeros(4, 6, 6)}, "field must be \\(5, G, G\\)"),
        ({"field": torch.zeros(5, 6, 7)}, "field must be \\(T, G, G\\), square"),
        ({"field": torch.full((5, 6, 6), 2.0)}, "field must be from 0 to 1"),
    ],
)
def test_arguments_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        put(**changes)


def test_labels_colour_the_points():
    assert '"labels":' in put(labels=torch.arange(30) % 3)
