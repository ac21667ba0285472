import json
import random
from collections import defaultdict
from functools import cached_property
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from coursekit import checks
from coursekit.checks import claim, expect


def refusal(function, *arguments):
    """The message of the AssertionError that a false claim in `function` raises."""
    with pytest.raises(AssertionError, match="does not hold") as raised:
        function(*arguments)
    return str(raised.value)


def test_a_true_claim_prints_its_text_and_what_it_compared(capsys):
    small, large = 0.123456, 12
    claim("small is less than large", small < large)
    assert capsys.readouterr().out == "✓ small is less than large (0.123 < 12)\n"


def test_a_claim_without_a_source_prints_its_text_alone(capsys):
    exec("claim('one is less than two', 1 < 2)", {"claim": claim})
    pair = "two is less than three", 2 < 3
    claim(*pair)
    assert capsys.readouterr().out == "✓ one is less than two\n✓ two is less than three\n"


def test_a_false_claim_raises_with_both_values():
    ae_error, pca_error = 9.25, 8.5
    with pytest.raises(AssertionError, match="does not hold: AE beats PCA") as raised:
        claim("AE beats PCA", ae_error < pca_error)
    assert "ae_error < pca_error" in str(raised.value)
    assert "ae_error = 9.25" in str(raised.value) and "pca_error = 8.5" in str(raised.value)


def test_a_false_claim_shows_expressions_and_chains():
    values = {"low": 1, "high": 5}
    with pytest.raises(AssertionError, match=r"values\['high'\] = 5"):
        claim("in between", values["low"] < values["high"] < 3)


def test_a_false_claim_without_a_comparison_names_the_condition():
    with pytest.raises(AssertionError, match="all done") as raised:
        claim("all done", all([True, False]))
    assert "all([True, False])" in str(raised.value)


# ---------------------------------------------------------------------------- what an error shows


def test_nothing_is_run_twice():
    errors, calls = [3, 1, 2], []

    class Run:
        @property
        def loss(self):
            calls.append("property")
            return 1

        @cached_property
        def cached(self):
            calls.append("cached")
            return 1

        def __getitem__(self, key):
            calls.append("item")
            return 1

        def __getattr__(self, name):
            calls.append("unknown attribute")
            return 1

    run, seen = Run(), defaultdict(int)
    claim_all = [
        lambda: claim("popped", errors.pop() > 9),
        lambda: claim("a call inside", abs(errors[0] + len(errors)) < 0),
        lambda: claim("drawn", random.Random(0).random() > 9 > errors.pop(0)),
        lambda: claim("a property", run.loss > 9),
        lambda: claim("a stored property", run.cached > 9),
        lambda: claim("an item", run["x"] > 9),
        lambda: claim("an attribute", run.anything > 9),
        lambda: claim("not reached", seen is None and seen["x"] > 9),
    ]
    for broken in claim_all:
        refusal(broken)
    assert errors == [3, 1] and not seen
    assert calls == ["property", "cached", "item", "unknown attribute"]


def test_a_random_draw_is_not_shown_as_another_one():
    generator, other = random.Random(0), random.Random(0)
    message = refusal(lambda: claim("large", generator.random() > 9))
    other.random()
    assert generator.random() == other.random()
    assert message.splitlines() == ["does not hold: large", "  generator.random() > 9", "  9 = 9"]


def test_names_of_an_inner_scope_are_not_looked_up_outside():
    a, bound, pairs = "the outer a", 9, [(1, 2)]
    message = refusal(lambda: claim("any", any([v > bound for v in (1, 2)])))  # noqa: C419
    assert message.splitlines() == ["does not hold: any", "  any([v > bound for v in (1, 2)])"]
    message = refusal(lambda: claim("all", all(a > b for a, b in pairs)))
    assert "the outer a" not in message and a == "the outer a"
    message = refusal(lambda: claim("none", (lambda a: a > 1)(0)))
    assert "the outer a" not in message
    message = refusal(lambda: claim("both", all(v > 3 for v in (1, 2)) and bound < 3 or bound < 4))
    assert "bound = 9" in message


