import doctest

import pytest
import torch
import torch.nn.functional as F

from coursekit import live
from coursekit.live import upsamplings
from tests.live.figures import ALT, first_weights, stamps, tall
from tests.live.pages import html, node

PARTS = ["arrays", "canvas", "cells", "upsampling"]
STATE = "r => r.living.state"
PIXEL = (
    "(r, [name, u, v]) => { const c = r.querySelector(name); return [...c.getContext('2d')"
    ".getImageData(u * c.width, v * c.height, 1, 1).data].slice(0, 3); }"
)


def put(image=None, kernels=None, **changes):
    image = torch.ones(4, 4) if image is None else image
    return html(live.stamps, image, kernels, **{"alt": ALT, "caption": "x"} | changes)


def cases():
    """Pictures, kernels, strides and paddings of every size that the figure takes."""
    generator = torch.Generator().manual_seed(1)
    for k in range(1, 6):
        for stride in range(1, 4):
            for padding in range(3):
                image = torch.rand(3 + k % 3, 6 - stride, generator=generator)
                kernel = torch.randn(k, k, generator=generator)
                if stride * (min(image.shape) - 1) + k > 2 * padding:
                    yield {"image": image, "kernel": kernel, "stride": stride, "padding": padding}


@pytest.fixture(scope="module")
def made():
    """[(case, what the page makes of it)], by one run of Node."""
    run = """(cases) => cases.map(({image, kernel, stride, padding}) => ({
      stamped: stamped(image, kernel, stride, padding), flat: flatSums(kernel, stride),
      counts: stampCounts(image.map((row) => row.map(() => 1)), kernel, stride, padding),
      resized: resized(image, kernel, stride, padding)}))"""
    given = list(cases())
    plain = [{k: getattr(v, "tolist", lambda v=v: v)() for k, v in case.items()} for case in given]
    assert len(given) > 40
    return list(zip(given, node(PARTS, run, plain)))


def transposed(image, kernel, stride, padding):
    return F.conv_transpose2d(image[None, None], kernel[None, None], None, stride, padding)[0, 0]


def close(got, wanted):
    torch.testing.assert_close(torch.tensor(got).float(), wanted, atol=1e-5, rtol=1e-5)


def test_stamps_are_the_transposed_convolution(made):
    for case, got in made:
        close(got["stamped"], transposed(**case))


def test_counts_are_the_stamps_on_each_pixel(made):
    for case, got in made:
        ones = {name: torch.ones_like(case[name]) for name in ("image", "kernel")}
        close(got["counts"], transposed(**case | ones))


def test_resizing_gives_the_same_size_at_the_same_place(made):
    for case, got in made:
        close(got["resized"], upsamplings.resized(**case))
        assert torch.tensor(got["resized"]).shape == transposed(**case).shape


def test_at_stride_one_and_away_from_the_border_both_ways_differ_by_a_turned_kernel():
    image, kernel = torch.rand(6, 6), torch.rand(3, 3)
    turned = upsamplings.resized(image, kernel.flip(0, 1), 1, 0)
    torch.testing.assert_close(
        turned[2:-2, 2:-2], upsamplings.stamped(image, kernel, 1, 0)[2:-2, 2:-2]
    )


def test_a_flat_picture_stays_flat_by_resizing_alone(made):
    """The sums that the page names are those of torch, in the middle of a large picture of ones."""
    patterns = 0
    for case, got in made:
        flat = transposed(torch.ones(12, 12), case["kernel"], case["stride"], 0)[10:16, 10:16]
        close(sorted(got["flat"]), flat[: case["stride"], : case["stride"]].flatten().sort().values)
        other = upsamplings.resized(torch.ones(4, 4), case["kernel"], case["stride"], 0)
        assert other.max() - other.min() < 1e-5
        patterns += (flat.max() - flat.min()).item() > 1e-3
    assert patterns > 20


def test_a_tent_has_no_pattern_where_it_is_bilinear():
    """Sizes 2 s and 2 s - 1: although 1, 2 and 4 stamps reach a pixel at size 3 and stride 2."""
    sums = node(PARTS, "x => x.map(([k, s]) => flatSums(tent(k), s))", [[3, 2], [4, 2], [5, 3]])
    for values in sums:
        assert max(values) - min(values) < 1e-12
    assert node(PARTS, "() => tent(3)", None) == [
        [0.25, 0.5, 0.25],
        [0.5, 1, 0.5],
        [0.25, 0.5, 0.25],
    ]
    uneven = node(PARTS, "() => flatSums(tent(5), 2)", None)
    assert max(uneven) - min(uneven) > 0.1


