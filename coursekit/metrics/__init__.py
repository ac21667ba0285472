"""Metrics: pure functions of tensors; counts accumulated over a set, divided once.

| module | what it holds |
|---|---|
| `reconstruction` | PSNR and SSIM, one number an image |
| `speech` | signal-to-noise ratio and log-spectral distance, one number a clip |
| `ranking` | the nearest items of a query, and the precision of retrieval |
| `neighbours` | how well a map keeps its points' neighbours |
| `generation` | how far generated examples are from real ones |
| `segmentation` | overlap by class; splits and merges of segments |
| `forecasting` | errors of rain, rain that was hit and missed, agreement by scale |
| `spectra` | the power of a field by wavelength |

Tensors may lie on any device and are never changed; results are Python numbers or tensors on the
CPU, in float64. Integer tensors are refused where floating point is meant, and so is NaN: only in
fields of rain it stands for a missing pixel.

Used by chapters 01 to 06, 10 and 11.
"""

from coursekit.metrics.forecasting import Contingency, FractionsSkillScore, MeanAbsoluteError
from coursekit.metrics.generation import (
    Coverage,
    frechet_distance,
    mode_coverage,
    parzen_log_likelihood,
    squared_mmd,
    wasserstein,
)
from coursekit.metrics.neighbours import Neighbourhood, neighbourhood
from coursekit.metrics.ranking import nearest, precision_at_k
from coursekit.metrics.reconstruction import psnr, ssim
from coursekit.metrics.segmentation import Overlap, SegmentErrors, segments, thin_borders
from coursekit.metrics.spectra import radial_spectrum
from coursekit.metrics.speech import log_spectral_distance, snr

__all__ = [
    "Contingency",
    "Coverage",
    "FractionsSkillScore",
    "MeanAbsoluteError",
    "Neighbourhood",
    "Overlap",
    "SegmentErrors",
    "frechet_distance",
    "log_spectral_distance",
    "mode_coverage",
    "nearest",
    "neighbourhood",
    "parzen_log_likelihood",
    "precision_at_k",
    "psnr",
    "radial_spectrum",
    "segments",
    "snr",
    "squared_mmd",
    "ssim",
    "thin_borders",
    "wasserstein",
]