def test_a_name_that_the_condition_itself_assigns_is_not_shown():
    n = 3

    def broken():
        nonlocal n
        claim("grew", n > (n := 5))

    assert "n =" not in refusal(broken).replace("n := 5", "")


def test_attributes_and_items_of_names_are_shown():
    table = pd.DataFrame({"x": [1.5, 2.5]}, index=["first", "second"])
    run, scores, i = SimpleNamespace(loss=2.5, parts=[7]), {"a": [1, 2]}, 1
    x = torch.tensor([0.25, 0.5])
    for broken, shown in [
        (lambda: claim("run", run.loss < 1), "run.loss = 2.5"),
        (lambda: claim("parts", run.parts[0] < 1), "run.parts[0] = 7"),
        (lambda: claim("item", scores["a"][i] < 1), "scores['a'][i] = 2"),
        (lambda: claim("last", scores["a"][-1] < 1), "scores['a'][-1] = 2"),
        (lambda: claim("table", table.loc["second", "x"] < 1), "table.loc['second', 'x'] = 2.5"),
        (lambda: claim("column", table.x["first"] < 1), "table.x['first'] = 1.5"),
        (lambda: claim("tensor", x[i] < 0.1), "x[i] = tensor(0.5000)"),
        (lambda: claim("shape", x.shape[0] < 1), "x.shape[0] = 2"),
        (lambda: claim("minus", x.shape[0] < -1), "-1 = -1"),
    ]:
        assert f"\n  {shown}" in refusal(broken)


def test_and_or_not_and_chains_show_what_they_compare():
    a, b, missing = 1, 5, None
    message = refusal(lambda: claim("both", not (a < b) or (a < b < 3 and missing.loss < a)))
    assert {"  a = 1", "  b = 5", "  3 = 3"} <= set(message.splitlines())
    assert "missing.loss =" not in message


def test_a_long_value_is_cut():
    many = list(range(1000))
    assert max(map(len, refusal(lambda: claim("few", many < [])).splitlines())) < 250


def test_a_claim_over_several_lines_in_a_loop(capsys):
    def loop():
        for bound in (5, 4, 2):
            # fmt: off
            claim(
                "every bound"
                " is large",
                bound
                > 3,
            )
            # fmt: on

    assert "bound = 2" in refusal(loop)
    assert capsys.readouterr().out == "".join(f"✓ every bound is large ({n} > 3)\n" for n in (5, 4))


def test_a_claim_by_another_name_by_keyword_and_by_a_library():
    small, say = 1, claim
    assert "small = 1" in refusal(lambda: say("large", small > 2))
    assert "small = 1" in refusal(lambda: checks.claim("large", small > 2))
    assert "small = 1" in refusal(lambda: claim(condition=small > 2, text="large"))
    pair = "large", small > 2
    assert refusal(lambda: claim(*pair)) == "does not hold: large"
    assert refusal(lambda: list(map(claim, ["large"], [small > 2]))) == "does not hold: large"


# ---------------------------------------------------------------------------- what a claim takes


@pytest.mark.parametrize(
    "true", [True, np.bool_(True), np.array(True), torch.tensor(True), torch.tensor(1) > 0]
)
def test_one_truth_value_of_any_library(true, capsys):
    claim("true", true)
    assert capsys.readouterr().out == "✓ true\n"
    refusal(lambda: claim("false", ~true if true is not True else False))


@pytest.mark.parametrize(
    ("condition", "error", "message"),
    [
        (0.3, TypeError, "condition must be True or False, got the float 0.3; write a comparison"),
        (float("nan"), TypeError, "got the float nan"),
        (1, TypeError, "got the int 1"),
        (None, TypeError, "got None"),
        ("yes", TypeError, "got the str 'yes'"),
        ([True], TypeError, r"got the list \[True\]"),
        (pd.Series([True]), TypeError, "got one of type Series"),
        (torch.tensor([True, True]), ValueError, r"got \(2,\) torch.bool; .*\.all\(\)"),
        (torch.tensor([True]), ValueError, r"got \(1,\) torch.bool"),
        (np.array([True, True]), ValueError, r"got \(2,\) bool"),
        (torch.tensor(0.3), ValueError, r"one truth value, got \(\) torch.float32"),
        (np.array(1), ValueError, r"one truth value, got \(\) int64"),
    ],
)
def test_what_is_not_one_truth_value_is_refused(condition, error, message):
    with pytest.raises(error, match=message):
        claim("true", condition)


