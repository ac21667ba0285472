import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.metrics.forecasting import Contingency, FractionsSkillScore, MeanAbsoluteError
from coursekit.metrics.segmentation import Overlap

nan = math.nan
THRESHOLDS = [0.1, 0.5, 2.0]
every_score = pytest.mark.parametrize(
    "score",
    [
        MeanAbsoluteError,
        lambda: Contingency(THRESHOLDS),
        lambda: FractionsSkillScore(THRESHOLDS, scales=[1, 3, 7]),
    ],
    ids=["mae", "contingency", "fss"],
)


def rain(n=5, size=(16, 20), seed=0, missing=0.0):
    """Smooth fields with some rain, in mm/h; NaN where missing."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, 1, *size, generator=generator)
    smooth = 4 * torch.nn.functional.avg_pool2d(noise, 5, stride=1, padding=2).clamp(min=0)[:, 0]
    return torch.where(torch.rand(n, *size, generator=generator) < missing, nan, smooth)


def scored(score, forecast, observation, cuts=()):
    for ours, true in zip(forecast.tensor_split(cuts), observation.tensor_split(cuts)):
        score.update(ours, true)
    return score


@every_score
@given(cuts=st.lists(st.integers(0, 5), max_size=4).map(sorted), seed=st.integers(0, 99))
def test_any_batches_give_the_same_score_exactly(score, cuts, seed):
    forecast, observation = rain(seed=seed, missing=0.1), rain(seed=seed + 1, missing=0.1)
    whole = scored(score(), forecast, observation)
    assert torch.equal(scored(score(), forecast, observation, cuts).totals, whole.totals)


@every_score
def test_the_sum_of_scores_is_the_score_of_the_whole_set(score):
    forecast, observation = rain(missing=0.1), rain(seed=1, missing=0.1)
    parts = [scored(score(), f, o) for f, o in zip(forecast, observation)]
    before = parts[0].totals.clone()
    pooled = sum(parts[1:], start=parts[0])
    expected = scored(score(), forecast, observation).totals
    assert type(pooled) is type(parts[0])
    assert torch.allclose(pooled.totals.double(), expected.double(), rtol=1e-12)
    assert torch.equal(parts[0].totals, before)


@every_score
def test_arrays_float32_and_sequences_count_like_tensors(score):
    forecast, observation = rain(6, missing=0.1), rain(6, seed=1, missing=0.1)
    whole = scored(score(), forecast, observation).totals
    arrays = score()
    arrays.update(forecast.numpy(), observation.numpy())
    assert torch.equal(arrays.totals, whole)
    sequences = score()
    sequences.update(forecast.reshape(2, 3, 1, 16, 20), observation.reshape(2, 3, 1, 16, 20))
    assert torch.equal(sequences.totals, whole)


@every_score
def test_pixels_missing_in_either_field_do_not_count(score):
    forecast, observation = rain(), rain(seed=1)
    hole = rain(missing=0.2, seed=2).isnan()
    holed = [torch.where(hole, nan, forecast), torch.where(hole, nan, observation)]
    first, second, both = (
        scored(score(), *pair) for pair in ((holed[0], observation), (forecast, holed[1]), holed)
    )
    assert torch.equal(first.totals, second.totals) and torch.equal(first.totals, both.totals)


def test_the_mean_of_batch_means_is_not_the_mean_of_the_set():
    errors = torch.arange(10.0)[:, None, None]  # ten fields with errors 0 to 9
    batches = errors.split(4)  # 4 + 4 + 2
    batch_means = [scored(MeanAbsoluteError(), b, 0 * b).compute() for b in batches]
    assert np.mean(batch_means) == pytest.approx(5.1667, abs=1e-4)
    mae = MeanAbsoluteError()
    for batch in batches:
        mae.update(batch, 0 * batch)
    assert mae.compute() == 4.5


@given(seed=st.integers(0, 99), missing=st.sampled_from([0.0, 0.3]))
def test_the_error_is_the_mean_over_known_pixels(seed, missing):
    forecast, observation = rain(seed=seed, missing=missing), rain(seed=seed + 1)
    expected = (forecast.double() - observation).abs().nanmean().item()
    score = scored(MeanAbsoluteError(), forecast, observation).compute()
    assert score == pytest.approx(expected, rel=1e-12)


def test_pod_far_and_csi_agree_with_pysteps():
    scores = pytest.importorskip("pysteps.verification.detcatscores")
    forecast, observation = rain(), rain(seed=1)
    ours = scored(Contingency(THRESHOLDS), forecast, observation)
    for k, threshold in enumerate(THRESHOLDS):
        peer = scores.det_cat_fct_init(threshold)
        for f, o in zip(forecast.numpy(), observation.numpy()):
            scores.det_cat_fct_accum(peer, f, o)
        expected = scores.det_cat_fct_compute(peer, ["POD", "FAR", "CSI"])
        found = [score[k].item() for score in (ours.pod(), ours.far(), ours.csi())]
        assert found == pytest.approx([expected["POD"], expected["FAR"], expected["CSI"]])
        assert ours.hits[k] == peer["hits"] and ours.misses[k] == peer["misses"]
        assert ours.false_alarms[k] == peer["false_alarms"]
        assert ours.correct_negatives[k] == peer["correct_negatives"]


def test_counts_by_hand():
    score = scored(
        Contingency([1.0]),
        torch.tensor([[[2.0, 2.0, 0.0, 0.0, 1.0, nan]]]),
        torch.tensor([[[3.0, 0.0, 5.0, 0.0, 1.0, 9.0]]]),
    )
    assert (score.hits, score.misses, score.false_alarms, score.correct_negatives) == (2, 1, 1, 1)
    assert score.pod().tolist() == score.far().add(1 / 3).tolist() == pytest.approx([2 / 3])
    assert score.csi().tolist() == [0.5]


@pytest.mark.parametrize("rate", [0.1, 0.7, 5.0])
def test_a_pixel_at_the_threshold_is_rain_in_float32_too(rate):
    field = torch.full((1, 2, 2), rate)
    assert scored(Contingency([rate]), field, field).hits.tolist() == [4]


@given(seed=st.integers(0, 99))
def test_csi_follows_from_pod_and_far_of_pooled_counts(seed):
    score = scored(Contingency(THRESHOLDS), rain(seed=seed), rain(seed=seed + 1))
    expected = 1 / (1 / score.pod() + 1 / (1 - score.far()) - 1)
    some = score.hits > 0
    assert some[0] and torch.allclose(score.csi()[some], expected[some], rtol=1e-12)


def test_csi_does_not_follow_from_averages_over_frames():
    forecast, observation = rain(), rain(seed=1)
    frames = [scored(Contingency([1.0]), f, o) for f, o in zip(forecast, observation)]
    pod, far, csi = (
        np.mean([getattr(frame, name)().item() for frame in frames])
        for name in ("pod", "far", "csi")
    )
    assert abs(1 / (1 / pod + 1 / (1 - far) - 1) - csi) > 1e-3


@given(seed=st.integers(0, 99))
def test_csi_is_the_intersection_over_union_of_the_rain(seed):
    forecast, observation = rain(seed=seed), rain(seed=seed + 1)
    overlap = scored(Overlap(), forecast >= 0.5, observation >= 0.5)
    csi = scored(Contingency([0.5]), forecast, observation).csi()
    assert csi.item() == overlap.iou()[1].item()


def test_a_score_with_nothing_to_divide_by_is_nan():
    dry, wet = torch.zeros(1, 4, 4), torch.ones(1, 4, 4)
    silent, missed = (scored(Contingency([0.5]), dry, o) for o in (dry, wet))
    assert all(math.isnan(score) for score in (silent.pod(), silent.far(), silent.csi()))
    assert (missed.pod(), missed.csi()) == (0, 0) and math.isnan(missed.far())
    assert math.isnan(MeanAbsoluteError().compute())
    assert math.isnan(scored(FractionsSkillScore([0.5], scales=[3]), dry, dry).compute())


@pytest.mark.parametrize("size", [(16, 20), (21, 9)])
def test_fss_agrees_with_pysteps(size):
    spatial = pytest.importorskip("pysteps.verification.spatialscores")
    hole = rain(size=size, missing=0.1, seed=2).isnan()
    forecast, observation = (torch.where(hole, nan, rain(size=size, seed=s)) for s in (0, 1))
    scales = [1, 3, 5, 15]
    ours = scored(FractionsSkillScore(THRESHOLDS, scales=scales), forecast, observation).compute()
    for k, threshold in enumerate(THRESHOLDS):
        for s, scale in enumerate(scales):
            peer = spatial.fss_init(threshold, scale)
            for f, o in zip(forecast.numpy(), observation.numpy()):
                spatial.fss_accum(peer, f, o)
            assert ours[k, s].item() == pytest.approx(spatial.fss_compute(peer), abs=1e-12)


def test_fss_by_windows_counted_one_by_one():
    f, o = rain(1, (5, 6)), rain(1, (5, 6), seed=1)
    shares = []
    for field in (f, o):
        wet = np.pad(field[0].numpy() >= 0.5, 1).astype(float)
        shares.append(
            np.array([wet[y : y + 3, x : x + 3].mean() for y in range(5) for x in range(6)])
        )
    expected = 1 - ((shares[0] - shares[1]) ** 2).sum() / sum((s**2).sum() for s in shares)
    assert scored(FractionsSkillScore([0.5], scales=[3]), f, o).compute().item() == pytest.approx(
        expected
    )


def test_a_displaced_storm_is_forgiven_at_scales_beyond_its_displacement():
    storm = torch.zeros(1, 64, 64)
    storm[:, 30:34, 20:24] = 5.0
    score = scored(FractionsSkillScore([1.0], scales=[1, 5, 17, 33]), storm.roll(8, dims=2), storm)
    fss = score.compute()[0]
    assert fss[0] == 0 and (fss.diff() >= -1e-12).all() and fss[-1] > 0.75
    assert scored(Contingency([1.0]), storm.roll(8, dims=2), storm).csi() == 0


def test_a_perfect_forecast_scores_one():
    field = rain()
    assert (
        scored(FractionsSkillScore(THRESHOLDS, scales=[1, 9]), field, field).compute() == 1
    ).all()
    score = scored(Contingency(THRESHOLDS), field, field)
    assert score.csi().tolist() == [1.0] * 3 and score.far().tolist() == [0.0] * 3


@pytest.mark.parametrize(
    ("thresholds", "kind", "message"),
    [
        ([], ValueError, "must hold 1 numbers or more"),
        ([0.0, 1.0], ValueError, "must be above 0, got 0.0"),
        ([-1.0], ValueError, "must be above 0, got -1.0"),
        ([nan], ValueError, "must be a finite number, got nan"),
        ([1, nan], ValueError, "must be a finite number, got nan"),
        ("15", TypeError, "must be a list of numbers, got the str '15'"),
        (["1"], TypeError, "must be a number, got the str '1'"),
        (5.0, TypeError, "must be a list of numbers, got the float 5.0"),
    ],
)
@pytest.mark.parametrize("score", [Contingency, lambda t: FractionsSkillScore(t, scales=[1])])
def test_thresholds_that_make_dry_pixels_rain_are_refused(score, thresholds, kind, message):
    with pytest.raises(kind, match=rf"^thresholds_mm_h(\[\d\])? {message}"):
        score(thresholds)


@pytest.mark.parametrize(
    ("scales", "kind", "message"),
    [
        ([], ValueError, "scales must be a list of whole numbers, 1 numbers or more"),
        ([2], ValueError, r"scales must be odd numbers of pixels, .* got \[2\]"),
        ([1, 0], ValueError, r"scales\[1\] must be at least 1, got 0"),
        ([3, -1], ValueError, r"scales\[1\] must be at least 1, got -1"),
        ([1.5], TypeError, r"scales\[0\] must be a whole number, got the float 1.5"),
        (3, TypeError, "scales must be a list of whole numbers, got the int 3"),
    ],
)
def test_scales_without_a_middle_pixel_are_refused(scales, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        FractionsSkillScore([0.5], scales=scales)


@every_score
@pytest.mark.parametrize(
    ("forecast", "observation", "message"),
    [
        (
            torch.zeros(1, 4, 4),
            torch.zeros(3, 4, 4),
            r"^observation\w* must be \(1, 4, 4\) as the forecast\w* is, got \(3, 4, 4\)",
        ),
        (torch.zeros(4), torch.zeros(4), r"^forecast\w* must be \(H, W\) .* got \(4,\)"),
        (
            torch.zeros(1, 4, 4, dtype=torch.uint8),
            torch.zeros(1, 4, 4),
            r"^forecast\w* must be .* floating point, got \(1, 4, 4\) torch.uint8",
        ),
        (
            torch.zeros(1, 4, 4),
            torch.zeros(1, 4, 4).int(),
            r"^observation\w* must be .* floating point, got \(1, 4, 4\) torch.int32",
        ),
        (
            torch.zeros(1, 4, 4),
            torch.full((1, 4, 4), math.inf),
            r"^observation\w* must be finite, or NaN where a pixel is missing",
        ),
    ],
)
def test_fields_that_do_not_fit_are_refused(score, forecast, observation, message):
    with pytest.raises(ValueError, match=message):
        score().update(forecast, observation)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Contingency([1.0]), Contingency([2.0])),
        (MeanAbsoluteError(), Contingency([1.0])),
        (Contingency([1.0]), 0),
    ],
)
def test_scores_of_different_kinds_or_settings_cannot_be_added(a, b):
    with pytest.raises(ValueError, match="only scores of one kind and with the same settings"):
        a + b
