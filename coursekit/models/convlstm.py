"""Convolutional LSTMs: recurrent networks whose states are images. For chapter 11."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_flag, check_input, describe
from coursekit.layers.weights import seeded


class ConvLSTMCell(nn.Module):
    """One step of a convolutional LSTM (Shi et al., NeurIPS 2015, equation 3).

        i = sigmoid(W_xi * x + W_hi * h + w_ci c + b_i)      f, likewise
        c' = f c + i tanh(W_xc * x + W_hc * h + b_c)
        o = sigmoid(W_xo * x + W_ho * h + w_co c' + b_o)     h' = o tanh(c')

    with * a padded convolution, so that maps keep their size. `kernel_size` is that of W_x.,
    `state_kernel` that of W_h., the same by default; `peephole=False` leaves out w_c.
    x (N, in_channels, H, W) and state (h, c), each (N, width, H, W), or None for zeros, give
    the new (h, c), as in nn.LSTMCell. With `in_channels=0` there is no x: pass None and a state.

    kx^2 in_channels 4 width + kh^2 width 4 width + 4 width + 3 width parameters, in the order
    i, f, g, o of nn.LSTMCell (g = tanh(...)). On a 1x1 map, with 1x1 kernels and no peephole, it is
    nn.LSTMCell, whose two biases b_ih and b_hh add up to the one here.
    Equation 3 leaves open whether a peephole has a weight a channel or a weight a pixel; only a
    weight a channel gives the parameter counts of the paper's Table 1. They start at 0.

    `seed` fixes the first weights. Raises ValueError for even kernels, and in `forward` for an
    input or a state of another shape.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        width: int,
        kernel_size: int = 3,
        state_kernel: int | None = None,
        peephole: bool = True,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.in_channels = check_count("in_channels", in_channels, 0)
        self.width = check_count("width", width)
        state_kernel = kernel_size if state_kernel is None else state_kernel
        for name, kernel in (("kernel_size", kernel_size), ("state_kernel", state_kernel)):
            if check_count(name, kernel) % 2 == 0:
                raise ValueError(f"{name} must be odd, to keep the size, got {kernel}")
        self.input = self.peephole = None
        with seeded(seed):
            if in_channels:
                self.input = nn.Conv2d(
                    in_channels, 4 * width, kernel_size, bias=False, padding=kernel_size // 2
                )
            self.state = nn.Conv2d(width, 4 * width, state_kernel, padding=state_kernel // 2)
        if check_flag("peephole", peephole):
            self.peephole = nn.Parameter(torch.zeros(3, width, 1, 1))  # i, f, o

    def forward(
        self, x: Tensor | None, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        h, c = self._check(x, state)
        gates = self.state(h)  # N x 4 width x H x W
        if x is not None:
            gates = gates + self.input(x)
        i, f, g, o = gates.chunk(4, dim=1)  # N x width x H x W each
        if self.peephole is not None:
            i, f = i + self.peephole[0] * c, f + self.peephole[1] * c
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        if self.peephole is not None:
            o = o + self.peephole[2] * c
        return torch.sigmoid(o) * torch.tanh(c), c

    def _check(self, x, state):
        """The state (h, c), made if there is none; ValueError if x or the state does not fit."""
        if (x is None) != (self.in_channels == 0) or (x is None and state is None):
            raise ValueError(
                "x must be None where in_channels = 0, and only there; a state then "
                f"says the size; got in_channels = {self.in_channels}"
            )
        if x is not None:
            check_input("x", x, ("N", self.in_channels, "H", "W"), model=self)
        if state is None:
            zeros = x.new_zeros(len(x), self.width, *x.shape[-2:])
            return zeros, zeros
        if not isinstance(state, tuple | list) or len(state) != 2:
            raise TypeError(f"state must be a pair (h, c), got {describe(state)}")
        shape = ("N", self.width, "H", "W") if x is None else (len(x), self.width, *x.shape[-2:])
        h = check_input("h of state", state[0], shape, "the state goes with x", model=self)
        return h, check_input("c of state", state[1], h.shape, "as its h is", model=self)


class ConvLSTM(nn.Module):
    """ConvLSTM cells on top of each other: the h of one is the x of the next.

    `widths` names the maps of each layer from the input up; the other arguments are those of
    ConvLSTMCell. x (N, T, channels, H, W) and `states`, one (h, c) a layer, or None for zeros
    -> a list over time of lists over layers of (h, c): result[t][layer]. result[-1] is what the
    next piece of a long sequence takes as `states`.
    Raises ValueError for empty `widths`, an input that is not (N, T, channels, H, W), and for
    as many states as there are not layers.
    """

    def __init__(
        self,
        channels: int,
        *,
        widths: Sequence[int],
        kernel_size: int = 3,
        state_kernel: int | None = None,
        peephole: bool = True,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.channels = check_count("channels", channels, 0)
        widths = check_counts("widths", widths)
        with seeded(seed):
            self.cells = nn.ModuleList(
                ConvLSTMCell(
                    a,
                    width=b,
                    kernel_size=kernel_size,
                    state_kernel=state_kernel,
                    peephole=peephole,
                    seed=None,
                )
                for a, b in zip([channels, *widths], widths)
            )

    def step(
        self, x: Tensor | None, states: Sequence[tuple[Tensor, Tensor] | None]
    ) -> list[tuple[Tensor, Tensor]]:
        """The states after one more frame: (N, channels, H, W) or None, a list -> a list."""
        if not isinstance(states, list | tuple) or len(states) != len(self.cells):
            got = len(states) if isinstance(states, list | tuple) else describe(states)
            raise ValueError(
                f"states must hold one (h, c) for each of {len(self.cells)} layers, got {got}"
            )
        if not all(state is None or isinstance(state, tuple | list) for state in states):
            raise TypeError("states must hold pairs (h, c) of tensors, or None")
        after = []
        for cell, state in zip(self.cells, states):
            state = cell(x, state)
            after.append(state)
            x = state[0]  # N x width x H x W
        return after

    def forward(
        self, x: Tensor, states: Sequence[tuple[Tensor, Tensor]] | None = None
    ) -> list[list[tuple[Tensor, Tensor]]]:
        check_input("x", x, ("N", "T", self.channels, "H", "W"), model=self)
        states = [None] * len(self.cells) if states is None else states
        history = []
        for frame in x.unbind(dim=1):  # N x C x H x W
            states = self.step(frame, states)
            history.append(states)
        return history


class ConvLSTMForecaster(nn.Module):
    """Encoder and forecaster (Shi et al. 2015, Figure 3): the next `steps` frames from the last.

    (N, T, channels, H, W) -> logits (N, steps, channels, H, W). The encoder reads the
    frames; its last states are the first of the forecaster, which has the same layers in reverse
    order and whose first layer has no input. A 1x1 convolution over the states h of all its
    layers, concatenated, gives each frame. The paper trains with binary cross-entropy.

    The paper's Moving MNIST frames, 64 x 64, go in as 16 channels of 16 x 16, one a pixel of a
    4 x 4 patch: F.pixel_unshuffle(x, 4), back with F.pixel_shuffle(y, 4). Parameters of Table 1,
    with 5x5 kernels: widths 256: 13,524,496; 128, 128: 10,042,896; 128, 64, 64, the default:
    7,585,296. With kernel_size=9, state_kernel=1: 128, 128: 11,550,224; 128, 64, 64: 8,830,480.

    `seed` fixes the first weights; other arguments as for ConvLSTMCell.
    Raises ValueError for what ConvLSTM refuses and for `steps` below 1.
    Deviations: the paper does not say how weights start; here PyTorch's default, peepholes 0.
    """

    def __init__(
        self,
        channels: int = 16,
        *,
        widths: Sequence[int] = (128, 64, 64),
        kernel_size: int = 5,
        state_kernel: int | None = None,
        peephole: bool = True,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_count("channels", channels)
        widths = check_counts("widths", widths)
        settings = dict(kernel_size=kernel_size, state_kernel=state_kernel, peephole=peephole)
        with seeded(seed):
            self.encoder = ConvLSTM(channels, widths=widths, **settings, seed=None)
            self.forecaster = ConvLSTM(0, widths=widths[::-1], **settings, seed=None)
            self.readout = nn.Conv2d(sum(widths), channels, 1)

    def forward(self, x: Tensor, *, steps: int = 10) -> Tensor:
        check_count("steps", steps)
        states = self.encoder(x)[-1][::-1]  # N x 64 x H x W, N x 64 x H x W, N x 128 x H x W
        frames = []
        for _ in range(steps):
            states = self.forecaster.step(None, states)
            frames.append(self.readout(torch.cat([h for h, _ in states], dim=1)))  # N x 16 x H x W
        return torch.stack(frames, dim=1)  # N x steps x 16 x H x W
