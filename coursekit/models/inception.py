"""GoogLeNet and the Inception block it is made of. For chapters 08 and 09."""

import torch
from torch import Tensor, nn

from coursekit.arguments import check_choice, check_count, check_flag, check_input, check_number
from coursekit.layers.blocks import scaled
from coursekit.layers.weights import he_normal, seeded
from coursekit.models.alexnet import GREY

# channels of the 1x1, 3x3 (reduction, output), 5x5 (reduction, output) and pooling branches
BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


class Convolution(nn.Module):
    """Convolution, batch normalisation (or a bias in its place), ReLU; odd kernels keep the size.

    eps is 0.001 and the momentum PyTorch's 0.1, as in torchvision's GoogLeNet.
    """

    def __init__(self, c_in, c_out, kernel, *, stride=1, batch_norm=True):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=not batch_norm)
        self.bn = nn.BatchNorm2d(c_out, eps=0.001) if batch_norm else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """Four views of the same maps, side by side: (N, c_in, H, W) -> (N, c_out, H, W).

    A 1 x 1 convolution; a 3 x 3 and a 5 x 5 convolution, each after a 1 x 1 bottleneck that
    reduces the channels; 3 x 3 max-pooling followed by a 1 x 1 convolution. `channels` are those
    of a row of `BLOCKS`, and c_out the sum of the four outputs. `kernel` is the side of the large
    filters. Szegedy et al. (CVPR 2015, Figure 2b and Table 1).
    """

    def __init__(self, c_in, channels, *, kernel=5, batch_norm=True):
        super().__init__()
        c1, reduced3, c3, reduced5, c5, pooled = channels

        def conv(c_in, c_out, kernel):
            return Convolution(c_in, c_out, kernel, batch_norm=batch_norm)

        self.c_out = c1 + c3 + c5 + pooled
        self.branch1 = conv(c_in, c1, 1)
        self.branch2 = nn.Sequential(conv(c_in, reduced3, 1), conv(reduced3, c3, 3))
        self.branch3 = nn.Sequential(conv(c_in, reduced5, 1), conv(reduced5, c5, kernel))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(c_in, pooled, 1))

    def forward(self, x):
        branches = self.branch1, self.branch2, self.branch3, self.branch4
        return torch.cat([branch(x) for branch in branches], dim=1)  # N x c_out x H x W


class Auxiliary(nn.Module):
    """A classifier on maps half-way up: (N, c_in, H, W) -> logits (N, classes)."""

    def __init__(self, c_in, classes, scale, batch_norm):
        super().__init__()
        channels, hidden = scaled((128, 1024), scale=scale)
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.conv = Convolution(c_in, channels, 1, batch_norm=batch_norm)
        self.fc1 = nn.Linear(channels * 4 * 4, hidden)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x):
        x = self.conv(self.pool(x)).flatten(1)  # N x 2048
        x = self.dropout(self.relu(self.fc1(x)))  # N x 1024
        return self.fc2(x)  # N x classes


class GoogLeNet(nn.Module):
    """GoogLeNet: logits (N, classes) of images (N, 3, H, W).

    Szegedy et al. (CVPR 2015, Table 1 and Figure 3): nine Inception blocks. With `auxiliary=True`
    two more classifiers read blocks 4a and 4d; then, in training mode only, `forward` returns the
    triple (logits, logits of 4a, logits of 4d). The paper's loss adds 0.3 times that of either.

    Parameters, without and with the auxiliary classifiers:

        kernel=3, batch_norm=True       6,624,904   13,004,888   torchvision's form and names
        kernel=5, batch_norm=True       7,005,832   13,385,816
        kernel=5, batch_norm=False      6,998,552   13,378,280   the paper's form

    torchvision has 3 x 3 filters where the paper has 5 x 5 (its issue 906): 380,928 weights fewer.
    Deviations of the paper's form: no local response normalisation in the stem; pooling to one
    size, 4 x 4, before the auxiliary classifiers admits other input sizes; first kernels of
    `he_normal`. `dropout` is the paper's 0.4 (torchvision 0.2), that of the auxiliary
    classifiers 0.7. Table 1 of the paper adds up to about 6.8 million.

    `size=32` is for small images, not in the paper: the first layer has 3 x 3 filters and stride
    1. `scale` multiplies the channels of every layer; `seed` fixes the weights.
    Raises ValueError for another kernel or size, for a scale that leaves no channel and, in
    `forward`, for an input that is not (N, 3, H, W) floating point with H and W at least 15
    (8 with `size=32`).
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        auxiliary: bool = False,
        scale: float = 1.0,
        kernel: int = 3,
        batch_norm: bool = True,
        dropout: float = 0.4,
        size: int = 224,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_count("classes", classes)
        check_choice("kernel", kernel, (3, 5))
        check_flag("batch_norm", batch_norm)
        check_number("dropout", dropout, 0, below=1)
        check_choice("size", size, (224, 32))
        self.auxiliary = check_flag("auxiliary", auxiliary)
        self.smallest = 15 if size == 224 else 8
        with seeded(seed):
            c = self._stem(size, scale, batch_norm)
            for name, channels in BLOCKS.items():
                channels = scaled(channels, scale=scale)
                block = Inception(c, channels, kernel=kernel, batch_norm=batch_norm)
                self.add_module(f"inception{name}", block)
                c = block.c_out
            if auxiliary:
                self.aux1 = Auxiliary(self.inception4a.c_out, classes, scale, batch_norm)
                self.aux2 = Auxiliary(self.inception4d.c_out, classes, scale, batch_norm)
            self.maxpool3 = nn.MaxPool2d(3, 2, ceil_mode=True)
            self.maxpool4 = nn.MaxPool2d(2, 2, ceil_mode=True)
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.dropout = nn.Dropout(dropout)
            self.fc = nn.Linear(c, classes)
            he_normal(self)

    def _stem(self, size, scale, batch_norm):
        c1, c2, c3 = scaled((64, 64, 192), scale=scale)
        kernel, stride = (7, 2) if size == 224 else (3, 1)
        self.conv1 = Convolution(3, c1, kernel, stride=stride, batch_norm=batch_norm)
        self.maxpool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = Convolution(c1, c2, 1, batch_norm=batch_norm)
        self.conv3 = Convolution(c2, c3, 3, batch_norm=batch_norm)
        self.maxpool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        return c3

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        hint = f"{GREY}, small ones after F.interpolate(x, {self.smallest})"
        check_input("x", x, ("N", 3, "H", "W"), hint, self.smallest, model=self)
        x = self.maxpool1(self.conv1(x))  # N x 64 x 56 x 56 from 224 x 224
        x = self.maxpool2(self.conv3(self.conv2(x)))  # N x 192 x 28 x 28
        x = self.inception3b(self.inception3a(x))  # N x 480 x 28 x 28
        x = at_4a = self.inception4a(self.maxpool3(x))  # N x 512 x 14 x 14
        x = at_4d = self.inception4d(self.inception4c(self.inception4b(x)))  # N x 528 x 14 x 14
        x = self.maxpool4(self.inception4e(x))  # N x 832 x 7 x 7
        x = self.inception5b(self.inception5a(x))  # N x 1024 x 7 x 7
        x = self.avgpool(x).flatten(1)  # N x 1024
        logits = self.fc(self.dropout(x))  # N x classes
        if self.auxiliary and self.training:
            return logits, self.aux1(at_4a), self.aux2(at_4d)
        return logits
