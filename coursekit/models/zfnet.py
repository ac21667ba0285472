"""ZFNet, AlexNet after a look inside. For chapters 08 and 09."""

from collections import OrderedDict

from torch import Tensor, nn

from coursekit.arguments import check_choice, check_count, check_input
from coursekit.layers.blocks import head, response_norm, scaled
from coursekit.layers.weights import he_normal, seeded
from coursekit.models.alexnet import GREY


class ZFNet(nn.Module):
    """ZFNet: logits (N, classes) of images (N, 3, size, size).

    Zeiler and Fergus (ECCV 2014, Figure 3). AlexNet's first layer, 11 x 11 filters with stride 4,
    had few filters for middle frequencies and left aliasing in the second; here it has 7 x 7
    filters with stride 2, and the second layer makes up for the stride. No groups: 62,357,608
    parameters.
    Convolution, ReLU, max-pooling (layers 1, 2, 5), contrast normalisation (1, 2). Sides of the
    maps: 224, 110, 55, 26, 13, 6; these follow from a padding of 1 pixel in the first layer and
    pooling that rounds up.
    Deviations: the paper gives no constants for the normalisation, AlexNet's stand in; first
    kernels of `he_normal`, not N(0, 0.01); filters are not renormalised in training.

    `size=32` is for small images, not in the paper: 3 x 3 filters in the first layer, stride 1
    in the first two, 4 x 4 maps after the last.
    `scale` multiplies the channels, also those of the linear layers; `seed` fixes the weights.
    Raises ValueError for another size, for a scale that leaves no channel and, in `forward`, for
    an input that is not (N, 3, size, size) floating point.
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        scale: float = 1.0,
        dropout: float = 0.5,
        size: int = 224,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_count("classes", classes)
        self.size = check_choice("size", size, (224, 32))
        first, second, side = {
            224: (dict(kernel_size=7, stride=2, padding=1), dict(kernel_size=5, stride=2), 6),
            32: (dict(kernel_size=3, padding=1), dict(kernel_size=5, padding=2), 4),
        }[size]
        c1, c2, c3, c4, c5, hidden = scaled((96, 256, 384, 384, 256, 4096), scale=scale)
        with seeded(seed):
            self.features = nn.Sequential(
                OrderedDict(
                    conv1=nn.Conv2d(3, c1, **first),
                    relu1=nn.ReLU(),
                    pool1=nn.MaxPool2d(3, 2, ceil_mode=True),
                    norm1=response_norm(),
                    conv2=nn.Conv2d(c1, c2, **second),
                    relu2=nn.ReLU(),
                    pool2=nn.MaxPool2d(3, 2, ceil_mode=True),
                    norm2=response_norm(),
                    conv3=nn.Conv2d(c2, c3, 3, padding=1),
                    relu3=nn.ReLU(),
                    conv4=nn.Conv2d(c3, c4, 3, padding=1),
                    relu4=nn.ReLU(),
                    conv5=nn.Conv2d(c4, c5, 3, padding=1),
                    relu5=nn.ReLU(),
                    pool5=nn.MaxPool2d(3, 2, ceil_mode=True),
                )
            )
            self.classifier = head([c5 * side**2, hidden, hidden, classes], dropout=dropout)
            he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        hint = f"{GREY}, others after F.interpolate(x, {self.size})"
        check_input("x", x, ("N", 3, self.size, self.size), hint, model=self)
        x = self.features(x)  # N x 256 x 6 x 6, or 4 x 4 from 32 x 32
        return self.classifier(x.flatten(1))  # N x classes
