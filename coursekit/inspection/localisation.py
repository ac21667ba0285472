"""How well a map finds an object whose box is known.

A box is (x1, y1, x2, y2) in pixels: the columns x1 <= x < x2 and the rows y1 <= y < y2. Boxes
are (N, 4), one a map; maps (N, H, W) have the size of the images.
"""

import torch
from scipy import ndimage


def pointing_game(maps, boxes):
    """The share of maps whose maximum lies in the box (Zhang et al. 2016, without tolerance).

    A map that is as high outside the box as inside, such as a constant one, is a miss.

    >>> maps = torch.tensor([[[0.0, 1.0], [0.0, 0.0]]])
    >>> pointing_game(maps, torch.tensor([[1, 0, 2, 1]]))
    1.0
    """
    _check_maps(maps)
    _check_boxes(boxes, len(maps))
    x1, y1, x2, y2 = boxes[:, :, None, None].unbind(dim=1)  # each N x 1 x 1
    y, x = (torch.arange(size, device=maps.device) for size in maps.shape[1:])
    y = y[:, None]
    inside = (x1 <= x) & (x < x2) & (y1 <= y) & (y < y2)  # N x H x W
    best = maps.masked_fill(~inside, -torch.inf).amax(dim=(1, 2))
    other = maps.masked_fill(inside, -torch.inf).amax(dim=(1, 2))
    return (best > other).double().mean().item()


def largest_box(maps, share=0.15):
    """The box around the largest connected region above `share` of each map's maximum, (N, 4).

    15 per cent and the largest region are the rule of Selvaraju et al. (2017, Section 4.1).
    Pixels that touch by a side are connected. A map without a positive value has the empty box
    (0, 0, 0, 0). Raises ValueError for a share outside [0, 1).
    """
    _check_maps(maps)
    if not 0 <= share < 1:
        raise ValueError(f"share must be from 0 to below 1, got {share}")
    regions = maps > share * maps.amax(dim=(1, 2), keepdim=True).clamp(min=0)
    boxes = [_box(region) for region in regions.cpu().numpy()]
    return torch.tensor(boxes, dtype=torch.int64, device=maps.device).view(-1, 4)


def iou(boxes, others):
    """Area of the intersection over area of the union, box by box: (N, 4), (N, 4) -> (N,).

    Two empty boxes have 0.

    >>> iou(torch.tensor([[0, 0, 2, 2]]), torch.tensor([[1, 0, 3, 2]]))
    tensor([0.3333])
    """
    _check_boxes(boxes, len(boxes))
    _check_boxes(others, len(boxes), "others")
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
    if maps.dim() != 3:
        raise ValueError(f"maps must be (N, H, W), got {tuple(maps.shape)}")


def _check_boxes(boxes, n, name="boxes"):
    if boxes.shape != (n, 4):
        raise ValueError(f"{name} must be ({n}, 4), got {tuple(boxes.shape)}")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError(
            f"{name} must be (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2; "
            "were they given as (x, y, width, height)?"
        )
