import pytest
import torch

from coursekit.live import arrays
from tests.live.pages import node


def test_what_python_writes_javascript_reads():
    values = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, -3e-5, 0.333])
    wholes = torch.tensor([0, 1, 127, 255])
    given = {
        "half": arrays.half("x", values),
        "single": arrays.single(values),
        "bytes": arrays.octets(wholes),
    }
    read = node(["arrays"], "g => [half(g.half), single(g.single), bytes(g.bytes)]", given)
    assert read[0] == values.half().tolist()
    assert read[1] == values.tolist()
    assert read[2] == wholes.tolist()


def test_rows():
    rows = node(["arrays"], "x => rowsOf(Float32Array.from(x), 2)", [1, 2, 3, 4, 5, 6])
    assert rows == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_what_float16_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="weights must be finite and at most 65504"):
        arrays.half("weights", torch.tensor([0, value]))
