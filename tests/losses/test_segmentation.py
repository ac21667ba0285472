import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from coursekit.losses.segmentation import border_weights, weighted_cross_entropy

label_maps = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 4)
)


def border(labels, cell):
    """Pixels of the cell with a neighbour of another label, by looking at every pixel."""
    height, width = labels.shape
    return [
        (i, j)
        for i in range(height)
        for j in range(width)
        if labels[i, j] == cell
        and any(
            labels[a, b] != cell
            for a, b in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1))
            if 0 <= a < height and 0 <= b < width
        )
    ]


def weight_by_hand(labels, i, j, w0, sigma):
    borders = [border(labels, cell) for cell in np.unique(labels[labels > 0])]
    distances = sorted(
        min(math.dist((i, j), pixel) for pixel in pixels) for pixels in borders if pixels
    )
    if len(distances) < 2:
        return 0.0
    return w0 * math.exp(-((distances[0] + distances[1]) ** 2) / (2 * sigma**2))


def two_cells(gap):
    """Two 4 x 4 cells side by side, `gap` columns of background between them."""
    labels = torch.zeros(8, 12 + gap, dtype=torch.int64)
    labels[2:6, 2:6], labels[2:6, 6 + gap : 10 + gap] = 1, 2
    return labels


# ---------------------------------------------------------------------------- border weights


@settings(deadline=None)
@given(labels=label_maps, w0=st.floats(0.5, 20), sigma=st.floats(0.5, 10))
def test_the_weights_are_those_of_brute_force(labels, w0, sigma):
    weights = border_weights(torch.from_numpy(labels), w0=w0, sigma=sigma, class_weights=(1, 3))
    assert weights.dtype == torch.float32 and weights.shape == labels.shape
    expected = [
        [
            weight_by_hand(labels, i, j, w0, sigma) + (3 if labels[i, j] else 1)
            for j in range(labels.shape[1])
        ]
        for i in range(labels.shape[0])
    ]
    np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize(("gap", "d1", "d2"), [(1, 1, 1), (2, 1, 2), (3, 2, 2)])
def test_the_middle_of_a_gap_has_the_weight_of_the_paper(gap, d1, d2):
    weight = border_weights(two_cells(gap))[4, 5 + (gap + 1) // 2].item()
    assert weight == pytest.approx(1 + 10 * math.exp(-((d1 + d2) ** 2) / 50))
    # d1^2 + d2^2, as often copied, would weigh more
    assert weight < 1 + 10 * math.exp(-(d1**2 + d2**2) / 50)


def test_cells_that_touch_are_weighted_where_they_meet():
    weights = border_weights(two_cells(0))
    assert weights[4, 5].item() == weights[4, 6].item() == weights.max().item()
    assert weights.max().item() == pytest.approx(1 + 10 * math.exp(-1 / 50))


def test_narrow_gaps_weigh_more_than_wide_ones():
    peaks = [
        border_weights(two_cells(gap))[:, 6 : 6 + gap].max().item() for gap in (1, 2, 4, 8, 16)
    ]
    assert peaks == sorted(peaks, reverse=True) and peaks[0] > 10 and peaks[-1] < 1.1


@pytest.mark.parametrize("cells", [0, 1])
def test_fewer_than_two_cells_leave_the_weight_of_the_class(cells):
    labels = two_cells(2) * (two_cells(2) <= cells)
    weights = border_weights(labels, class_weights=(0.5, 2.0))
    assert torch.equal(weights, torch.where(labels > 0, 2.0, 0.5))


def test_a_cell_that_fills_the_image_has_no_border():
    assert torch.equal(border_weights(torch.ones(4, 5, dtype=torch.int64)), torch.ones(4, 5))


def test_a_batch_is_weighted_image_by_image():
    batch = torch.stack([two_cells(2), two_cells(2).flip(1), torch.zeros_like(two_cells(2))])
    weights = border_weights(batch)
    assert weights.shape == batch.shape
    assert all(torch.equal(w, border_weights(image)) for w, image in zip(weights, batch))
    assert torch.equal(weights[0], weights[1].flip(1))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32])
