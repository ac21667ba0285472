"""AlexNet as torchvision has it and as it was published. For chapters 08 and 09."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from coursekit.arguments import (
    check_choice,
    check_count,
    check_counts,
    check_flag,
    check_input,
    check_number,
)
from coursekit.layers.blocks import check_activation, head, response_norm, scaled
from coursekit.layers.weights import he_normal, seeded

GREY = "grey images go in as x.expand(-1, 3, -1, -1)"


class AlexNet(nn.Module):
    """AlexNet in torchvision's form: logits (N, classes) of images (N, 3, H, W).

    The form of Krizhevsky's "One weird trick" (2014): 64-192-384-256-256 channels, neither groups
    nor local response normalisation. 61,100,840 parameters under torchvision's names, so that its
    trained weights load. An adaptive average makes the maps 6 x 6 whatever the input size; from
    224 x 224 they are that already. The first kernels are those of `he_normal`.

    `scale` multiplies the channels, also those of the linear layers; `seed` fixes the weights.
    Raises ValueError for a scale that leaves no channel and, in `forward`, for an input that is
    not (N, 3, H, W) floating point with H and W at least 63.
    """

    def __init__(
        self, classes: int = 1000, *, scale: float = 1.0, dropout: float = 0.5, seed: int | None = 0
    ) -> None:
        super().__init__()
        check_count("classes", classes)
        check_number("dropout", dropout, 0, below=1)
        c1, c2, c3, c4, c5, hidden = scaled((64, 192, 384, 256, 256, 4096), scale=scale)
        with seeded(seed):
            self.features = nn.Sequential(
                nn.Conv2d(3, c1, 11, stride=4, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(c1, c2, 5, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(c2, c3, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(c3, c4, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(c4, c5, 3, padding=1),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
            )
            self.avgpool = nn.AdaptiveAvgPool2d(6)
            self.classifier = nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(c5 * 6 * 6, hidden),
                nn.ReLU(),
                nn.Dropout(dropout),
                nn.Linear(hidden, hidden),
                nn.ReLU(),
                nn.Linear(hidden, classes),
            )
            he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        hint = f"{GREY}, 32 x 32 ones into AlexNetOf2012(size=32)"
        check_input("x", x, ("N", 3, "H", "W"), hint, smallest=63, model=self)
        x = self.features(x)  # N x 256 x 6 x 6 from 224 x 224
        x = self.avgpool(x).flatten(1)  # N x 9216
        return self.classifier(x)  # N x classes


class AlexNetOf2012(nn.Module):
    """AlexNet as published: logits (N, classes) of images (N, 3, size, size).

    Krizhevsky, Sutskever and Hinton (NIPS 2012, Figure 2). Layers 2, 4 and 5 are split into
    `groups`, one for each of the two GPUs: 60,965,224 parameters, or 62,378,344 with `groups=1`.
    Convolution, activation, local response normalisation (layers 1, 2), max-pooling (1, 2, 5).
    Deviations: size 227, as the sizes of the paper's layers need (it says 224); first kernels of
    `he_normal`, not N(0, 0.01); biases not 1.

    Settings for its experiments:
    `activation`, for ReLU against tanh (Section 3.1);
    `overlapping=False` pools over 2 x 2 rather than 3 x 3 pixels (Section 3.4); stride and sizes
    stay the same;
    `without` removes layers 3, 4, 6, 7 (Zeiler and Fergus 2014, Table 3). The layer above reads
    what the removed one read: without 3 and 4, layer 5 reads the 256 channels of layer 2;
    without 6 and 7, layer 8 reads 256 x 6 x 6. This saves 16,781,312 parameters (7), 49,414,144
    (6, 7), 1,696,512 (3, 4) or 51,110,656 (all four).
    `size=32` is for small images, not in the paper: 5 x 5 filters with stride 1 in the first
    layer, 4 x 4 maps after the last.

    `scale` multiplies the channels, also those of the linear layers; `seed` fixes the weights.
    Raises ValueError for another size, for layers that cannot be removed, for a scale that
    leaves no channel or that `groups` does not divide, and, in `forward`, for an input that is
    not (N, 3, size, size) floating point.
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        groups: int = 2,
        scale: float = 1.0,
        dropout: float = 0.5,
        without: Sequence[int] = (),
        activation: type[nn.Module] = nn.ReLU,
        overlapping: bool = True,
        size: int = 227,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_count("classes", classes)
        check_count("groups", groups)
        check_flag("overlapping", overlapping)
        check_activation("activation", activation)
        without = check_counts("without", without, 0)
        if not set(without) <= {3, 4, 6, 7}:
            raise ValueError(f"without must hold layers among 3, 4, 6 and 7, got {without}")
        *channels, hidden = scaled((96, 256, 384, 384, 256, 4096), scale=scale)
        if any(c % groups for c in channels):
            raise ValueError(
                f"scale must give channels that {groups} groups divide, got {scale}, so {channels}"
            )
        self.size = check_choice("size", size, (227, 32))
        first, side = {
            227: (dict(kernel_size=11, stride=4), 6),
            32: (dict(kernel_size=5, padding=2), 4),
        }[size]
        sizes = [hidden for layer in (6, 7) if layer not in without]
        with seeded(seed):
            self.features = self._features(
                channels, first, groups, without, activation, 3 if overlapping else 2
            )
            self.classifier = head(
                [channels[-1] * side**2, *sizes, classes], dropout=dropout, activation=activation
            )
            he_normal(self, gain=2**0.5 if activation is nn.ReLU else 1.0)

    @staticmethod
    def _features(channels, first, groups, without, activation, pool):
        layers, c_in = OrderedDict(), 3
        for i, c_out in enumerate(channels, start=1):
            if i in without:
                continue
            shape = {1: first, 2: dict(kernel_size=5, padding=2)}.get(
                i, dict(kernel_size=3, padding=1)
            )
            layers[f"conv{i}"] = nn.Conv2d(
                c_in, c_out, groups=groups if i in (2, 4, 5) else 1, **shape
            )
            layers[f"activation{i}"] = activation()
            if i in (1, 2):
                layers[f"norm{i}"] = response_norm()
            if i in (1, 2, 5):  # rounding up only matters for size 32, where it keeps sizes equal
                layers[f"pool{i}"] = nn.MaxPool2d(pool, 2, ceil_mode=pool == 3)
            c_in = c_out
        return nn.Sequential(layers)

    def forward(self, x: Tensor) -> Tensor:
        hint = f"{GREY}, others after F.interpolate(x, {self.size})"
        check_input("x", x, ("N", 3, self.size, self.size), hint, model=self)
        x = self.features(x)  # N x 256 x 6 x 6, or 4 x 4 from 32 x 32
        return self.classifier(x.flatten(1))  # N x classes
