import doctest

import pytest
import torch
from torch import nn

from coursekit import live
from tests.live.figures import ALT, codes, denoisers, field
from tests.live.pages import html, node

POINTS = codes(3, 40)
STATE = "r => r.living.state"
PICTURE = "r => r.querySelector('.plane').toDataURL()"
CHECK = "r => r.living.check()"


def put(models=None, points=POINTS, **changes):
    models = denoisers() if models is None else models
    return html(live.field, models, points, **{"limit": 3.0, "alt": ALT, "caption": "x"} | changes)


def test_a_walk_is_the_denoiser_again_and_again():
    run = "n => walk(([x, y]) => [x / 2, y + 1], [8, 0], n)"
    parts = ["arrays", "network", "field"]
    assert node(parts, run, 3) == [[8, 0], [4, 1], [2, 2], [1, 3]]
    beyond = "n => walk(([x, y]) => [x * 1e200, y], [1, 0], n).length"
    assert node(parts, beyond, 30) == 2


def test_arrows_are_what_the_denoiser_changes_cut_to_a_length():
    run = "longest => arrows(([x, y]) => [x / 2, y], 17, longest)"
    free, cut = (node(["network", "field"], run, longest) for longest in (100, 0.5))
    assert len(free) == 289 and free[0] == [-16, -16, 8, 0] and free[-1] == [16, 16, -8, 0]
    assert cut[0] == [-16, -16, 0.5, 0] and free[144] == [0, 0, 0, 0]


def test_the_distance_is_that_to_the_nearest_point():
    assert node(["field"], "x => distance([3, 4], x)", [[9, 9], [0, 0], [3, -2]]) == 5


@pytest.mark.browser
def test_every_level_denoises_as_in_torch(opened):
    root = opened(field()).locator(".living")
    x = 3 * torch.randn(20, 2, generator=torch.Generator().manual_seed(5))
    noises = root.evaluate("r => r.living.levels.map((level) => level.noise)")
    assert noises == [0.5, 1.0]  # in rising order
    for i, noise in enumerate(noises):
        run = "(r, [i, x]) => x.map((point) => Array.from(r.living.levels[i].denoise(point)))"
        with torch.no_grad():
            wanted = denoisers()[noise](x)
        got = torch.tensor(root.evaluate(run, [i, x.tolist()]))
        torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)
    assert 0 < root.evaluate(CHECK) < 1e-5


@pytest.mark.browser
def test_the_check_in_the_page_goes_red(opened):
    page = field().replace("sum += weight[", "sum += 1.01 * weight[")
    assert opened(page).locator(".living").evaluate(CHECK) > 1e-3


@pytest.mark.browser
def test_a_click_starts_a_walk_to_the_data(opened):
    page = opened(field())
    root, canvas = page.locator(".living"), page.locator(".plane")
    assert page.locator(".hint").is_visible()
    page.get_by_role("slider", name="noise").press("End")
    box, before = canvas.bounding_box(), root.evaluate(PICTURE)
    canvas.click(position={"x": 0.75 * box["width"], "y": 0.5 * box["height"]})
    state = root.evaluate(STATE)
    assert state["start"] == pytest.approx([1.5, 0], abs=0.03)
    assert len(state["walk"]) == 31 and page.locator(".hint").count() == 0
    assert state["walk"][2][0] == pytest.approx(state["start"][0] / 4)  # this denoiser halves
    assert root.evaluate(PICTURE) != before
    start, end = torch.tensor(state["start"]), torch.tensor(state["walk"][-1])
    far, near = ((POINTS - x).norm(dim=1).min() for x in (start, end))
    assert page.locator(".note").inner_text() == f"distance to the data: {far:.2f} → {near:.2f}"


@pytest.mark.browser
def test_keys_set_noise_start_and_steps(opened):
    page = opened(field())
    root = page.locator(".living")
    first = root.evaluate(STATE)
    page.get_by_role("slider", name="noise").press("ArrowRight")
    assert root.evaluate(STATE)["level"] == first["level"] + 1
    assert page.get_by_role("slider", name="noise").get_attribute("aria-valuetext") == "1"
    page.get_by_role("slider", name="up").press("ArrowLeft")
    across, up = root.evaluate(STATE)["start"]
    assert across == first["start"][0] and up == pytest.approx(first["start"][1] - 0.06, abs=0.04)
    drawn = root.evaluate(PICTURE)
    page.get_by_role("slider", name="steps").press("Home")
    assert root.evaluate(STATE)["steps"] == 0 and root.evaluate(PICTURE) != drawn
    said = "document.querySelector('output').textContent.startsWith('noise 1, steps 0, distance')"
    page.wait_for_function(said)


