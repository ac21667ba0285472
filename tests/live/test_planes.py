import pytest
import torch
from torch import nn

from coursekit import live
from tests.live.figures import ALT, SHAPE, codes, convolutional, linear, plane, two_planes
from tests.live.pages import html

LABELS = torch.arange(60) % 3
OUTPUTS = "(r, [i, z]) => z.map((code) => Array.from(r.living.panels[i].decode(code)))"
STATE = "r => r.living.panels.map((p) => ({code: p.code, image: Array.from(p.image)}))"
PICTURE = "r => r.querySelector('.image').toDataURL()"


def put(planes=None, labels=LABELS, **changes):
    planes = {"codes": (convolutional(), codes(0))} if planes is None else planes
    return html(
        live.plane, planes, labels, **{"shape": SHAPE, "alt": ALT, "caption": "x"} | changes
    )


@pytest.mark.browser
def test_twenty_random_codes_decode_as_in_torch(opened):
    root = opened(two_planes()).locator(".living")
    z = 2 * torch.randn(20, 2, generator=torch.Generator().manual_seed(5))
    for i, model in enumerate((linear(), convolutional())):
        with torch.no_grad():
            wanted = model(z).flatten(1)
        got = torch.tensor(root.evaluate(OUTPUTS, [i, z.tolist()]))
        torch.testing.assert_close(got, wanted, atol=1e-3, rtol=0)
    assert 0 < root.evaluate("r => r.living.check()") < 1e-3


@pytest.mark.browser
def test_the_check_in_the_page_goes_red(opened):
    model = nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 288))
    page = put({"codes": (model, codes(0))}).replace("sum += weight[", "sum += 1.01 * weight[")
    assert opened(page).locator(".living").evaluate("r => r.living.check()") > 1e-3


@pytest.mark.browser
def test_mouse_and_keys_choose_a_code(opened):
    page = opened(plane())
    root, canvas = page.locator(".living"), page.locator(".plane")
    assert page.locator(".hint").is_visible()
    before, box = root.evaluate(PICTURE), canvas.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    assert root.evaluate(PICTURE) == before
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 50, box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()
    (state,), (part,) = root.evaluate(STATE), root.evaluate("r => r.living.panels.map(p => p.part)")
    assert state["code"][0] == pytest.approx(part["high"][0])  # stays inside the plane
    assert state["code"][1] == pytest.approx((part["low"][1] + part["high"][1]) / 2, abs=0.05)
    assert root.evaluate(PICTURE) != before and page.locator(".hint").count() == 0
    slider, dragged = page.get_by_role("slider", name="first"), root.evaluate(PICTURE)
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    moved = root.evaluate(STATE)[0]["code"]
    step = (part["high"][0] - part["low"][0]) / 200
    assert moved[0] == pytest.approx(state["code"][0] - 20 * step, abs=1.01 * step)
    assert moved[1] == pytest.approx(state["code"][1])
    assert root.evaluate(PICTURE) != dragged
    text = ", ".join(f"{value:.2f}" for value in moved)
    said = "text => document.querySelector('output').textContent.startsWith(text + ', near ')"
    page.wait_for_function(said, arg=text)


@pytest.mark.browser
def test_a_finger_chooses_a_code(opened):
    page = opened(plane(), has_touch=True, viewport={"width": 390, "height": 844})
    root, box = page.locator(".living"), page.locator(".plane").bounding_box()
    before = root.evaluate(PICTURE)
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    assert root.evaluate(PICTURE) != before


