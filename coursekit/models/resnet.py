"""Residual networks for ImageNet and for CIFAR-10, and their plain twins.

For chapters 08 and 09.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_choice, check_count, check_flag, check_input
from coursekit.layers.weights import he_normal, seeded
from coursekit.models.alexnet import GREY


class Padding(nn.Module):
    """Shortcut A: every `stride`-th pixel, zeros as the channels that x lacks; no parameters."""

    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.missing, self.stride = c_out - c_in, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]  # N x c_in x H/stride x W/stride
        return F.pad(x, (0, 0, 0, 0, 0, self.missing))  # N x c_out x H/stride x W/stride


def _shortcut(kind, c_in, c_out, stride):
    """What is added to a block's branch: x, x made to fit in way A or B, or nothing (None)."""
    if kind is None:
        return None
    if stride == 1 and c_in == c_out:
        return nn.Identity()
    if kind == "A":
        return Padding(c_in, c_out, stride)
    return nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))


class BasicBlock(nn.Module):
    """relu(F(x) + shortcut(x)) with F: 3x3 convolution, BN, ReLU, 3x3 convolution, BN.

    (N, c_in, H, W) -> (N, channels, H/stride, W/stride). The shortcut is x itself, or, where the
    shape changes, "A" (`Padding`) or "B" (1x1 convolution and BN); with None the block is plain,
    relu(F(x)). He et al. (CVPR 2016, Figures 2 and 5 left). BN has eps 1e-5 and momentum 0.1.
    """

    expansion = 1

    def __init__(self, c_in, channels, stride=1, shortcut="B"):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.downsample = _shortcut(shortcut, c_in, channels, stride)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))  # N x channels x H/stride x W/stride
        y = self.bn2(self.conv2(y))
        if self.downsample is not None:
            y = y + self.downsample(x)
        return self.relu(y)


class Bottleneck(nn.Module):
    """relu(F(x) + shortcut(x)) with F: 1x1, 3x3 and 1x1 convolutions, each with BN, ReLU between.

    (N, c_in, H, W) -> (N, 4 channels, H/stride, W/stride). The first convolution reduces the
    channels, the last brings back four times as many. He et al. (CVPR 2016, Figure 5 right), with
    the stride in the 3x3 convolution as torchvision has it, not in the first.
    """

    expansion = 4

    def __init__(self, c_in, channels, stride=1, shortcut="B"):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, 4 * channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * channels)
        self.relu = nn.ReLU()
        self.downsample = _shortcut(shortcut, c_in, 4 * channels, stride)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))  # N x channels x H x W
        y = self.relu(self.bn2(self.conv2(y)))  # N x channels x H/stride x W/stride
        y = self.bn3(self.conv3(y))  # N x 4 channels x H/stride x W/stride
        if self.downsample is not None:
            y = y + self.downsample(x)
        return self.relu(y)


def _stage(block, c_in, channels, blocks, stride, shortcut):
    c_out = channels * block.expansion
    return nn.Sequential(
        block(c_in, channels, stride, shortcut),
        *(block(c_out, channels, 1, shortcut) for _ in range(blocks - 1)),
    )


# the block and how many of it in each of the four stages, by depth
STAGES = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
}