def test_the_text_of_a_claim_is_a_text():
    with pytest.raises(TypeError, match="text must be a sentence, got the bool True"):
        claim(1 < 2, "two is more")


# ---------------------------------------------------------------------------- expect


@pytest.mark.parametrize(
    ("profile", "value", "inside"),
    [("quick", 1.5, True), ("quick", 11.0, False), ("full", 11.0, True), ("full", 1.5, False)],
)
def test_expect_uses_the_band_of_the_profile(monkeypatch, capsys, profile, value, inside):
    monkeypatch.setenv("COURSEKIT_PROFILE", profile)
    if inside:
        expect("error", value, quick=(1, 2), full=(10, 12))
    else:
        with pytest.raises(AssertionError, match="error = .* lies outside"):
            expect("error", value, quick=(1, 2), full=(10, 12))
    assert capsys.readouterr().out == f"error: {value:.4g}\n"


def test_expect_refuses_an_empty_band(monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    with pytest.raises(ValueError, match=r"band of 'error' is empty: \(2, 1\)"):
        expect("error", 1.5, quick=(2, 1), full=(0, 1))


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_both_bands_are_checked_in_either_profile(monkeypatch, profile):
    monkeypatch.setenv("COURSEKIT_PROFILE", profile)
    for quick, full, error, message in [
        ((1, 2), (2, 1), ValueError, r"full: the band of 'error' is empty: \(2, 1\)"),
        ((1, 2, 3), (1, 2), ValueError, r"quick must be the pair \(low, high\), got 3 numbers"),
        (1, (1, 2), TypeError, "quick must be a list of numbers, got the int 1"),
        ((1, 2), (1, float("nan")), ValueError, r"full\[1\] must be a finite number, got nan"),
        ((1, 2), (None, 2), TypeError, r"full\[0\] must be a number, got None"),
    ]:
        with pytest.raises(error, match=message):
            expect("error", 1.5, quick=quick, full=full)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (float("nan"), ValueError, "the value of 'error' must be a finite number, got nan"),
        (float("inf"), ValueError, "the value of 'error' must be a finite number, got inf"),
        (torch.tensor(float("nan")), ValueError, "must be a finite number, got nan"),
        ("1.5", TypeError, "the value of 'error' must be a number, got the str '1.5'"),
        (True, TypeError, "must be a number, got the bool True"),
        (torch.ones(2), TypeError, r"must be a number, got a tensor \(2,\)"),
    ],
)
def test_a_value_that_lies_nowhere_is_refused(monkeypatch, capsys, value, error, message):
    monkeypatch.setenv("COURSEKIT_PROFILE", "full")
    with pytest.raises(error, match=message):
        expect("error", value, quick=(1, 2), full=(1, 2))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value", [np.float32(1.5), torch.tensor(1.5), np.array(1.5), 1.5])
def test_a_number_of_any_library_is_measured(monkeypatch, capsys, value):
    monkeypatch.setenv("COURSEKIT_PROFILE", "full")
    expect("error", value, quick=(1, 2), full=(1, 2))
    assert capsys.readouterr().out == "error: 1.5\n"


# ---------------------------------------------------------------------------- the record


def test_a_record_has_a_line_for_each_claim_and_number_failed_ones_too(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    monkeypatch.setenv("COURSEKIT_RECORD", str(tmp_path / "record"))
    few, many = 83, 100
    claim("few", few <= many)
    refusal(lambda: claim("many", few > many))
    with pytest.raises(AssertionError):
        expect("error", 2.5, quick=(1, 2), full=(3, 4))
    assert [json.loads(line) for line in (tmp_path / "record").read_text().splitlines()] == [
        {"claim": "few", "holds": True, "gaps": {"few <= many": 17}},
        {"claim": "many", "holds": False, "gaps": {"few > many": -17}},
        {"expect": "error", "value": 2.5, "low": 1, "high": 2},
    ]
