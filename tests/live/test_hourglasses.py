import pytest
import torch

from coursekit import live
from tests.live.figures import ALT, hourglass, strokes
from tests.live.pages import html, node

IMAGES, LABELS = strokes()
OTHERS = torch.eye(6).repeat(4, 1, 1, 1)
LAST = "r => r.living.run.history.at(-1)"
CODES = "r => r.querySelector('.plane').toDataURL()"


def put(images=IMAGES, labels=LABELS, others=OTHERS, **changes):
    options = {"names": ["row", "column"], "alt": ALT, "caption": "x"} | changes
    return html(live.hourglass, images, labels, others, **options)


def after(size, steps=300):
    """Errors of an image, [before, after, of others], of a run of the page in Node."""
    run = """({training, size, steps, images, others}) => {
      const run = trainingRun(training, 36, size, images, others);
      for (let i = 0; i < steps; i++) run.step();
      run.measure();
      const [first, last] = run.history;
      return [first.seen, last.seen, last.unseen, run.code(images[0]).length];
    }"""
    given = {
        "training": {"width": 32, "batch": 32, "rate": 3e-3, "seed": 0},
        "size": size,
        "steps": steps,
        "images": IMAGES.flatten(1).tolist(),
        "others": OTHERS.flatten(1).tolist(),
    }
    return node(["trainer", "hourglass"], run, given)


def test_a_narrow_code_learns_and_a_wide_one_copies():
    before, one, _, length = after(1)
    _, three, others, _ = after(3)
    _, copied, copied_others, wide = after(72)
    assert length == 1 and wide == 72
    assert before > 8 and one < 6 and three < 0.8 * one
    assert copied < 0.1 and copied_others < others


@pytest.mark.browser
def test_it_trains_when_told_to_and_starts_again(opened):
    page = opened(hourglass())
    root = page.locator(".living")
    start, codes = root.evaluate(LAST), root.evaluate(CODES)
    assert start["step"] == 0
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.living').living.run.history.at(-1).step > 20")
    page.get_by_role("button", name="Pause").click()
    trained = root.evaluate(LAST)
    assert trained["seen"] < start["seen"] and root.evaluate(CODES) != codes
    page.wait_for_timeout(100)
    assert root.evaluate(LAST)["step"] == trained["step"]
    page.wait_for_function("document.querySelector('output').textContent.includes('squared error')")
    page.get_by_role("button", name="Start again").click()
    assert root.evaluate(LAST) == start and root.evaluate(CODES) == codes


@pytest.mark.browser
def test_the_size_of_the_code_is_chosen_by_key_and_touch(opened):
    page = opened(hourglass(), has_touch=True, viewport={"width": 390, "height": 844})
    root, size = page.locator(".living"), "r => r.living.run.size"
    pictures = {root.evaluate(CODES)}
    page.get_by_role("radio", name="2", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert root.evaluate(size) == 3
    pictures.add(root.evaluate(CODES))
    page.locator("label", has_text="72").tap()
    assert root.evaluate(size) == 72
    pictures.add(root.evaluate(CODES))
    page.locator("label", has_text="1").first.tap()
    assert root.evaluate(size) == 1
    pictures.add(root.evaluate(CODES))
    assert len(pictures) == 4


@pytest.mark.browser
def test_reconstructions_are_those_of_the_network(opened):
    root = opened(hourglass()).locator(".living")
    drawn, value = root.evaluate(
        "r => { const c = r.querySelector('.image'); const image = Float32Array.from("
        f"{IMAGES[0].flatten().int().tolist()}); return [c.getContext('2d')"
        ".getImageData(0, 7, 1, 1).data[0], r.living.run.reconstruct(image)[0]]; }"
    )
    assert drawn == pytest.approx(255 + value * (17 - 255), abs=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": IMAGES[:20], "labels": LABELS[:20]}, "images must be"),
        ({"images": IMAGES.repeat(20, 1, 1, 1)}, "images must be at most 600"),
        ({"images": torch.zeros(48, 1, 17, 17)}, "at most 256 pixels"),
        ({"images": 2 * IMAGES}, "images must be from 0 to 1"),
        ({"others": torch.zeros(4, 1, 5, 6)}, "others must be of the images' shape"),
        ({"others": -OTHERS}, "others must be from 0 to 1"),
        ({"labels": LABELS + 1}, "labels must be from 0 to 1"),
        ({"seed": None}, "seed must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_arguments_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        put(**changes)


def test_the_still_leaves_the_generator_alone():
    torch.manual_seed(3)
    state = torch.get_rng_state()
    put()
    assert torch.equal(torch.get_rng_state(), state)