def test_the_frame_after_resizing_is_where_a_cell_acts():
    run = """(cases) => cases.map(({image, kernel, stride, padding}) => image.flatMap((row, i) =>
      row.map((_, j) => {
        const one = image.map((r, a) => r.map((_, b) => +(a === i && b === j)));
        const acts = resized(one, kernel, stride, padding);
        const [top, left, height, width] = reach(i, j, image, kernel, stride, padding);
        const rows = [...acts.keys()].filter((a) => acts[a].some((v) => v));
        const columns = [...acts[0].keys()].filter((b) => acts.some((r) => r[b]));
        return [[top - padding, left - padding, height, width],
          [rows[0] ?? null, columns[0] ?? null, rows.length, columns.length]];
      })))"""
    given = [
        {"image": [[1] * 3] * 4, "kernel": [[1] * k] * k, "stride": s, "padding": p}
        for k, s, p in [(1, 1, 0), (3, 2, 0), (3, 2, 1), (4, 2, 1), (5, 3, 2), (2, 3, 0), (5, 1, 1)]
    ]
    for framed, acts in sum(node([*PARTS, "stamps"], run, given), []):
        assert framed == acts


@pytest.mark.browser
def test_the_check_in_the_page_goes_red(opened):
    check = "r => r.living.check()"
    assert opened(stamps()).locator(".living").evaluate(check) < 1e-5
    for right, wrong in (
        ("+= value * weight", "+= weight"),
        ("Math.floor(pixel", "Math.ceil(pixel"),
    ):
        assert right in stamps()
        page = opened(stamps().replace(right, wrong))
        assert page.locator(".living").evaluate(check) > 1e-3


@pytest.mark.browser
def test_sliders_set_kernel_stride_and_padding(opened):
    page = opened(put())
    root, size = page.locator(".living"), page.get_by_role("slider", name="kernel size")
    sums = page.get_by_role("img", name="transposed convolution")
    note = root.locator(".note").nth(1)
    assert note.inner_text() == "side of the result\n2·(4−1) + 3 − 2·0 = 9"
    assert sums.get_attribute("aria-label").endswith("ones become 1 to 4: a pattern")
    size.focus()
    page.keyboard.press("ArrowRight")
    assert note.inner_text().endswith("2·(4−1) + 4 − 2·0 = 10")
    assert sums.get_attribute("aria-label").endswith("ones become 4: no pattern")
    page.get_by_role("slider", name="padding").press("ArrowRight")
    page.get_by_role("slider", name="stride").press("End")
    assert note.inner_text().endswith("3·(4−1) + 4 − 2·1 = 11")
    said = "document.querySelector('output').textContent.includes('ones become 1 to 4: a pattern')"
    page.wait_for_function(said)


@pytest.mark.browser
def test_padding_always_leaves_a_pixel(opened):
    page = opened(put(torch.ones(2, 2), padding=2))
    padding = page.get_by_role("slider", name="padding")
    assert padding.input_value() == "2"
    for name in ("kernel size", "stride"):
        page.get_by_role("slider", name=name).press("Home")
    assert padding.input_value() == "0" and padding.get_attribute("max") == "0"


@pytest.mark.browser
def test_a_kernel_of_the_notebook_has_its_own_size(opened):
    page = opened(stamps())
    page.get_by_role("radio", name="first weights").check()
    size = page.get_by_role("slider", name="kernel size")
    assert size.is_disabled() and size.input_value() == "4"
    label = page.get_by_role("img", name="kernel").get_attribute("aria-label")
    assert label.startswith(f"kernel {first_weights()[0, 0]:.2f}".replace("-", "−"))
    page.get_by_role("radio", name="tent").check()
    assert not size.is_disabled() and size.input_value() == "3"


