"""An autoencoder that trains in the page: a narrow code must learn, a wide one copies.

Used by chapter 02.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torch import nn

from coursekit.arguments import check_input, check_labels, check_range, check_seed, check_texts
from coursekit.live.arrays import octets
from coursekit.live.output import put
from coursekit.live.planes import check_names

FEWEST, MOST_IMAGES, MOST_PIXELS = 32, 600, 256
WIDTH, BATCH, RATE = 32, 32, 3e-3
SEEN, OTHERS = 5, 3  # images beside each other, in the page and in the still
STEPS = 600  # of the still's training


def hourglass(
    images: torch.Tensor,
    labels: torch.Tensor,
    others: torch.Tensor,
    *,
    names: Sequence[str] = tuple("0123456789"),
    seed: int = 0,
    alt: str,
    caption: str,
) -> None:
    """Display a hourglass D - 32 - K - 32 - D that trains on `images` (N, 1, H, W), D = H * W.

    The reader plays, and chooses K = 1, 2 or 3, or one hidden layer of 2 D units, which can copy.
    `labels` (N,) colour the codes; `others` (M, 1, H, W) are never trained on, and their
    reconstructions tell learning from copying. All values in [0, 1]. The loss is the squared error,
    summed over pixels, averaged over a batch of 32; Adam's rate is 0.003; hidden units are leaky
    rectifiers, outputs logistic, codes linear. From 32 to 600 images of at most 256 pixels, at
    least 3 others. The page trains by itself; the still is trained by torch for 600 steps.
    Raises TypeError and ValueError.
    """
    check_texts(alt, caption)
    for name, tensor, fewest in (("images", images, FEWEST), ("others", others, OTHERS)):
        check_input(name, tensor, ("N", 1, "H", "W"), fewest=fewest)
        check_range(name, tensor, 0, 1)
        if len(tensor) > MOST_IMAGES or tensor[0].numel() > MOST_PIXELS:
            raise ValueError(
                f"{name} must be at most {MOST_IMAGES} of at most {MOST_PIXELS} pixels, "
                f"got {tuple(tensor.shape)}; make them fewer and smaller"
            )
    if images.shape[1:] != others.shape[1:]:
        raise ValueError(
            f"others must be of the images' shape {tuple(images.shape[1:])}, "
            f"got {tuple(others.shape[1:])}"
        )
    names = check_names(names)
    check_labels("labels", labels, len(images), classes=len(names))
    if seed is None or check_seed("seed", seed) >= 2**31:
        raise ValueError(f"seed must be a whole number below 2 ** 31, got {seed}")
    data = {
        "images": octets((images * 255).round()),
        "others": octets((others * 255).round()),
        "labels": octets(labels),
        "names": names,
        "shape": list(images.shape[1:]),
        "training": {"width": WIDTH, "batch": BATCH, "rate": RATE, "seed": seed},
        "shown": [SEEN, OTHERS],
    }
    still = _still(images.detach().cpu().float(), others.detach().cpu().float(), seed)
    put("hourglass", data, parts=("trainer",), figure=still, alt=alt, caption=caption)


def _trained(images, seed):
    """The network with K = 2 after 600 steps of torch, in evaluation."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        d = images[0].numel()
        model = nn.Sequential(
            *(nn.Flatten(), nn.Linear(d, WIDTH), nn.LeakyReLU(0.1), nn.Linear(WIDTH, 2)),
            *(nn.Linear(2, WIDTH), nn.LeakyReLU(0.1), nn.Linear(WIDTH, d), nn.Sigmoid()),
            nn.Unflatten(1, images.shape[1:]),
        )
        optimiser = torch.optim.Adam(model.parameters(), RATE)
        for _ in range(STEPS):
            batch = images[torch.randint(len(images), (BATCH,))]
            loss = (model(batch) - batch).square().sum() / BATCH
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


def _still(images, others, seed) -> Figure:
    """Originals and reconstructions of what was seen in training and of what was not."""
    model = _trained(images, seed)
    figure, axes = plt.subplots(2, SEEN + OTHERS, figsize=(7, 2.1), layout="constrained")
    originals = torch.cat([images[:SEEN], others[:OTHERS]])
    with torch.no_grad():
        rows = torch.stack([originals, model(originals)])
    for axis, image in zip(axes.flat, rows.flatten(0, 2).numpy()):
        axis.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        axis.axis("off")
    axes[0, SEEN // 2].set_title("trained on", fontsize=10)
    axes[0, SEEN + OTHERS // 2].set_title("never seen", fontsize=10)
    return figure
