"""How well a segmentation agrees with the true one, by class and by segment.

Scores count over a set and divide once: `update` with batches of any size, then ask.

Used by chapter 10.
"""

import math

import torch
from scipy import ndimage
from torch import Tensor

from coursekit.arguments import (
    check_alike,
    check_count,
    check_input,
    check_integers,
    check_number,
    check_range,
    check_tensor,
)


class Overlap:
    """Intersection over union (Jaccard), Dice and accuracy from pooled pixel counts.

    `confusion` (C, C) int64 holds the number of pixels by true and predicted class. A score
    pooled over a set weighs each pixel alike, so a batch may be of any size; the average of
    scores of single images is another number, and that of batches depends on their size.
    Dice = 2 J / (1 + J) for the intersection over union J of each class.

    >>> overlap = Overlap(classes=2)
    >>> overlap.update(torch.tensor([[0, 1, 1, 1]]), torch.tensor([[0, 0, 1, 1]]))
    >>> overlap.iou()
    tensor([0.5000, 0.6667], dtype=torch.float64)
    """

    def __init__(self, classes: int = 2):
        self.classes = check_count("classes", classes, least=2, most=10_000)  # with the background
        self.confusion = torch.zeros(classes, classes, dtype=torch.int64)

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Count a batch: two tensors of class numbers 0 to C - 1, or bool, of one shape.

        Raises ValueError for shapes that differ, for floats, and for labels outside the classes,
        as in a mask of 0 and 255, which elsewhere gives an IoU above 1.
        """
        prediction = self._classes("prediction", prediction)
        target = self._classes("target", target)
        check_alike("target", target, prediction, "prediction")
        pair = (target * self.classes + prediction).flatten()
        counts = torch.bincount(pair, minlength=self.classes**2)
        self.confusion += counts.reshape(self.classes, self.classes)

    def iou(self) -> Tensor:
        """|prediction and target| / |prediction or target| by class, (C,) float64.

        nan for a class that is in neither, here and in `dice`: leave it out of an average.
        """
        hits, predicted, true = self._counts()
        return hits / (predicted + true - hits)

    def dice(self) -> Tensor:
        """2 |prediction and target| / (|prediction| + |target|) by class, (C,) float64."""
        hits, predicted, true = self._counts()
        return 2 * hits / (predicted + true)

    def accuracy(self) -> float:
        """The share of pixels with the right class; nan before the first update."""
        hits, _, true = self._counts()
        return (hits.sum() / true.sum()).item()

    def _counts(self):
        confusion = self.confusion.double()
        return confusion.diagonal(), confusion.sum(dim=0), confusion.sum(dim=1)

    def _classes(self, name, labels):
        """Class numbers, int64 on the CPU."""
        if check_tensor(name, labels).dtype == torch.bool:
            labels = labels.to(torch.uint8)
        fix = "take logits.argmax(dim=1), or probability > 0.5 for two classes"
        check_integers(name, labels, ("...",), fix)
        check_range(name, labels, 0, self.classes - 1, "a mask of 0 and 255 becomes mask > 127")
        return labels.cpu().long()


class SegmentErrors:
    """Splits and merges of segments: the scores of the ISBI 2012 challenge, pooled over images.

    Arganda-Carreras et al. (Frontiers in Neuroanatomy 2015). Only pixels inside a true segment
    count (foreground restriction): n in all, s_i in segment i of S, t_j in true segment j of T,
    n_ij in both. Segments of different images are different, so the sums below run over all
    images, and a score is that of the images laid side by side. Pixels
    of segment 0 are one segment: call `thin_borders` first, or borders that are too wide look
    like a merge. A score is nan where nothing is inside a true segment.

    >>> errors = SegmentErrors()
    >>> errors.update(torch.tensor([[[1, 1, 1, 1]]]), torch.tensor([[[1, 1, 2, 2]]]))  # a merge
    >>> errors.variation_of_information()
    (0.0, 1.0)
    """

    def __init__(self):
        self._squares = torch.zeros(3, dtype=torch.int64)  # sums of n_ij^2, s_i^2, t_j^2
        # sums of m log m for the sizes m: n_ij, s_i, t_j, pixels of an image
        self._logs = torch.zeros(4, dtype=torch.float64)
        self._pixels = 0

    def update(self, segments: Tensor, target: Tensor) -> None:
        """Count a batch: two integer tensors (N, H, W) of segment numbers, 0 for no segment.

        Raises ValueError for shapes that differ or are no batch, floats, and numbers below 0.
        """
        segments, target = _numbered("segments", segments), _numbered("target", target)
        check_alike("target", target, segments, "segments")
        for ours, true in zip(segments, target):  # one by one: same sums, any batch
            inside = true > 0
            ours, true = (x[inside].unique(return_inverse=True)[1] for x in (ours, true))
            pair = ours * (true.max() + 1) + true if len(true) else true
            sizes = [labels.unique(return_counts=True)[1] for labels in (pair, ours, true)]
            self._squares += torch.stack([(m * m).sum() for m in sizes])
            sizes.append(torch.tensor([len(true)]))
            self._logs += torch.stack([torch.xlogy(m, m.double()).sum() for m in sizes])
            self._pixels += len(true)

    def variation_of_information(self) -> tuple[float, float]:
        """H(S | T) and H(T | S) in bits a pixel: what is lost to splits, and to merges.

        H(S | T) = -(1/n) sum_ij n_ij log2(n_ij / t_j). Their sum is the variation of information
        of Meila (2007); 0 where the segments are the true ones.
        """
        both, ours, true, _ = self._logs
        lost = (torch.stack([true, ours]) - both).clamp(min=0) / self._pixels  # nats
        return tuple((lost / math.log(2)).tolist())

    def information_score(self) -> float:
        """V^Info: the mutual information I(S; T) over the mean of H(S) and H(T), within images.

        From 0 to 1, which means equal; nan also where every image is one segment in both.
        """
        both, ours, true, images = self._logs
        return (2 * (images - ours - true + both) / (2 * images - ours - true)).item()

    def rand_score(self) -> float:
        """V^Rand = 2 sum_ij n_ij^2 / (sum_i s_i^2 + sum_j t_j^2): from 0 to 1, which means equal.

        The F1 score of which pairs of pixels are joined.
        """
        return self._rand(self._squares)

    def adapted_rand_error(self) -> float:
        """1 - V^Rand where no pixel is paired with itself, as in SNEMI3D and scikit-image."""
        return 1 - self._rand(self._squares - self._pixels)

    @staticmethod
    def _rand(squares):
        both, ours, true = squares.double()
        return (2 * both / (ours + true)).item()


def segments(cell_probability: Tensor, *, threshold: float = 0.5) -> Tensor:
    """Number the cells of probability maps (N, H, W): connected pixels (by side) >= threshold.

    Returns (N, H, W) int64: 1, 2, ... within each image, 0 on the borders between cells.
    Binary labels (1 inside a cell) go in as they are.
    Raises ValueError for another shape, values or a threshold outside [0, 1], and NaN.

    >>> segments(torch.tensor([[[0.9, 0.2, 0.8]]]))
    tensor([[[1, 0, 2]]])
    """
    threshold = check_number("threshold", threshold, high=1, above=0)
    if not check_tensor("cell_probability", cell_probability).is_floating_point():
        cell_probability = cell_probability.float()
    check_input("cell_probability", cell_probability, ("N", "H", "W"), "take one channel")
    check_range("cell_probability", cell_probability, 0, 1, "logits become logits.sigmoid()")
    inside = cell_probability.detach().cpu() >= threshold
    return _each(lambda image: ndimage.label(image)[0], inside)


def thin_borders(labels: Tensor) -> Tensor:
    """Give every pixel of segment 0 to the nearest segment: (N, H, W) integer -> int64.

    Then the width of a border does not matter, only whether it closes.
    Raises ValueError for another shape, floats, and numbers below 0.

    >>> thin_borders(torch.tensor([[[1, 0, 0, 0, 2]]]))
    tensor([[[1, 1, 1, 2, 2]]])
    """

    def grow(image):
        nearest = ndimage.distance_transform_edt(
            image == 0, return_distances=False, return_indices=True
        )
        return image[tuple(nearest)]

    return _each(grow, _numbered("labels", labels))


def _each(function, images):
    done = torch.empty(images.shape, dtype=torch.int64)
    for image, result in zip(images.numpy(), done):
        result.copy_(torch.from_numpy(function(image)))
    return done


def _numbered(name, labels):
    """Segment numbers (N, H, W), int64 on the CPU."""
    fix = "coursekit.metrics.segments numbers segments"
    check_integers(name, labels, ("N", "H", "W"), fix)
    return check_range(name, labels, 0, math.inf, fix).cpu().long()
