"""Looking inside a trained model: what it computes, what it sees, what it reacts to.

| module | what it holds |
|---|---|
| `summaries` | `summary`: layers, output shapes, parameters and multiply-adds as a table |
| `feature_maps` | `features`, `capture`: outputs of named layers, in a pass or while a block runs |
| `receptive_fields` | the pixels that a unit sees: computed, and measured by gradients |
| `scoring` | one number an example from any model, and its gradient by the input |
| `saliency` | guided backpropagation, deconvnet, occlusion |
| `activation_maps` | CAM and Grad-CAM |
| `localisation` | maps against boxes: pointing game, box of a map, IoU |
| `stimuli` | `optimal_stimulus`: the input that a unit likes best |
| `jacobians` | the derivative of a map, example by example, and its norm |
| `checkerboard` | overlaps and spectral energy of transposed convolutions |
| `replacing` | PyTorch functions exchanged for a pass; for this room's own use |

Models are looked at in eval mode and left as they were, if a function does not say otherwise.
"""

from coursekit.inspection.activation_maps import cam, grad_cam
from coursekit.inspection.checkerboard import checkerboard_energy, overlap
from coursekit.inspection.feature_maps import capture, features
from coursekit.inspection.jacobians import jacobian, jacobian_norm
from coursekit.inspection.localisation import iou, largest_box, pointing_game
from coursekit.inspection.receptive_fields import (
    ReceptiveField,
    receptive_field,
    receptive_field_by_gradient,
)
from coursekit.inspection.saliency import deconvnet, guided_backpropagation, occlusion
from coursekit.inspection.scoring import input_gradient, scores
from coursekit.inspection.stimuli import optimal_stimulus
from coursekit.inspection.summaries import summary

__all__ = [
    "ReceptiveField",
    "cam",
    "capture",
    "checkerboard_energy",
    "deconvnet",
    "features",
    "grad_cam",
    "guided_backpropagation",
    "input_gradient",
    "iou",
    "jacobian",
    "jacobian_norm",
    "largest_box",
    "occlusion",
    "optimal_stimulus",
    "overlap",
    "pointing_game",
    "receptive_field",
    "receptive_field_by_gradient",
    "scores",
    "summary",
]
