"""Each rule is silent on a good notebook and goes red on a bad one."""

import nbformat
import pytest

from tests.notebooks import rules
from tests.notebooks.bad_chapters import SHAPE, TEXT
from tests.notebooks.bad_code import CODE
from tests.notebooks.bad_outputs import OUTPUTS
from tests.notebooks.rules import chapters, code, texts
from tests.notebooks.sample import good_notebook


@pytest.fixture
def good():
    return good_notebook()


ALL = rules.EVERY + rules.LINKED + rules.PAGE + rules.CHAPTER + rules.SIZED + rules.EXERCISE


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.__name__)
def test_a_good_notebook_keeps_the_rule(rule, good):
    assert list(rule(good)) == []


BAD = OUTPUTS + CODE + TEXT + SHAPE


@pytest.mark.parametrize(
    ("rule", "spoil", "message"),
    BAD,
    ids=[f"{rule.__name__}-{n}" for n, (rule, _, _) in enumerate(BAD)],
)
def test_a_bad_notebook_breaks_the_rule(rule, spoil, message, good):
    spoil(good)
    found = list(rule(good))
    assert any(message in line for line in found), found


def test_every_rule_has_a_bad_notebook():
    assert {rule for rule, _, _ in BAD} == set(ALL)


def test_findings_name_the_notebook(tmp_path, good):
    good.cells[7].source = "x" * 90
    nbformat.write(good, tmp_path / "01_tiny.ipynb")
    found = rules.findings(tmp_path / "01_tiny.ipynb", [code.short_lines])
    assert found == ["01_tiny.ipynb: cell 7: a line of 90 columns; at most 88"]


def test_long_chapters_have_limits_of_their_own(good):
    good.cells[25].source = "claim('so', x < 1)\n" * 9
    path = rules.ROOT / "notebooks/02_tiny.ipynb"
    assert list(chapters.size(good)) and not list(chapters.size(good, chapters.limits(path)))
    assert chapters.limits(rules.ROOT / "notebooks/03_tiny.ipynb") == chapters.USUAL


@pytest.mark.parametrize(
    ("address", "same"),
    [
        (
            "https://doi.org/10.1016/0893-6080%2889%2990014-2",
            "http://dx.doi.org/10.1016/0893-6080(89)90014-2",
        ),
        ("https://arxiv.org/abs/1412.6980v9", "https://www.arxiv.org/pdf/1412.6980"),
        ("https://doi.org/10.48550/arXiv.1412.6980", "https://arxiv.org/pdf/1412.6980v2.pdf"),
        ("https://jmlr.org/papers/v9/a.html", "http://www.jmlr.org/papers/v9/a.html"),
        (
            "https://doi.org/10.1002/(SICI)1%3C2::AID-X%3E3.0.CO;2-A",
            "https://doi.org/10.1002/(sici)1<2::aid-x>3.0.co;2-a",
        ),
    ],
)
def test_a_work_is_known_by_each_of_its_addresses(address, same):
    assert texts.work(address) == texts.work(same)
