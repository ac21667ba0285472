import math

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from coursekit.plots.tables import table

FRAME = pd.DataFrame(
    {
        "method": ["PCA <30>", "deep"],
        "error": [13.8661, math.nan],
        "parameters": [23520, 2837314],
        "share": [0.01234, 1.0],
    }
)


def cells(shown):
    """The header and the rows of the HTML."""
    page = BeautifulSoup(shown._repr_html_(), "html.parser")
    return [[cell.text for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]


def test_one_header_row_and_no_index():
    header, *rows = cells(table(FRAME))
    assert header == ["method", "error", "parameters", "share"]
    assert len(rows) == 2 and all(len(row) == 4 for row in rows)


def test_a_named_index_is_a_column_like_the_others():
    header, *rows = cells(table(FRAME.set_index("method")))
    assert header[0] == "method" and rows[1][0] == "deep"


def test_numbers_have_sensible_digits_and_missing_ones_a_dash():
    _, pca, deep = cells(table(FRAME))
    assert pca == ["PCA <30>", "13.9", "23,520", "0.0123"]
    assert deep == ["deep", "–", "2,837,314", "1.00"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (-0.5, "-0.500"),
        (1234.5, "1,234"),
        (99.96, "100.0"),
        (1e-20, "0.000000000000"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (True, "True"),
        (None, "–"),
    ],
)
def test_digits_of_single_values(value, text):
    shown = table(pd.DataFrame({"value": [value]}, dtype=object))
    assert cells(shown)[1] == [text]


def test_an_arrow_says_which_way_is_good():
    header = cells(table(FRAME, better={"error": "low", "share": "high"}))[0]
    assert header == ["method", "error ↓", "parameters", "share ↑"]


def test_markup_in_a_cell_stays_text():
    assert "<30>" not in table(FRAME)._repr_html_()


def test_the_text_is_the_same_table_without_any_address():
    text = repr(table(FRAME))
    assert text.splitlines()[0].split() == ["method", "error", "parameters", "share"]
    assert "0x" not in text and "–" in text


@pytest.mark.parametrize(
    ("better", "message"),
    [({"speed": "high"}, "better must be one of"), ({"error": "up"}, "better.* must be one of")],
)
def test_columns_and_directions_that_do_not_exist_are_refused(better, message):
    with pytest.raises(ValueError, match=message):
        table(FRAME, better=better)


def test_what_is_no_frame_is_refused():
    with pytest.raises(TypeError, match="frame must be a data frame"):
        table([1, 2])
