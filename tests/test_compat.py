import subprocess
import sys

import pytest

from coursekit import compat

PROGRAM = """
from coursekit.compat import import_torchvision
first, second = import_torchvision(), import_torchvision()
import numpy as np, torch, torchvision
assert first is second is torchvision
from torchvision.transforms import Compose, Normalize, ToTensor
image = Compose([ToTensor(), Normalize((0.5,), (0.5,))])(np.full((28, 28), 255, np.uint8))
assert image.shape == (1, 28, 28) and torch.all(image == 1)
print(sum(p.numel() for p in torchvision.models.resnet18().parameters()))
"""


def test_torchvision_imports_twice_and_its_models_and_transforms_work():
    """In a process of its own, because another test may have imported it already."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.stdout == "11689512\n", run.stderr


def test_other_errors_of_the_import_are_not_hidden(monkeypatch, tmp_path):
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('out of order')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    monkeypatch.setattr(compat, "_operators", None)
    with pytest.raises(RuntimeError, match="out of order"):
        compat.import_torchvision()
    assert compat._operators is None  # nothing was declared