def test_neither_the_numbers_of_the_cells_nor_their_type_matter(dtype):
    labels = two_cells(3)
    renamed = torch.tensor([0, 200, 17])[labels].to(dtype)
    assert torch.equal(border_weights(renamed), border_weights(labels))


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        (torch.zeros(4, 4), r"instances must be \(H, W\) integer, got \(4, 4\) torch.float32"),
        (
            torch.zeros(4, 4, dtype=torch.bool),
            "integer, got .* torch.bool; 0 is background, a number each cell",
        ),
        (
            torch.zeros(2, 1, 4, 4, dtype=torch.int64),
            r"\(N, H, W\) integer, got \(2, 1, 4, 4\) torch.int64",
        ),
        (torch.full((4, 4), -1), "instances must be at least 0, got -1 to -1; 0 is the background"),
    ],
)
def test_what_is_no_map_of_instances_is_refused(instances, message):
    with pytest.raises(ValueError, match=message):
        border_weights(instances)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"sigma": 0}, ValueError, "sigma must be above 0, got 0"),
        ({"sigma": -5.0}, ValueError, "sigma must be above 0, got -5.0"),
        ({"sigma": math.nan}, ValueError, "sigma must be a finite number, got nan"),
        ({"w0": -1.0}, ValueError, "w0 must be at least 0, got -1.0"),
        ({"class_weights": (1.0,)}, ValueError, "class_weights must hold 2 numbers or more"),
        ({"class_weights": (1, 2, 3)}, ValueError, r"class_weights must be \(background, cell\)"),
        ({"class_weights": (1, -2)}, ValueError, r"class_weights\[1\] must be at least 0, got -2"),
        ({"class_weights": 1.0}, TypeError, "class_weights must be a list of numbers"),
    ],
)
def test_options_that_give_no_weight_are_refused(options, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        border_weights(two_cells(2), **options)


@pytest.mark.parametrize("shape", [(0, 4, 4), (4, 0)])
def test_no_image_has_no_weights(shape):
    with pytest.raises(ValueError, match=r"^instances must be \(.*H, W\) integer, got"):
        border_weights(torch.zeros(shape, dtype=torch.int64))


# ---------------------------------------------------------------------------- the loss


torch.manual_seed(0)
LOGITS = torch.randn(4, 3, 5, 6, dtype=torch.float64)
TARGET = torch.randint(3, (4, 5, 6))
WEIGHTS = torch.rand(4, 5, 6, dtype=torch.float64)


def close(a, b):
    return torch.allclose(a, b, rtol=1e-12)


def test_with_weights_of_one_it_is_the_cross_entropy_summed_over_pixels():
    expected = F.cross_entropy(LOGITS, TARGET, reduction="sum") / 4
    assert close(weighted_cross_entropy(LOGITS, TARGET, torch.ones_like(WEIGHTS)), expected)


def test_class_weights_as_pixel_weights_are_those_of_pytorch():
    classes = torch.tensor([0.2, 1.0, 3.0], dtype=torch.float64)
    expected = F.cross_entropy(LOGITS, TARGET, weight=classes, reduction="sum") / 4
    assert close(weighted_cross_entropy(LOGITS, TARGET, classes[TARGET]), expected)


def test_a_pixel_of_weight_two_counts_like_two_and_one_of_weight_zero_not_at_all():
    def loss(weights):
        return weighted_cross_entropy(LOGITS, TARGET, weights)

    mask = (WEIGHTS > 0.5).double()
    assert close(loss(1 + mask), loss(torch.ones_like(mask)) + loss(mask))
    logits = LOGITS.clone().requires_grad_()
    weighted_cross_entropy(logits, TARGET, mask).backward()
    assert torch.equal(logits.grad.abs().sum(dim=1) > 0, mask > 0)


def test_zero_logits_cost_the_log_of_the_number_of_classes_times_the_weights():
    cost = weighted_cross_entropy(torch.zeros(4, 3, 5, 6), TARGET, WEIGHTS).item()
    assert cost == pytest.approx(math.log(3) * WEIGHTS.sum().item() / 4, rel=1e-6)


def test_a_batch_twice_costs_the_same():
    twice = (torch.cat([part, part]) for part in (LOGITS, TARGET, WEIGHTS))
    assert close(weighted_cross_entropy(*twice), weighted_cross_entropy(LOGITS, TARGET, WEIGHTS))


@pytest.mark.parametrize(
    ("target", "got"),
    [
        (255 * (TARGET > 0), "from 0 to 2, got 0 to 255"),
        (TARGET - 1, "from 0 to 2, got -1 to 1"),
        (TARGET + 1, "from 0 to 2, got 1 to 3"),
        (torch.where(TARGET > 1, -100, 0), "from 0 to 2, got -100 to 0"),
        (TARGET.to(torch.uint8), r"int64, got \(4, 5, 6\) torch.uint8"),
        (TARGET.double(), r"int64, got \(4, 5, 6\) torch.float64"),
    ],
)
def test_a_target_that_names_no_class_is_refused_with_the_fix(target, got):
    with pytest.raises(ValueError, match=f"^target must be .*{got}") as raised:
        weighted_cross_entropy(LOGITS, target, WEIGHTS)
    assert "(mask > 127).long()" in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((LOGITS, TARGET[:1], WEIGHTS), r"^target must be \(4, 5, 6\) .* got \(1, 5, 6\)"),
        ((LOGITS, TARGET[:, None], WEIGHTS), r"^target must be \(4, 5, 6\) .* got \(4, 1, 5, 6\)"),
        ((LOGITS, TARGET, WEIGHTS[0]), r"^weights must be \(4, 5, 6\) .* got \(5, 6\)"),
        ((LOGITS[0, 0, 0], TARGET, WEIGHTS), r"^logits must be \(N, C, H, W\) .* got \(6,\)"),
    ],
)
def test_shapes_that_differ_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        weighted_cross_entropy(*arguments)


def test_weights_below_zero_are_refused():
    with pytest.raises(ValueError, match="^weights must be at least 0, got -1 to -1"):
        weighted_cross_entropy(LOGITS, TARGET, -torch.ones_like(WEIGHTS))
