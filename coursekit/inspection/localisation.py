"""How well a map finds an object whose box is known.

A box is (x1, y1, x2, y2) in pixels: the columns x1 <= x < x2 and the rows y1 <= y < y2. Boxes
are (N, 4) integer, one a map; maps (N, H, W) have the size of the images.

For chapter 09.
"""

import torch
from scipy import ndimage

from coursekit.arguments import check_alike, check_finite, check_input, check_integers, check_number


def pointing_game(maps: torch.Tensor, boxes: torch.Tensor) -> float:
    """The share of maps whose maximum lies in the box (Zhang et al. 2016, without tolerance).

    A map that is as high outside the box as inside, such as a constant one, is a miss.
    Raises ValueError for NaN, and for boxes that leave the maps: those of images that are larger
    than their maps, say.

    >>> maps = torch.tensor([[[0.0, 1.0], [0.0, 0.0]]])
    >>> pointing_game(maps, torch.tensor([[1, 0, 2, 1]]))
    1.0
    """
    _check_maps(maps)
    boxes = _check_boxes("boxes", boxes, len(maps)).to(maps.device)
    height, width = maps.shape[1:]
    if boxes.min() < 0 or boxes[:, 2].max() > width or boxes[:, 3].max() > height:
        raise ValueError(
            f"boxes must lie within the {height} x {width} pixels of maps, got coordinates from "
            f"{boxes.min()} to {boxes.max()}; upsample the maps to the size of the images"
        )
    x1, y1, x2, y2 = boxes[:, :, None, None].unbind(dim=1)  # each N x 1 x 1
    y, x = (torch.arange(size, device=maps.device) for size in maps.shape[1:])
    y = y[:, None]
    inside = (x1 <= x) & (x < x2) & (y1 <= y) & (y < y2)  # N x H x W
    best = maps.masked_fill(~inside, -torch.inf).amax(dim=(1, 2))
    other = maps.masked_fill(inside, -torch.inf).amax(dim=(1, 2))
    return (best > other).double().mean().item()


def largest_box(maps: torch.Tensor, *, share: float = 0.15) -> torch.Tensor:
    """The box around the largest connected region above `share` of each map's maximum, (N, 4).

    15 per cent and the largest region are the rule of Selvaraju et al. (2017, Section 4.1).
    Pixels that touch by a side are connected. A map without a positive value has the empty box
    (0, 0, 0, 0). Raises ValueError for NaN and for a share outside [0, 1).
    """
    _check_maps(maps)
    check_number("share", share, 0, below=1)
    regions = maps > share * maps.amax(dim=(1, 2), keepdim=True).clamp(min=0)
    boxes = [_box(region) for region in regions.cpu().numpy()]
    return torch.tensor(boxes, dtype=torch.int64, device=maps.device).view(-1, 4)


def iou(boxes: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Area of the intersection over area of the union, box by box: (N, 4), (N, 4) -> (N,).

    Two empty boxes have 0.

    >>> iou(torch.tensor([[0, 0, 2, 2]]), torch.tensor([[1, 0, 3, 2]]))
    tensor([0.3333])
    """
    boxes = _check_boxes("boxes", boxes, "N")
    check_alike("others", others, boxes, "tensor boxes")
    others = _check_boxes("others", others, len(boxes)).to(boxes.device)
    top = torch.maximum(boxes[:, :2], others[:, :2])
    bottom = torch.minimum(boxes[:, 2:], others[:, 2:])
    both = (bottom - top).clamp(min=0).prod(dim=1)
    either = sum((b[:, 2:] - b[:, :2]).prod(dim=1) for b in (boxes, others)) - both
    return torch.where(either > 0, both / either, 0.0)


def _box(region):
    """Box around the largest connected part of a boolean image."""
    parts, count = ndimage.label(region)
    if not count:
        return 0, 0, 0, 0
    sizes = ndimage.sum_labels(region, parts, range(1, count + 1))
    rows, columns = ndimage.find_objects(parts)[sizes.argmax()]
    return columns.start, rows.start, columns.stop, rows.stop


def _check_maps(maps):
    check_finite("maps", check_input("maps", maps, ("N", "H", "W"), fewest=1))


def _check_boxes(name, boxes, n):
    """The boxes as int64: differences of unsigned ones would wrap around."""
    check_integers(name, boxes, (n, 4), f"{name}.round().long() makes whole pixels")
    boxes = boxes.long()
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError(
            f"{name} must be (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2; "
            "were they given as (x, y, width, height)?"
        )
    return boxes
