"""Valid calls of `coursekit.metrics`."""

import torch

from coursekit import metrics
from tests.garbage.calls import Call


def rand(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


A, B = rand(12, 3), rand(12, 3, seed=1) + 0.3
X, NOISY = rand(2, 1, 12, 14), 0.5 * rand(2, 1, 12, 14) + 0.5 * rand(2, 1, 12, 14, seed=1)
LABELS, ASKED = torch.arange(12) % 3, torch.arange(12) % 2
MASK, TRUE = torch.tensor([[0, 1, 1, 1]]), torch.tensor([[0, 0, 1, 1]])
SEGMENTS, CELLS = torch.tensor([[[1, 1, 1, 2]]]), torch.tensor([[[1, 1, 2, 2]]])
RAIN, OBSERVED = 8 * rand(2, 6, 6), 8 * rand(2, 6, 6, seed=1)
RATES = [0.5, 5.0]
ANY_RATES = "float64 array huge"


def overlap(prediction, target, classes=2):
    score = metrics.Overlap(classes)
    score.update(prediction, target)
    return score.iou(), score.dice(), score.accuracy()


def segment_errors(segments, target):
    errors = metrics.SegmentErrors()
    errors.update(segments, target)
    return errors.variation_of_information(), errors.rand_score(), errors.information_score()


def mean_absolute_error(forecast, observation):
    score = metrics.MeanAbsoluteError()
    score.update(forecast, observation)
    return score.compute()


def contingency(forecast_mm_h, observation_mm_h, thresholds_mm_h=RATES):
    score = metrics.Contingency(thresholds_mm_h)
    score.update(forecast_mm_h, observation_mm_h)
    return score.pod(), score.far(), score.csi()


def skill(forecast_mm_h, observation_mm_h, thresholds_mm_h=RATES, scales=(1, 3)):
    score = metrics.FractionsSkillScore(thresholds_mm_h, scales=scales)
    score.update(forecast_mm_h, observation_mm_h)
    return score.compute()


CALLS = {
    "psnr": Call(
        metrics.psnr,
        output=NOISY,
        target=X,
        peak=1.0,
        accepts={"peak": "float64 huge"},
        refuses={"target": "negative huge"},
    ),
    "ssim": Call(
        metrics.ssim,
        output=NOISY,
        target=X,
        peak=1.0,
        accepts={"peak": "float64 huge"},
        refuses={"target": "negative huge"},
    ),
    "snr": Call(metrics.snr, output=A + 0.1 * B, target=A, refuses={"target": "zero"}),
    "log_spectral_distance": Call(
        metrics.log_spectral_distance,
        output=NOISY[0],
        target=X[0],
        range_db=50.0,
        accepts={"range_db": "float64 integer huge"},
        refuses={"output": "negative", "target": "negative zero"},
    ),
    "nearest": Call(metrics.nearest, queries=A, items=B, k=3),
    "precision_at_k": Call(
        metrics.precision_at_k, queries=A, query_labels=ASKED, items=B, labels=LABELS, k=4
    ),
    "neighbourhood": Call(metrics.neighbourhood, points=A, embedding=B, k=3),
    "frechet_distance": Call(
        metrics.frechet_distance, points_a=A, points_b=B, features="three numbers"
    ),
    "mode_coverage": Call(
        metrics.mode_coverage,
        points=A,
        means=B[:2],
        radius=0.5,
        accepts={"radius": "float64 integer huge"},
    ),
    "wasserstein": Call(metrics.wasserstein, points_a=A, points_b=B),
    "squared_mmd": Call(
        metrics.squared_mmd,
        points_a=A,
        points_b=B,
        bandwidth=0.5,
        accepts={"bandwidth": "float64 integer huge"},
    ),
    "parzen_log_likelihood": Call(
        metrics.parzen_log_likelihood,
        samples=A,
        points=B,
        sigma=0.5,
        accepts={"sigma": "float64 integer huge"},
    ),
    "Overlap": Call(
        overlap,
        prediction=MASK,
        target=TRUE,
        classes=2,
        refuses={"prediction": "negative huge", "target": "negative huge"},
    ),
    "SegmentErrors": Call(
        segment_errors,
        segments=SEGMENTS,
        target=CELLS,
        refuses={"segments": "negative", "target": "negative"},
    ),
    "segments": Call(
        metrics.segments,
        cell_probability=rand(2, 5, 6),
        threshold=0.5,
        accepts={
            "cell_probability": "integer empty",
            "threshold": "float64 integer",
        },  # binary labels
        refuses={"cell_probability": "negative huge"},
    ),
    "thin_borders": Call(
        metrics.thin_borders,
        labels=torch.tensor([[[1, 0, 0, 0, 2]]]),
        accepts={"labels": "empty"},
        refuses={"labels": "negative"},
    ),
    "MeanAbsoluteError": Call(mean_absolute_error, forecast=RAIN, observation=OBSERVED),
    "Contingency": Call(
        contingency,
        forecast_mm_h=RAIN,
        observation_mm_h=OBSERVED,
        thresholds_mm_h=RATES,
        accepts={
            "thresholds_mm_h": ANY_RATES,
            "forecast_mm_h": "nan",  # a missing pixel
            "observation_mm_h": "nan",
        },
    ),
    "FractionsSkillScore": Call(
        skill,
        forecast_mm_h=RAIN,
        observation_mm_h=OBSERVED,
        thresholds_mm_h=RATES,
        scales=[1, 3],
        accepts={"thresholds_mm_h": ANY_RATES, "forecast_mm_h": "nan", "observation_mm_h": "nan"},
    ),
    "radial_spectrum": Call(
        metrics.radial_spectrum, fields=RAIN[0], pixel_km=2.0, accepts={"pixel_km": "float64 huge"}
    ),
}
EXEMPT = {"Coverage": "a form of result", "Neighbourhood": "a form of result"}
