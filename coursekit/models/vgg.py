"""VGG: small filters only, and many of them. For chapters 08 and 09."""

from torch import Tensor, nn

from coursekit.arguments import check_choice, check_count, check_flag, check_input
from coursekit.layers.blocks import head, scaled
from coursekit.layers.weights import he_normal, seeded
from coursekit.models.alexnet import GREY

# convolutions in each of the five stages, by depth (configurations A, B, D, E)
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


class VGG(nn.Module):
    """VGG-11, 13, 16 or 19: logits (N, classes) of images (N, 3, H, W).

    Simonyan and Zisserman (ICLR 2015, Table 1). Five stages of 3 x 3 convolutions with 64, 128,
    256, 512 and 512 channels; each ends with a 2 x 2 max-pooling, so that 224 x 224 pixels become
    7 x 7. Three such convolutions see 7 x 7 pixels and cost 27 C^2 weights; a single 7 x 7
    convolution costs 49 C^2.
    Parameters: 132,863,336 (VGG-11), 133,047,848 (13), 138,357,544 (16, of which 14,714,688 in
    the convolutions) and 143,667,240 (19), under torchvision's names.
    Deviations: an adaptive average in front of the linear layers admits other input sizes; the
    first kernels are those of `he_normal`; `batch_norm=True` normalises after each convolution,
    which came after the paper.

    `size=32` is for small images, not in the paper: the linear layers read 1 x 1 pixels rather
    than 7 x 7, which is what is left of 32 x 32.
    `scale` multiplies the channels, also those of the linear layers; `seed` fixes the weights.
    Raises ValueError for another depth or size, for a scale that leaves no channel and, in
    `forward`, for an input that is not (N, 3, H, W) floating point with H and W at least 32.
    """

    def __init__(
        self,
        depth: int,
        *,
        classes: int = 1000,
        scale: float = 1.0,
        batch_norm: bool = False,
        dropout: float = 0.5,
        size: int = 224,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_choice("depth", depth, tuple(STAGES))
        check_count("classes", classes)
        check_flag("batch_norm", batch_norm)
        check_choice("size", size, (224, 32))
        *channels, hidden = scaled((64, 128, 256, 512, 512, 4096), scale=scale)
        side = size // 32
        with seeded(seed):
            self.features = self._features(STAGES[depth], channels, batch_norm)
            self.avgpool = nn.AdaptiveAvgPool2d(side)
            sizes = [channels[-1] * side**2, hidden, hidden, classes]
            self.classifier = head(sizes, dropout=dropout)
            he_normal(self)

    @staticmethod
    def _features(stages, channels, batch_norm):
        layers, c_in = [], 3
        for convolutions, c_out in zip(stages, channels):
            for _ in range(convolutions):
                norm = [nn.BatchNorm2d(c_out)] if batch_norm else []
                layers += [nn.Conv2d(c_in, c_out, 3, padding=1), *norm, nn.ReLU()]
                c_in = c_out
            layers.append(nn.MaxPool2d(2))
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        hint = f"{GREY}, small ones after F.interpolate(x, 32)"
        check_input("x", x, ("N", 3, "H", "W"), hint, smallest=32, model=self)
        x = self.features(x)  # N x 512 x 7 x 7 from 224 x 224
        x = self.avgpool(x).flatten(1)  # N x 25088
        return self.classifier(x)  # N x classes