@pytest.mark.browser
def test_a_cell_is_chosen_and_switched_by_mouse_and_written_by_keys(opened):
    page = opened(put())
    root, canvas = page.locator(".living"), page.locator(".plane")
    box = canvas.bounding_box()
    at = {"x": 0.9 * box["width"], "y": 0.1 * box["height"]}
    full = root.evaluate(PIXEL, [".sums", 0.95, 0.05])
    canvas.click(position=at)
    state = root.evaluate(STATE)
    assert state["chosen"] == 3 and state["image"][0] == [1, 1, 1, 1]
    canvas.click(position=at)
    assert root.evaluate(STATE)["image"] == [[1, 1, 1, 0], *[[1] * 4] * 3]
    assert root.evaluate(PIXEL, [".sums", 0.97, 0.03]) != full
    page.get_by_role("slider", name="value").press("ArrowRight")
    assert root.evaluate(STATE)["image"][0][3] == 0.25
    page.get_by_role("slider", name="cell:").press("ArrowRight")
    assert root.evaluate(STATE)["chosen"] == 4
    page.get_by_role("button", name="All ones").click()
    assert root.evaluate(STATE)["image"] == [[1] * 4] * 4


@pytest.mark.browser
def test_a_finger_moves_the_stamp(opened):
    page = opened(put(), has_touch=True, viewport={"width": 390, "height": 844})
    canvas = page.locator(".plane")
    box, before = canvas.bounding_box(), page.locator(".living").evaluate(STATE)["chosen"]
    canvas.tap(position={"x": 0.9 * box["width"], "y": 0.9 * box["height"]})
    assert page.locator(".living").evaluate(STATE)["chosen"] == 15 != before


@pytest.mark.browser
def test_stamps_are_printed_one_by_one(opened):
    page = opened(put())
    root, button = page.locator(".living"), page.get_by_role("button", name="Play")
    assert root.evaluate(STATE)["printed"] == 16
    last = root.evaluate(PIXEL, [".sums", 0.97, 0.97])
    button.click()
    page.wait_for_function("document.querySelector('.living').living.state.printed === 2")
    state = root.evaluate(STATE)
    assert state["chosen"] == state["printed"] - 1
    assert root.evaluate(PIXEL, [".sums", 0.97, 0.97]) == [255, 255, 255] != last
    page.get_by_role("slider", name="stride").press("ArrowRight")
    assert root.evaluate(STATE)["printed"] == 16 and button.is_visible()


@pytest.mark.browser
def test_what_padding_cuts_is_pale_and_a_negative_value_has_the_other_colour(opened):
    page = opened(put(torch.ones(3, 3), {"x": torch.tensor([[-1.0]])}, size=2, stride=1, padding=1))
    root = page.locator(".living")  # 4 x 4, the inner 2 x 2 is left
    pale, full = (root.evaluate(PIXEL, [".sums", u, u]) for u in (0.2, 0.3))
    assert sum(pale) > sum(full) and full[2] > full[0]
    page.get_by_role("slider", name="padding").press("Home")
    page.get_by_role("radio", name="x").check()
    red, _, blue = root.evaluate(PIXEL, [".sums", 0.05, 0.05])
    assert red > blue


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": torch.ones(1, 4)}, "image must have 2 to 6 cells a side"),
        ({"image": torch.ones(4, 7)}, "image must have 2 to 6 cells a side"),
        ({"image": 2 * torch.ones(4, 4)}, "image must be from 0 to 1"),
        ({"image": torch.ones(1, 4, 4)}, "image must be \\(H, W\\)"),
        ({"kernels": {"x": torch.ones(2, 3)}}, "kernels\\['x'\\] must be \\(k, k\\), square"),
        ({"kernels": {"x": torch.ones(6, 6)}}, "k at most 5, got \\(6, 6\\)"),
        ({"kernels": {"x": torch.full((2, 2), torch.nan)}}, "kernels\\['x'\\] must be finite"),
        ({"kernels": {"ones": torch.ones(2, 2)}}, "the page's own"),
        ({"kernels": {str(i): torch.ones(2, 2) for i in range(4)}}, "kernels must be at most 3"),
        ({"size": 6}, "size must be at most 5"),
        ({"stride": 0}, "stride must be at least 1"),
        ({"image": torch.ones(2, 2), "size": 1, "stride": 1, "padding": 1}, "padding must leave"),
    ],
)
def test_arguments_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        put(**changes)


def test_kernels_are_of_the_right_kind():
    for kernels in ([torch.ones(2, 2)], {"x": [[1.0]]}, {3: torch.ones(2, 2)}):
        with pytest.raises(TypeError, match="kernels"):
            put(kernels=kernels)


def test_the_kernels_of_the_docstring_make_a_figure():
    names = {"torch": torch}
    for example in doctest.DocTestParser().get_examples(live.stamps.__doc__):
        exec(example.source, names)
    assert "first weights" in put(torch.ones(4, 4), names["kernels"])


def test_a_picture_need_not_be_square():
    assert '"image":[[' in put(tall())
