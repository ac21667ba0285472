"""Our arrays, made from the files that their authors published.

| file | made from |
|---|---|
| mnist.npz | the four IDX files, gzipped |
| cifar10_subset.npz | the archive of the Python batches, which alone hold the file names |
| fsdd.npz | the archive of the recordings |

Whatever an original holds, none of its code runs, and nothing is unpacked to a file.

Used by every chapter on these data, where `coursekit.data.store` finds no file of ours.
"""

import gzip
import hashlib
import pickle
import re
import tarfile
import wave
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

KEPT = {"train": 1500, "test": 400}  # images of a class in the part of CIFAR-10
BATCHES = {"train": [f"data_batch_{i}" for i in range(1, 6)], "test": ["test_batch"]}
RECORDING = re.compile(r"(?:.*/)?recordings/(\d)_([a-z]+)_(\d+)\.wav")


def make(name: str, paths: list[Path], arrays: str) -> dict[str, np.ndarray]:
    """The arrays of the file `name` from its originals at `paths`, in the order of `FILES`.

    Raises ValueError if an original cannot be read, or if the digest of what it gives is not
    `arrays`.
    """
    try:
        made = MAKERS[name](*paths)
    except Exception as error:  # gzip, tar, pickle, zip and wave have a dozen of their own
        what = ", ".join(path.name for path in paths)
        raise ValueError(f"{name} cannot be made from {what}: {error!r:.160}") from error
    if (found := digest(made)) != arrays:
        raise ValueError(
            f"what was made of {paths[0].name} is not {name}: the digest of its arrays is {found}, "
            f"expected {arrays}; the original is damaged or another version"
        )
    return made


def digest(arrays: dict[str, np.ndarray]) -> str:
    """The sha256 of names, types, shapes and bytes of arrays, in the order of their names."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name} {array.dtype.str} {arrays[name].shape}\n".encode())
        total.update(array.reshape(-1).view(np.uint8))
    return total.hexdigest()


def _mnist(*paths: Path) -> dict[str, np.ndarray]:
    names = ("train_images", "train_labels", "test_images", "test_labels")
    return {name: _idx(path) for name, path in zip(names, paths)}


def _idx(path):
    """The array of an IDX file: 0, 0, 8 for bytes, the number of axes, their sizes, the bytes."""
    with gzip.open(path) as file:
        zeros, kind, axes = file.read(2), *file.read(2)
        if zeros != b"\0\0" or kind != 8:
            raise ValueError(f"{path.name} is no IDX file of bytes")
        shape = np.frombuffer(file.read(4 * axes), ">u4")
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def _cifar10_subset(archive: Path) -> dict[str, np.ndarray]:
    """In each class the 1500 images (test: 400) whose file names have the smallest sha256.

    All are in the order of that sha256.
    """
    with tarfile.open(archive, "r:gz") as files:
        classes = _unpickle(files, "batches.meta")[b"label_names"]
        made = {"class_names": np.array([name.decode() for name in classes])}
        for part, batches in BATCHES.items():
            images, labels, names = _join([_unpickle(files, batch) for batch in batches])
            kept = _smallest(names, labels, KEPT[part])
            made[f"{part}_images"] = images[kept]
            made[f"{part}_labels"] = labels[kept]
            made[f"{part}_filenames"] = np.array([names[i] for i in kept], "S40")
    return made


def _unpickle(files, name):
    """What Python 2 pickled into a file of the archive, its strings as bytes."""
    return _Arrays(files.extractfile(f"cifar-10-batches-py/{name}"), encoding="bytes").load()


def _join(batches):
    """Images (N, 32, 32, 3) and labels (N,), both uint8, and file names of some batches."""
    images = np.concatenate([batch[b"data"] for batch in batches])
    labels = np.concatenate([batch[b"labels"] for batch in batches]).astype(np.uint8)
    names = [name for batch in batches for name in batch[b"filenames"]]
    return images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels, names


def _smallest(names, labels, most):
    """Indices of at most `most` names of each label, those whose sha256 is smallest, in order."""
    kept, count = [], Counter()
    for i in sorted(range(len(names)), key=lambda i: hashlib.sha256(names[i]).digest()):
        if count[labels[i]] < most:
            kept.append(i)
            count[labels[i]] += 1
    return kept


class _Arrays(pickle.Unpickler):
    """Reads pickled arrays, lists and strings; a pickle that names any function is refused."""

    known = {"_reconstruct": np.empty(0).__reduce__()[0], "ndarray": np.ndarray, "dtype": np.dtype}

    def find_class(self, module, name):
        if module.split(".")[0] == "numpy" and name in self.known:
            return self.known[name]
        raise pickle.UnpicklingError(f"it calls {module}.{name}, which arrays do not need")


def _fsdd(archive: Path) -> dict[str, np.ndarray]:
    """All recordings end to end, in the order of digit, speaker and take."""
    with zipfile.ZipFile(archive) as files:
        found = filter(None, map(RECORDING.fullmatch, files.namelist()))
        order = sorted((int(name[1]), name[2], int(name[3]), name[0]) for name in found)
        sounds = [_sound(files, path) for *_, path in order]
    digits, speakers, takes, _ = zip(*order)
    names = sorted(set(speakers))
    takes = np.array(takes, np.uint8)
    return {
        "audio": np.concatenate(sounds),
        "offsets": np.cumsum([0, *map(len, sounds)], dtype=np.int64),
        "labels": np.array(digits, np.uint8),
        "speaker": np.array([names.index(speaker) for speaker in speakers], np.uint8),
        "speaker_names": np.array(names),
        "take": takes,
        "is_test": takes < 5,
        "sample_rate": np.array(8000, np.int32),
    }


def _sound(files, name):
    """The samples of a recording (n,), int16."""
    with files.open(name) as file, wave.open(file) as sound:
        form = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        if form != (1, 2, 8000):
            raise ValueError(f"{name} is not one channel of 16 bits at 8 kHz")
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")


MAKERS = {"mnist.npz": _mnist, "cifar10_subset.npz": _cifar10_subset, "fsdd.npz": _fsdd}
