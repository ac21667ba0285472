"""The autoencoder of a semi-adversarial network, which hides one attribute and keeps the rest.

For chapter 04.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_input
from coursekit.layers.weights import seeded


class SemiAdversarialAutoencoder(nn.Module):
    """(x, own, wanted) -> an image in [0, 1] like x that passes for one of the wanted attribute.

    Mirjalili, Raschka, Namboodiri and Ross (ICB 2018). A prototype is an image of an
    attribute, such as the mean of all faces of one gender, or one constant channel a value. The
    prototype of x's own attribute goes in with x; the one that is wanted meets the features just
    before the last, 1 x 1 convolution. The first half of `widths` are 3 x 3 convolutions, each
    followed by 2 x 2 average pooling, the second half 3 x 3 convolutions followed by
    nearest-neighbour upsampling; leaky ReLU of slope 0.01. The defaults are the published form on
    grey images and prototypes of 3 channels: 324,248 parameters, as in the authors' code.

    Two networks that were trained before, and are frozen, look at the result: an attribute
    classifier G and a matcher M, a descriptor of identity. With x_own = model(x, own, own),
    x_other = model(x, own, other) and y the attribute of x, all terms are minimised:

        |x - x_own|                 the image, where nothing has to be hidden
        CE(G(x_own), y)             G still sees y there
        CE(G(x_other), other)       G is pushed to the other label, not merely away from y, since
                                    -CE(G(x_other), y) has no lower bound
        ||M(x_other) - M(x)||^2     the matcher still sees who it is

    A neutral prototype, the average of both, asks for chance.
    Deviation: sides need not be multiples of 4, since upsampling goes to the sizes before pooling.

    Raises ValueError for widths that are no even number of positive ones, and in `forward` for an
    input of another shape, a prototype that is not of x's size and a side below 2^(widths / 2).
    """

    def __init__(
        self,
        channels: int = 1,
        *,
        prototype_channels: int = 3,
        widths: Sequence[int] = (8, 12, 256, 128),
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.channels = check_count("channels", channels)
        self.prototype_channels = check_count("prototype_channels", prototype_channels)
        form = "an even number of channel counts, as in (8, 12, 256, 128)"
        widths = check_counts("widths", widths, 2, form=form)
        if len(widths) % 2:
            raise ValueError(f"widths must be {form}, got {widths}")
        planes = [channels + prototype_channels, *widths]
        with seeded(seed):
            convs = [nn.Conv2d(*pair, 3, padding=1) for pair in zip(planes, planes[1:])]
            self.encoder = nn.ModuleList(convs[: len(widths) // 2])
            self.decoder = nn.ModuleList(convs[len(widths) // 2 :])
            self.combine = nn.Conv2d(widths[-1] + prototype_channels, channels, 1)

    def forward(self, x: Tensor, own: Tensor, wanted: Tensor) -> Tensor:
        """x (N, C, H, W), prototypes (N, P, H, W) -> (N, C, H, W) in [0, 1]."""
        hint, smallest = "a pair of widths halves the sides once", 2 ** len(self.encoder)
        check_input("x", x, ("N", self.channels, "H", "W"), hint, smallest, model=self)
        hint = "a prototype for each image: prototype.expand(len(x), -1, -1, -1)"
        for name, prototype in (("own", own), ("wanted", wanted)):
            shape = (len(x), self.prototype_channels, *x.shape[2:])
            check_input(name, prototype, shape, hint, model=self)
        features, sizes = torch.cat([x, own], dim=1), []  # N x (C + P) x H x W
        for conv in self.encoder:
            sizes.append(features.shape[2:])
            features = F.avg_pool2d(F.leaky_relu(conv(features)), 2)  # N x w x H/2 x W/2
        for conv in self.decoder:
            features = F.interpolate(F.leaky_relu(conv(features)), sizes.pop())  # N x w x 2H x 2W
        return torch.sigmoid(self.combine(torch.cat([features, wanted], dim=1)))  # N x C x H x W