@pytest.mark.browser
def test_the_other_plane_follows_to_the_nearest_example(opened):
    page = opened(two_planes())
    root, box = page.locator(".living"), page.locator(".plane").first.bounding_box()
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"])
    first, second = root.evaluate(STATE)
    low, high = root.evaluate("r => ['low', 'high'].map((k) => r.living.panels[0].part[k])")
    span = torch.tensor(high) - torch.tensor(low)
    away = ((3 * codes(1) - torch.tensor(first["code"])) / span).norm(dim=1)
    torch.testing.assert_close(
        torch.tensor(second["code"]), codes(0)[away.argmin()], atol=1e-3, rtol=0
    )
    with torch.no_grad():
        wanted = convolutional()(torch.tensor([second["code"]])).flatten()
    torch.testing.assert_close(torch.tensor(second["image"]), wanted, atol=1e-3, rtol=0)
    assert page.locator("li", has_text="<b>sheep</b>").count() == 1  # a name is text


@pytest.mark.browser
def test_colour_images_are_drawn_in_their_colours_and_shape(opened):
    root = opened(plane()).locator(".living")
    size, pixels, image = root.evaluate(
        "r => { const c = r.querySelector('.image'); const d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data;"
        " return [[c.height, c.width], Array.from(d), Array.from(r.living.panels[0].image)]; }"
    )
    assert size == [8, 12]
    drawn = torch.tensor(pixels).reshape(8, 12, 4)[..., :3].permute(2, 0, 1) / 255
    torch.testing.assert_close(drawn, torch.tensor(image).reshape(SHAPE), atol=3e-3, rtol=0)


@pytest.mark.browser
def test_grey_images_are_ink_on_paper(opened):
    page = put(
        {"codes": (nn.Sequential(nn.Linear(2, 96), nn.Sigmoid()), codes(0))}, shape=(1, 8, 12)
    )
    root = opened(page).locator(".living")
    pixel = "r => [...r.querySelector('.image').getContext('2d').getImageData(0, 0, 1, 1).data]"
    value = root.evaluate("r => r.living.panels[0].image[0]")
    assert root.evaluate(pixel)[0] == pytest.approx(255 + value * (17 - 255), abs=1)


@pytest.mark.parametrize(
    ("planes", "error", "message"),
    [
        ({}, ValueError, "planes must be {title: .decoder, codes.}, one or two, got 0"),
        ([], TypeError, "planes must be {title"),
        ({"x": linear()}, TypeError, "planes\\['x'\\] must be a pair"),
        ({"x": (linear(),)}, ValueError, "planes\\['x'\\] must be a pair"),
        ({"x": (linear(), codes(0, 2001))}, ValueError, "at most 2000, got 2001; take some"),
        ({"x": (linear(), torch.randn(60, 3))}, ValueError, "codes must be \\(N, 2\\)"),
        ({"x": (linear(), codes(0) * torch.nan)}, ValueError, "codes must be finite"),
        ({"x": (linear(), codes(0)), "y": (linear(), codes(0, 50))}, ValueError, "same examples"),
        ({"x": (nn.Linear(2, 10), codes(0))}, ValueError, "decoder must give images of shape"),
        ({"x": (torch.tanh, codes(0))}, TypeError, "decoder must be a torch module"),
        ({3: (linear(), codes(0))}, TypeError, "title must be a text"),
    ],
)
def test_planes_are_checked(planes, error, message):
    with pytest.raises(error, match=message):
        put(planes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": LABELS + 8}, "labels must be from 0 to 9"),
        ({"names": ["a", "b"]}, "labels must be from 0 to 1"),
        ({"names": list("abcdefghijk")}, "names must be one to 10"),
        ({"shape": (2, 8, 18)}, "shape must be"),
    ],
)
def test_labels_names_and_shape_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        put(**changes)


def test_a_decoder_that_rounding_would_change_is_refused():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 200), nn.ReLU(), nn.Linear(200, 288), nn.Sigmoid())
    put({"x": (model, codes(0))})
    model[2].weight.data *= 100
    with pytest.raises(ValueError, match="as float16, move its images by up to .* 50,000 weights"):
        put({"x": (model, codes(0))})


def test_the_decoder_stays_in_its_mode():
    model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.9), nn.Linear(8, 288)).train()
    assert put({"x": (model, codes(0))}) == put(
        {"x": (model, codes(0))}
    )  # in eval mode: no dropout
    assert model.training and model[1].training
