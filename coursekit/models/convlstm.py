"""Convolutional LSTMs: recurrent networks whose states are images."""

import random

import torch
from torch import nn

from coursekit.arguments import check_input
from coursekit.layers.weights import seeded


class ConvLSTMCell(nn.Module):
    """One step of a convolutional LSTM (Shi et al., NeurIPS 2015, equation 3).

        i = sigmoid(W_xi * x + W_hi * h + w_ci c + b_i)      f, likewise
        c' = f c + i tanh(W_xc * x + W_hc * h + b_c)
        o = sigmoid(W_xo * x + W_ho * h + w_co c' + b_o)     h' = o tanh(c')

    with * a padded convolution, so that maps keep their size. `kernel_size` is that of W_x.,
    `state_kernel` that of W_h., the same by default; `peephole=False` leaves out w_c.
    x (N, in_channels, H, W) and state (h, c), each (N, hidden, H, W), or None for zeros, give
    the new (h, c), as in nn.LSTMCell. With `in_channels=0` there is no x: pass None and a state.

    kx^2 in_channels 4 hidden + kh^2 hidden 4 hidden + 4 hidden + 3 hidden parameters, in the order
    i, f, g, o of nn.LSTMCell (g = tanh(...)). On a 1x1 map, with 1x1 kernels and no peephole, it is
    nn.LSTMCell, whose two biases b_ih and b_hh add up to the one here.
    Equation 3 leaves open whether a peephole has a weight a channel or a weight a pixel; only a
    weight a channel gives the parameter counts of the paper's Table 1. They start at 0.

    `seed` fixes the initial weights. Raises ValueError for even kernels, and in `forward` for an
    input or a state of another shape.
    """

    def __init__(
        self, in_channels, hidden, kernel_size=3, *, state_kernel=None, peephole=True, seed=0
    ):
        super().__init__()
        state_kernel = state_kernel or kernel_size
        if kernel_size % 2 == 0 or state_kernel % 2 == 0:
            raise ValueError(
                "kernel_size and state_kernel must be odd, to keep the size, "
                f"got {kernel_size} and {state_kernel}"
            )
        self.in_channels, self.hidden = in_channels, hidden
        with seeded(seed):
            self.input = (
                nn.Conv2d(
                    in_channels, 4 * hidden, kernel_size, bias=False, padding=kernel_size // 2
                )
                if in_channels
                else None
            )
            self.state = nn.Conv2d(hidden, 4 * hidden, state_kernel, padding=state_kernel // 2)
        self.peephole = nn.Parameter(torch.zeros(3, hidden, 1, 1)) if peephole else None  # i, f, o

    def forward(self, x, state=None):
        h, c = self._check(x, state)
        gates = self.state(h)  # N x 4 hidden x H x W
        if x is not None:
            gates = gates + self.input(x)
        i, f, g, o = gates.chunk(4, dim=1)  # N x hidden x H x W each
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
            check_input("x", x, ("N", self.in_channels, "H", "W"))
        if state is None:
            zeros = x.new_zeros(len(x), self.hidden, *x.shape[-2:])
            return zeros, zeros
        n, _, *size = (state[0] if x is None else x).shape
        for name, part in zip("hc", state):
            check_input(name, part, (n, self.hidden, *size), "the state goes with x")
        return state


class ConvLSTM(nn.Module):
    """ConvLSTM cells on top of each other: the h of one is the x of the next.

    `hidden` names the channels of each layer from the input up; the other arguments are those of
    ConvLSTMCell. x (N, T, in_channels, H, W) and `states`, one (h, c) a layer, or None for zeros
    -> a list over time of lists over layers of (h, c): result[t][layer]. result[-1] is what the
    next piece of a long sequence takes as `states`.
    Raises ValueError for an empty `hidden`, an input that is not (N, T, in_channels, H, W) or
    has T = 0, and for as many states as there are not layers.
    """

    def __init__(
        self, in_channels, hidden, kernel_size=3, *, state_kernel=None, peephole=True, seed=0
    ):
        super().__init__()
        hidden = list(hidden)
        if not hidden:
            raise ValueError("hidden must name the channels of one layer or more, got []")
        self.in_channels = in_channels
        seeds = random.Random(seed)  # another for each layer, so that no two start alike
        self.cells = nn.ModuleList(
            ConvLSTMCell(
                a,
                b,
                kernel_size,
                state_kernel=state_kernel,
                peephole=peephole,
                seed=seeds.getrandbits(32),
            )
            for a, b in zip([in_channels, *hidden], hidden)
        )

    def step(self, x, states):
        """The states after one more frame: (N, in_channels, H, W) or None, a list -> a list."""
        if len(states) != len(self.cells):
            raise ValueError(
                f"states must hold one (h, c) for each of {len(self.cells)} layers, "
                f"got {len(states)}"
            )
        after = []
        for cell, state in zip(self.cells, states):
            state = cell(x, state)
            after.append(state)
            x = state[0]  # N x hidden x H x W
        return after

    def forward(self, x, states=None):
        check_input("x", x, ("N", "T", self.in_channels, "H", "W"))
        if x.shape[1] == 0:
            raise ValueError(f"x must hold one frame or more, got {tuple(x.shape)}")
        states = [None] * len(self.cells) if states is None else states
        history = []
        for frame in x.unbind(dim=1):  # N x C x H x W
            states = self.step(frame, states)
            history.append(states)
        return history


class ConvLSTMForecaster(nn.Module):
    """Encoder and forecaster (Shi et al. 2015, Figure 3): the next `steps` frames from the last.

    (N, T, in_channels, H, W) -> logits (N, steps, in_channels, H, W). The encoder reads the
    frames; its last states are the first of the forecaster, which has the same layers in reverse
    order and whose first layer has no input. A 1x1 convolution over the states h of all its
    layers, concatenated, gives each frame. The paper trains with binary cross-entropy.

    The paper's Moving MNIST frames, 64 x 64, go in as 16 channels of 16 x 16, one a pixel of a
    4 x 4 patch: F.pixel_unshuffle(x, 4), back with F.pixel_shuffle(y, 4). Parameters of Table 1,
    with 5x5 kernels: hidden 256: 13,524,496; 128, 128: 10,042,896; 128, 64, 64, the default:
    7,585,296. With kernel_size=9, state_kernel=1: 128, 128: 11,550,224; 128, 64, 64: 8,830,480.

    `seed` fixes the initial weights; other arguments as for ConvLSTMCell.
    Raises ValueError for what ConvLSTM refuses and for `steps` below 1.
    Deviations: the paper does not say how weights start; here PyTorch's default, peepholes 0.
    """

    def __init__(
        self,
        in_channels=16,
        hidden=(128, 64, 64),
        kernel_size=5,
        *,
        state_kernel=None,
        peephole=True,
        seed=0,
    ):
        super().__init__()
        seeds = random.Random(seed)
        settings = {"state_kernel": state_kernel, "peephole": peephole}
        self.encoder = ConvLSTM(
            in_channels, hidden, kernel_size, **settings, seed=seeds.getrandbits(32)
        )
        self.forecaster = ConvLSTM(
            0, hidden[::-1], kernel_size, **settings, seed=seeds.getrandbits(32)
        )
        with seeded(seed):
            self.readout = nn.Conv2d(sum(hidden), in_channels, 1)

    def forward(self, x, steps=10):
        if steps < 1:
            raise ValueError(f"steps must be at least 1, got {steps}")
        states = self.encoder(x)[-1][::-1]  # N x 64 x H x W, N x 64 x H x W, N x 128 x H x W
        frames = []
        for _ in range(steps):
            states = self.forecaster.step(None, states)
            frames.append(self.readout(torch.cat([h for h, _ in states], dim=1)))  # N x 16 x H x W
        return torch.stack(frames, dim=1)  # N x steps x 16 x H x W
