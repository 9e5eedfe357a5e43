"""Counts are read out of released tables as a reader would, and nothing else is."""

from __future__ import annotations

import pandas as pd
import pytest

from commune_pilots.clean.printed import Printed, of_csv, of_page


def _counts(found):
    return [one.count for one in found]


def _series(*cells, name="t-series"):
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    return (
        f'<div id="{name}"><table><thead><tr><th>a</th></tr></thead><tbody><tr>{row}</tr>'
        "</tbody></table></div>"
    )


def test_a_part_of_a_whole_is_three_counts():
    assert _counts(of_page(_series("3/50"))) == [3, 50, 47]


@pytest.mark.parametrize("cell", ["1/2020–6/2020", "–/50", "2 / 0", "3", "12 tháng", ""])
def test_months_and_hidden_counts_are_none(cell):
    assert _counts(of_page(_series(cell))) == []


@pytest.mark.parametrize("cell", ["1.116/2.300", "1,116/2,300", "1 116/2 300", "1\u00a0116/2300"])
def test_thousands_are_read_in_either_language(cell):
    assert _counts(of_page(_series(cell))) == [1116, 2300, 1184]


def test_a_count_in_bold_is_read_whole():
    assert _counts(of_page(_series("<b>3</b>/50"))) == [3, 50, 47]


def test_such_cells_elsewhere_count_communes_and_ranks():
    assert _counts(of_page(_series("3/11", name="t-units"))) == []
    page = _series("9/90") + "<table><tr><th>a</th></tr><tr><td>3/11</td></tr></table>"
    assert _counts(of_page(page)) == [9, 90, 81]


def test_a_table_that_a_notebook_shows_is_read_by_its_columns():
    shown = pd.DataFrame(
        {
            "source": ["log", "001"],
            "numerator": [3.0, None],
            "denominator": [50, 40],
            "rank": [2, 3],
        }
    )
    found = list(of_page(f"<main>{shown.to_html()}</main>"))
    assert found == [
        Printed("table 1, row 1", 3, "log"),
        Printed("table 1, row 1", 50, "log"),
        Printed("table 1, row 1", 47, "log"),
        Printed("table 1, row 2", 40, "001"),
    ]


def test_a_page_without_tables_has_no_counts():
    assert list(of_page("<main><p>3/50 hồ sơ</p><table></table></main>")) == []


@pytest.mark.parametrize("mark", [";", ","])
def test_a_download_is_read_by_its_columns(mark):
    lines = [["unit", "numerator", "denominator"], ["a", "3", "50"], ["b", "", ""]]
    found = list(of_csv("\n".join(mark.join(line) for line in lines)))
    assert found == [Printed("row 2", 3), Printed("row 2", 50), Printed("row 2", 47)]


def test_a_download_without_such_columns_has_no_counts():
    assert list(of_csv("a;b\n1;2\n")) == []
    assert list(of_csv("")) == []