@pytest.mark.browser
def test_it_walks_when_told_to(opened):
    page = opened(field())
    root = page.locator(".living")
    assert root.evaluate(STATE)["steps"] == 30
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "(s => s > 1 && s < 30)(document.querySelector('.living').living.state.steps)"
    )
    page.get_by_role("button", name="Pause").click()
    steps = root.evaluate(STATE)["steps"]
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('button').textContent === 'Play'")
    assert steps < 30 == root.evaluate(STATE)["steps"]


@pytest.mark.browser
def test_points_are_drawn_where_they_are(opened):
    points = torch.tensor([[1.0, 2.0], [-2.0, -1.0]])
    root = opened(put(points=points)).locator(".living")
    pixel = (
        "(r, [x, y]) => { const c = r.querySelector('.plane'); return [...c.getContext('2d')"
        ".getImageData((x + 3) / 6 * c.width, (3 - y) / 6 * c.height, 1, 1).data].slice(0, 3); }"
    )
    page_start = root.evaluate(STATE)["start"]
    assert root.evaluate(pixel, page_start) == [0xC2, 0x59, 0x0A]
    for x, y in points.tolist():
        assert root.evaluate(pixel, [x, y]) == [0x2B, 0x6C, 0xB8]


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        ({0.1: nn.Linear(2, 2)}, ValueError, "denoisers must be {noise: denoiser}, 2 to 8, got 1"),
        ({i + 1: nn.Linear(2, 2) for i in range(9)}, ValueError, "denoisers must be .* got 9"),
        ([], TypeError, "denoisers must be {noise: denoiser}"),
        (
            {0: nn.Linear(2, 2), 1: nn.Linear(2, 2)},
            ValueError,
            "denoisers: the noise must be above",
        ),
        ({"a": nn.Linear(2, 2), 1: nn.Linear(2, 2)}, TypeError, "denoisers: the noise must be a"),
        ({1: nn.Linear(2, 3), 2: nn.Linear(2, 2)}, ValueError, "denoisers\\[1\\] must give points"),
        (
            {1: nn.Linear(3, 2), 2: nn.Linear(2, 2)},
            ValueError,
            "denoisers\\[1\\] must fit together",
        ),
        ({1: torch.tanh, 2: nn.Linear(2, 2)}, TypeError, "denoisers\\[1\\] must be a torch module"),
        (
            {1: nn.Sequential(nn.Linear(2, 20_000), nn.Linear(20_000, 2)), 2: nn.Linear(2, 2)},
            ValueError,
            "denoisers\\[1\\] must have at most 50,000 weights; take a smaller one",
        ),
    ],
)
def test_denoisers_are_checked(models, error, message):
    with pytest.raises(error, match=message):
        put(models)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": codes(0, 1001)}, "points must be at most 1000, got 1001; take some"),
        ({"points": POINTS * torch.nan}, "points must be finite"),
        ({"points": torch.zeros(4, 3)}, "points must be \\(N, 2\\)"),
        ({"limit": 0}, "limit must be above 0"),
    ],
)
def test_points_and_limit_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        put(**changes)


def test_the_denoisers_stay_what_they_are():
    model = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.9), nn.Linear(4, 2)).double().train()
    both = {0.1: model, 0.2: nn.Linear(2, 2)}
    assert put(both) == put(both)  # in eval mode: no dropout
    assert model.training and model[1].training and model[0].weight.dtype == torch.float64


def test_the_denoisers_of_the_docstring_make_a_figure():
    names = {"torch": torch, "nn": nn}
    for example in doctest.DocTestParser().get_examples(live.field.__doc__):
        exec(example.source, names)
    assert '"limit":2' in put(names["denoisers"], names["spiral"], limit=2)
