"""The fully connected LSTM that a convolutional one is compared with. For chapter 11."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_input
from coursekit.layers.weights import seeded
from coursekit.models.convlstm import ConvLSTM


class FCLSTMForecaster(nn.Module):
    """Encoder and forecaster of fully connected LSTMs (Srivastava et al. 2015; Shi et al. 2015).

    Frames as rows (N, T, D) -> logits (N, steps, D): the recursion of `convlstm.ConvLSTMForecaster`
    on maps of one pixel, where a convolution is a linear layer and nothing is local. The encoder's
    last states are the first of the forecaster, which has the layers in reverse order and whose
    first one has no input. A linear layer on h of the forecaster's last one gives each frame.

    `inputs` is D; `widths` names the units of each layer from the input up. The defaults are the
    network of Shi et al., Table 1, FC-LSTM-2048-2048 on frames of 64 x 64: 142,667,776 parameters,
    with three peepholes a unit. They start at 0, the rest as PyTorch has it; `seed` fixes it.
    Deviation: the paper does not say how weights start.
    Raises ValueError for a number below 1 and, in `forward`, for an input that is not (N, T, D).

    >>> model = FCLSTMForecaster(16, widths=(8, 4))
    >>> model(torch.rand(5, 10, 16), steps=3).shape
    torch.Size([5, 3, 16])
    """

    def __init__(
        self, inputs: int = 4096, *, widths: Sequence[int] = (2048, 2048), seed: int | None = 0
    ) -> None:
        super().__init__()
        self.inputs = check_count("inputs", inputs)
        widths = check_counts("widths", widths)
        with seeded(seed):
            self.encoder = ConvLSTM(inputs, widths=widths, kernel_size=1, seed=None)
            self.forecaster = ConvLSTM(0, widths=widths[::-1], kernel_size=1, seed=None)
            self.readout = nn.Linear(widths[0], inputs)

    def forward(self, x: Tensor, *, steps: int = 10) -> Tensor:
        check_count("steps", steps)
        hint = "frames of images go in as x.flatten(2)"
        check_input("x", x, ("N", "T", self.inputs), hint, model=self)
        states = self.encoder(x[..., None, None])[-1][::-1]  # one pixel: x is N x T x D x 1 x 1
        frames = []
        for _ in range(steps):
            states = self.forecaster.step(None, states)
            frames.append(self.readout(states[-1][0].flatten(1)))  # N x D
        return torch.stack(frames, dim=1)  # N x steps x D
