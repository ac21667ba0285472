"""What networks are made of: blocks, first weights, convolutions in every form.

| module | what it holds |
|---|---|
| `blocks` | `mlp`, `head`, `scaled`, `double_conv`, `response_norm` |
| `weights` | first weights, `he_normal` and others; `seeded`, the generator they are drawn from |
| `modes` | `eval_mode`: a model in eval mode, every layer restored afterwards |
| `labels` | `join_labels`: labels as further channels |
| `convolutions` | the convolution by loops, by a matrix product, by FFT |
| `transposed_convolutions` | the transposed one by stamps, with stuffed zeros, as a gradient |
| `locally_connected` | the convolution whose weights are not shared |

Used by every chapter.
"""

from coursekit.layers.blocks import double_conv, head, mlp, response_norm, scaled
from coursekit.layers.convolutions import convolve_fft, convolve_loops, convolve_unfold
from coursekit.layers.labels import join_labels
from coursekit.layers.locally_connected import LocallyConnected2d
from coursekit.layers.modes import eval_mode
from coursekit.layers.transposed_convolutions import (
    transposed_gradient,
    transposed_scatter,
    transposed_stuffed,
)
from coursekit.layers.weights import (
    dcgan_normal,
    glorot_normal,
    he_normal,
    lecun_uniform,
    seeded,
    zero_biases,
)

__all__ = [
    "LocallyConnected2d",
    "convolve_fft",
    "convolve_loops",
    "convolve_unfold",
    "dcgan_normal",
    "double_conv",
    "eval_mode",
    "glorot_normal",
    "he_normal",
    "head",
    "join_labels",
    "lecun_uniform",
    "mlp",
    "response_norm",
    "scaled",
    "seeded",
    "transposed_gradient",
    "transposed_scatter",
    "transposed_stuffed",
    "zero_biases",
]
