import pytest

from coursekit.checks import claim, expect


def test_a_true_claim_prints_one_stable_line(capsys):
    claim("small is less than large", 1 < 2)
    assert capsys.readouterr().out == "✓ small is less than large\n"


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


@pytest.mark.parametrize(
    ("profile", "value", "inside"),
    [
        ("quick", 1.5, True),
        ("quick", 11.0, False),
        ("full", 11.0, True),
        ("full", 1.5, False),
        ("full", float("nan"), False),
    ],
)
def test_expect_uses_the_band_of_the_profile(monkeypatch, capsys, profile, value, inside):
    monkeypatch.setenv("COURSEKIT_PROFILE", profile)
    if inside:
        expect("error", value, quick=(1, 2), full=(10, 12))
    else:
        with pytest.raises(AssertionError, match="error = .* lies outside"):
            expect("error", value, quick=(1, 2), full=(10, 12))
    band = {"quick": "1 to 2", "full": "10 to 12"}[profile]
    assert capsys.readouterr().out == f"error: {value:.4g} (expected {band})\n"


def test_expect_refuses_an_empty_band(monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    with pytest.raises(ValueError, match=r"band of 'error' is empty: \(2, 1\)"):
        expect("error", 1.5, quick=(2, 1), full=(0, 1))
