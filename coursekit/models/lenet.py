"""LeNet-5: as published in 1998, and as it is built today. For chapters 08 and 09."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_input, check_number
from coursekit.layers.weights import lecun_uniform, seeded

PAD = "28 x 28 digits go in as F.pad(images, (2, 2, 2, 2))"

# The maps of S2 that each map of C3 sees (Table I): three neighbours, four neighbours, two pairs
# of neighbours, all. Map 0 is the neighbour of map 5.
TABLE = [
    sorted((start + step) % 6 for step in steps)
    for steps, starts in [((0, 1, 2), 6), ((0, 1, 2, 3), 6), ((0, 1, 3, 4), 3), (range(6), 1)]
    for start in range(starts)
]

# The digits 0 to 9 in 7 x 12 pixels. The paper shows such bitmaps (Figure 3); these are ours.
BITMAPS = """
..###.. ...##.. .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
.#####. ..###.. ####### ####### ...###. ####### .#####. ####### ####### #######
##...## .####.. ##...## ##...## ..####. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## .....## ..#.##. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## .....## .##.##. ##..... ##..... ....##. ##...## ##...##
##...## ...##.. ....##. ..####. .#..##. #####.. ##.###. ....##. .#####. #######
##...## ...##.. ...##.. ..####. ##..##. .#####. ####### ...##.. .#####. .######
##...## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
##...## ...##.. .##.... .....## ####### .....## ##...## ..##... ##...## .....##
##...## ...##.. ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.
.#####. .###### ####### ####### ....##. ####### ####### .##.... ####### .#####.
..###.. .###### ####### .#####. ....##. .#####. .#####. .##.... .#####. .###...
"""


def digit_codes() -> Tensor:
    """The bitmaps as target codes of the output units: (10, 84), ink +1 and background -1."""
    rows = [line.split() for line in BITMAPS.split("\n") if line]
    digits = ["".join(row[digit] for row in rows) for digit in range(10)]
    return torch.tensor([[1.0 if pixel == "#" else -1.0 for pixel in digit] for digit in digits])


def scaled_tanh(x: Tensor) -> Tensor:
    """1.7159 tanh(2 x / 3): passes through (1, 1) and (-1, -1), and bends most near them."""
    return 1.7159 * torch.tanh(2 / 3 * x)


class Subsampling(nn.Module):
    """coefficient * (sum of 2 x 2 pixels) + bias, one of each a channel: sides are halved."""

    def __init__(self, channels):
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))
        nn.init.uniform_(self.coefficient, -2.4 / 4, 2.4 / 4)

    def forward(self, x):
        return self.coefficient * 4 * F.avg_pool2d(x, 2) + self.bias  # N x C x H/2 x W/2


class PartialConv2d(nn.Module):
    """A convolution whose output map o sees the input maps `table[o]` only.

    Holds one k x k kernel for each connection of two maps, and no weights for the others.
    """

    def __init__(self, table, in_channels, kernel_size):
        super().__init__()
        pairs = [(o, c) for o, inputs in enumerate(table) for c in inputs]
        self.shape = (len(table), in_channels, kernel_size, kernel_size)
        self.register_buffer("pairs", torch.tensor(pairs).T, persistent=False)
        self.weight = nn.Parameter(torch.empty(len(pairs), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        for (o, _), kernel in zip(pairs, self.weight):
            bound = 2.4 / (len(table[o]) * kernel_size**2)
            nn.init.uniform_(kernel, -bound, bound)

    def kernel(self):
        """The kernel of the equal full convolution, (O, C, k, k), zero where unconnected."""
        return self.weight.new_zeros(self.shape).index_put(tuple(self.pairs), self.weight)

    def forward(self, x):
        return F.conv2d(x, self.kernel(), self.bias)


class RadialBasis(nn.Module):
    """y_i = sum_j (x_j - w_ij)^2: squared distances of x (N, K) to fixed codes w (I, K)."""

    def __init__(self, codes):
        super().__init__()
        self.register_buffer("codes", codes)

    def forward(self, x):
        return (x[:, None] - self.codes).square().sum(2)  # N x I


class LeNet5Of1998(nn.Module):
    """LeNet-5 as LeCun, Bottou, Bengio and Haffner published it (Proc. IEEE 1998, Figure 2).

    Grey images (N, 1, 32, 32) in [0, 1], ink 1, become distances (N, 10) to the codes of the
    digits, all >= 0: the answer is the least, `distances.argmin(1)`.
    C1 and C5 are full convolutions, C3 is connected by Table I, S2 and S4 have a trainable
    coefficient and bias a map, each layer up to F6 ends in 1.7159 tanh(2 x / 3), and the output
    units measure the distance of F6 to fixed codes of +-1 (Section II-B).

    60,000 trainable parameters: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164.
    Weights start uniform within +-2.4 / fan-in (Appendix A), biases at 0; `seed` fixes them.
    Deviations: the bitmaps of the codes are our own, and so is the start of the biases.
    Train it with `map_criterion`. Raises ValueError for an input of another shape.

    >>> model = LeNet5Of1998()
    >>> sum(p.numel() for p in model.parameters()), sum(model.connections().values())
    (60000, 340908)
    """

    def __init__(self, *, seed: int | None = 0) -> None:
        super().__init__()
        with seeded(seed):
            self.c1 = lecun_uniform(nn.Conv2d(1, 6, 5))
            self.s2 = Subsampling(6)
            self.c3 = PartialConv2d(TABLE, 6, 5)
            self.s4 = Subsampling(16)
            self.c5 = lecun_uniform(nn.Conv2d(16, 120, 5))
            self.f6 = lecun_uniform(nn.Linear(120, 84))
        self.output = RadialBasis(digit_codes())

    def features(self, x: Tensor) -> Tensor:
        """What F6 shows of `x`: (N, 84), to be compared with the codes."""
        check_input("x", x, ("N", 1, 32, 32), PAD, model=self)
        x = 1.275 * x - 0.1  # background -0.1, ink 1.175: about mean 0 and variance 1
        x = scaled_tanh(self.c1(x))  # N x 6 x 28 x 28
        x = scaled_tanh(self.s2(x))  # N x 6 x 14 x 14
        x = scaled_tanh(self.c3(x))  # N x 16 x 10 x 10
        x = scaled_tanh(self.s4(x))  # N x 16 x 5 x 5
        x = scaled_tanh(self.c5(x)).flatten(1)  # N x 120
        return scaled_tanh(self.f6(x))  # N x 84

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.features(x))  # N x 10

    def connections(self) -> dict[str, int]:
        """Connections, biases included, by layer: a shared weight makes one at every position.

        340,908 in all (Section II-B): 122,304 + 5,880 + 151,600 + 2,000 + 48,120 + 10,164, and
        840 to the output units, which are not trained.
        """
        sides = {"c1": 28, "s2": 14, "c3": 10, "s4": 5, "c5": 1, "f6": 1}
        weights = {name: sum(p.numel() for p in getattr(self, name).parameters()) for name in sides}
        for name in ("s2", "s4"):
            weights[name] = weights[name] // 2 * 5  # four pixels share a coefficient; and the bias
        connections = {name: weights[name] * side**2 for name, side in sides.items()}
        return connections | {"output": self.output.codes.numel()}


class LeNet5(nn.Module):
    """LeNet-5 as it is built today: ReLU, max pooling, a fully connected C3 and softmax.

    Images (N, `channels`, 32, 32) become logits (N, `classes`). `scale` multiplies the
    numbers of maps and units, 6, 16, 120 and 84. With one channel and 10 classes 61,706 parameters.
    Deviations from the published form: `LeNet5Of1998`. PyTorch's first weights, fixed by `seed`.
    Raises ValueError for sizes below 1, scale not above 0 and an input of another shape.

    >>> sum(p.numel() for p in LeNet5().parameters())
    61706
    """

    def __init__(
        self, classes: int = 10, *, channels: int = 1, scale: float = 1.0, seed: int | None = 0
    ) -> None:
        super().__init__()
        check_count("classes", classes)
        self.channels = check_count("channels", channels)
        check_number("scale", scale, above=0, high=1000)
        a, b, c, d = (max(1, round(scale * units)) for units in (6, 16, 120, 84))
        with seeded(seed):
            self.c1 = nn.Conv2d(channels, a, 5)
            self.s2 = nn.MaxPool2d(2)
            self.c3 = nn.Conv2d(a, b, 5)
            self.s4 = nn.MaxPool2d(2)
            self.c5 = nn.Conv2d(b, c, 5)
            self.f6 = nn.Linear(c, d)
            self.output = nn.Linear(d, classes)

    def forward(self, x: Tensor) -> Tensor:
        check_input("x", x, ("N", self.channels, 32, 32), PAD, model=self)
        x = self.s2(F.relu(self.c1(x)))  # N x 6 x 14 x 14
        x = self.s4(F.relu(self.c3(x)))  # N x 16 x 5 x 5
        x = F.relu(self.c5(x)).flatten(1)  # N x 120
        x = F.relu(self.f6(x))  # N x 84
        return self.output(x)  # N x classes
