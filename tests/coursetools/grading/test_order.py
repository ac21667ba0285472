"""Names that a cell below a check defines again, found in the text."""

import pytest

from coursetools.grading.order import again, defined


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1", {"f"}),
        ("async  def f(): ...", {"f"}),
        ("class Net(nn.Module):\n    width = 3", {"Net"}),
        ("a = b = 1\nc, d = 2, 3\ne: int = 4", {"a", "c", "d", "e"}),
        ("a == 1\na.b = 1\na[0] = 1\na += 1\nprint(b=1)", set()),
        ("    a = 1", set()),
        ("%%time\n\n# exercise 02.3, keep this line\ndef auc(scores, labels):", {"auc"}),
        ("", set()),
        ("größe = 1", {"größe"}),
    ],
)
def test_what_a_cell_defines(source, names):
    assert defined(source) == names


def test_long_lines_take_no_long_time():
    assert defined("a," * 200_000) == set() and defined("a " * 200_000) == set()


def test_only_what_both_sides_define_counts():
    cells = ["def f(): 1", "x = 1", "def f(): 2", "y = x"]
    assert again(cells, 2) == {"f"} and again(cells, 3) == again(cells, 0) == set()