class ResNet(nn.Module):
    """ResNet-18, 34, 50 or 101: logits (N, classes) of images (N, 3, H, W) of any size.

    He et al. (CVPR 2016, Table 1): 11,689,512, 21,797,672, 25,557,032 and 44,549,160 parameters,
    under torchvision's names. The shortcut is x, or a projection ("B") where the shape changes.
    `residual=False` gives the plain twins without shortcuts, 11,515,688 (18) and 21,623,848
    parameters (34): they lack the 173,824 of the projections.
    `zero_init=True` starts the last BN of each block with gamma = 0, so that its branch is 0 and
    a block with an identity shortcut is the identity (Goyal et al. 2017, Section 5.1).
    Deviations: the stride of a `Bottleneck`; fan_out rather than fan_in in the first weights.

    `width` is the number of channels of the first stage, doubled in each of the next; `seed`
    fixes the weights. Raises ValueError for another depth, for a width below 1, for zero_init in
    a plain network, whose output would be constant, and, in `forward`, for an input that is not
    (N, 3, H, W) floating point.
    """

    def __init__(
        self,
        depth: int,
        *,
        classes: int = 1000,
        width: int = 64,
        residual: bool = True,
        zero_init: bool = False,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_choice("depth", depth, tuple(STAGES))
        check_count("classes", classes)
        check_count("width", width)
        check_flag("residual", residual)
        if check_flag("zero_init", zero_init) and not residual:
            raise ValueError(
                "zero_init must be False in a plain network, got True; its blocks would put out 0"
            )
        block, blocks = STAGES[depth]
        shortcut = "B" if residual else None
        expanded = width * block.expansion
        with seeded(seed):
            self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            self.relu = nn.ReLU()
            self.maxpool = nn.MaxPool2d(3, 2, 1)
            self.layer1 = _stage(block, width, width, blocks[0], 1, shortcut)
            self.layer2 = _stage(block, expanded, 2 * width, blocks[1], 2, shortcut)
            self.layer3 = _stage(block, 2 * expanded, 4 * width, blocks[2], 2, shortcut)
            self.layer4 = _stage(block, 4 * expanded, 8 * width, blocks[3], 2, shortcut)
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.fc = nn.Linear(8 * expanded, classes)
            he_normal(self, fan="out")
        if zero_init:
            for module in self.modules():
                if isinstance(module, block):
                    nn.init.zeros_((module.bn2 if block is BasicBlock else module.bn3).weight)

    def forward(self, x: Tensor) -> Tensor:
        check_input("x", x, ("N", 3, "H", "W"), GREY, model=self)
        x = self.relu(self.bn1(self.conv1(x)))  # N x 64 x 112 x 112 from 224 x 224
        x = self.layer1(self.maxpool(x))  # N x 64 x 56 x 56 (channels x 4 with bottlenecks)
        x = self.layer2(x)  # N x 128 x 28 x 28
        x = self.layer3(x)  # N x 256 x 14 x 14
        x = self.layer4(x)  # N x 512 x 7 x 7
        x = self.avgpool(x).flatten(1)  # N x 512
        return self.fc(x)  # N x classes


class CifarResNet(nn.Module):
    """The residual network for CIFAR-10: logits (N, classes) of images (N, 3, H, W) of any size.

    He et al. (CVPR 2016, Section 4.2): depth 6n + 2, that is a convolution, three stages of n
    `BasicBlock`s with 16, 32 and 64 channels, and a linear layer. Parameters: 269,722 (20),
    464,154 (32), 658,586 (44), 853,018 (56) and 1,727,962 (110). The paper's shortcut is "A",
    without parameters, so that the plain twin, `residual=False`, has exactly as many; "B" adds
    2,752. Not to be confused with ResNet-18, 40 times as large, on the same images.
    Deviation: fan_out rather than fan_in in the first weights.

    `width` is the number of channels of the first stage; `seed` fixes the weights.
    Raises ValueError for another depth or shortcut, for a width below 1 and, in `forward`, for an
    input that is not (N, 3, H, W) floating point.
    """

    def __init__(
        self,
        depth: int,
        *,
        classes: int = 10,
        width: int = 16,
        residual: bool = True,
        shortcut: str = "A",
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        blocks, rest = divmod(check_count("depth", depth, most=10_000) - 2, 6)
        if blocks < 1 or rest:
            raise ValueError(f"depth must be 6n + 2, as 20, 32, 44, 56 and 110 are, got {depth}")
        check_count("classes", classes)
        check_count("width", width)
        check_choice("shortcut", shortcut, ("A", "B"))
        shortcut = shortcut if check_flag("residual", residual) else None
        with seeded(seed):
            self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            self.relu = nn.ReLU()
            self.layer1 = _stage(BasicBlock, width, width, blocks, 1, shortcut)
            self.layer2 = _stage(BasicBlock, width, 2 * width, blocks, 2, shortcut)
            self.layer3 = _stage(BasicBlock, 2 * width, 4 * width, blocks, 2, shortcut)
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.fc = nn.Linear(4 * width, classes)
            he_normal(self, fan="out")

    def forward(self, x: Tensor) -> Tensor:
        check_input("x", x, ("N", 3, "H", "W"), GREY, model=self)
        x = self.relu(self.bn1(self.conv1(x)))  # N x 16 x 32 x 32 from 32 x 32
        x = self.layer1(x)  # N x 16 x 32 x 32
        x = self.layer2(x)  # N x 32 x 16 x 16
        x = self.layer3(x)  # N x 64 x 8 x 8
        x = self.avgpool(x).flatten(1)  # N x 64
        return self.fc(x)  # N x classes
