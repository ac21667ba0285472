"""Originals as their authors publish them, rebuilt from our arrays; and tiny data to try it on."""

import gzip
import hashlib
import io
import itertools
import pickle
import struct
import tarfile
import wave
import zipfile

import numpy as np

from coursekit.data import origins, store
from coursekit.data.files import FILES

NAMES = ("mnist.npz", "cifar10_subset.npz", "fsdd.npz")


def rebuild(name, arrays):
    """{published name: bytes} of the originals that our arrays come from."""
    build = {"mnist.npz": _mnist, "cifar10_subset.npz": _cifar10, "fsdd.npz": _fsdd}[name]
    return dict(zip([original.name for original in FILES[name].originals], build(arrays)))


def entry(name, arrays, contents, places, megabytes=0.1):
    """An entry of `FILES` for such originals, each at all of `places`."""
    found = tuple(
        store.Original(
            tuple(f"{place}/{original.name}" for place in places),
            original.md5 and hashlib.md5(contents[original.name]).hexdigest(),
        )
        for original in FILES[name].originals
    )
    digest = origins.digest(arrays)
    return store.File("0" * 64, megabytes, "tiny", "us", "CC0", "far away", found, digest)


def tiny(name):
    """A few arrays of the form that the file `name` has, the same each time."""
    rng = np.random.default_rng(0)
    if name == "mnist.npz":
        shapes = {"train_images": (5, 4, 3), "train_labels": (5,)}
        shapes |= {"test_images": (2, 4, 3), "test_labels": (2,)}
        return {key: rng.integers(0, 256, shape, np.uint8) for key, shape in shapes.items()}
    if name == "fsdd.npz":
        return _tiny_sounds(rng)
    made = {"class_names": np.array(["cat", "truck"])}
    for part, n in (("train", 6), ("test", 2)):
        names = [f"{part}_{i}.png".encode() for i in range(n)]
        names.sort(key=lambda name: hashlib.sha256(name).hexdigest())
        made[f"{part}_images"] = rng.integers(0, 256, (n, 32, 32, 3), np.uint8)
        made[f"{part}_labels"] = np.arange(n, dtype=np.uint8) % 2
        made[f"{part}_filenames"] = np.array(names, "S40")
    return made


TINY_KEPT = {"train": 3, "test": 1}  # of each of the two classes


def _tiny_sounds(rng):
    order = list(itertools.product((0, 7), (0, 1), (0, 4, 5, 10)))
    labels, speaker, take = np.array(order, np.uint8).T
    lengths = rng.integers(5, 20, len(order))
    return {
        "audio": rng.integers(-(2**15), 2**15, lengths.sum()).astype(np.int16),
        "offsets": np.array([0, *lengths.cumsum()], np.int64),
        "labels": labels,
        "speaker": speaker,
        "speaker_names": np.array(["anna", "zoe"]),
        "take": take,
        "is_test": take < 5,
        "sample_rate": np.array(8000, np.int32),
    }


def idx(array, kind=8):
    """A gzipped IDX file."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), compresslevel=0)


def _mnist(arrays):
    for part in ("train", "test"):
        yield idx(arrays[f"{part}_images"])
        yield idx(arrays[f"{part}_labels"])


def _cifar10(arrays):
    """The archive of Python batches: our images among others whose names have a larger sha256."""
    files = {"batches.meta": {"label_names": [str(name) for name in arrays["class_names"]]}}
    for part, batches in origins.BATCHES.items():
        images, labels, names = (
            arrays[f"{part}_{key}"] for key in ("images", "labels", "filenames")
        )
        more = [name for label in np.unique(labels) for name in _larger(names[labels == label])]
        labels = np.concatenate([labels, np.repeat(np.unique(labels), 2)])
        images = np.concatenate([images, np.full((len(more), 32, 32, 3), 200, np.uint8)])
        names = [*names.tolist(), *more]
        mixed = np.random.default_rng(1).permutation(len(names))
        for batch, rows in zip(batches, np.array_split(mixed, len(batches))):
            files[batch] = {
                "batch_label": batch,
                "labels": labels[rows].tolist(),
                "data": images[rows].transpose(0, 3, 1, 2).reshape(len(rows), -1).copy(),
                "filenames": [names[i] for i in rows],
            }
    yield archive({name: python2_pickle(content) for name, content in files.items()})


def _larger(names):
    """Two names that come after all of `names`."""
    last = max(hashlib.sha256(name).digest() for name in names.tolist())
    made = (f"made_up_{names[0].decode()}_{i}".encode() for i in itertools.count())
    return itertools.islice((m for m in made if hashlib.sha256(m).digest() > last), 2)


def archive(contents):
    """The batches as a gzipped tar file."""
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w:gz", compresslevel=0) as files:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            files.addfile(member, io.BytesIO(content))
    return result.getvalue()


class _Python2(pickle._Pickler):
    """Writes text and bytes alike as the byte strings of Python 2."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        value = value.encode() if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)

    dispatch[str] = dispatch[bytes] = save_string


def python2_pickle(content):
    """A pickle as Python 2 and the NumPy of its time wrote it."""
    result = io.BytesIO()
    _Python2(result, protocol=2).dump(content)
    return result.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def recording(samples, rate=8000):
    """A wav file of one channel of 16 bits."""
    result = io.BytesIO()
    with wave.open(result, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())
    return result.getvalue()


def _fsdd(arrays):
    """The archive of the repository, where other files stand beside the recordings."""
    top = "free-spoken-digit-dataset-1.0.10"
    contents = {f"{top}/README.md": b"", f"{top}/recordings/notes.txt": b""}
    for i, (digit, speaker, take) in enumerate(
        zip(arrays["labels"], arrays["speaker"], arrays["take"])
    ):
        samples = arrays["audio"][arrays["offsets"][i] : arrays["offsets"][i + 1]]
        name = f"{digit}_{arrays['speaker_names'][speaker]}_{take}.wav"
        contents[f"{top}/recordings/{name}"] = recording(samples)
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as files:
        for name in sorted(contents):
            files.writestr(name, contents[name])
    yield result.getvalue()
