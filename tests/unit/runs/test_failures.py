from __future__ import annotations

from bs4 import BeautifulSoup
from built import table_rows

from commune_pilots.errors import ContractError, Failure
from commune_pilots.runs import failures


def _failure(**given):
    values = {"file": "observations.csv", "row": 18, "column": "value", "value": "980.8"}
    rule = {"rule": "most", "rule_values": (("accepted", "100"),)}
    return Failure(**{**values, **rule, **given})


def _page(tmp_path, *found):
    path = failures.write(tmp_path, ContractError(found))
    assert path == tmp_path / "failures.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_every_failing_value_is_a_row_with_its_place_and_rule_in_both_languages(tmp_path):
    page = _page(tmp_path, _failure(), _failure(row=None, column="unit"))
    rows = table_rows(page.table)
    assert rows[0] == [
        "observations.csv",
        "18",
        "value",
        "980.8",
        "phải từ 100 trở xuống",
        "must be at most 100",
    ]
    assert rows[1][1] == "-"


def test_the_page_says_how_many_there_are_and_is_vietnamese(tmp_path):
    page = _page(tmp_path, _failure(), _failure(), _failure())
    assert page.h1.text.startswith("3 giá trị")
    assert page.html["lang"] == "vi"
    assert page.table.caption.text == page.title.text


def test_values_are_escaped(tmp_path):
    failures.write(tmp_path, ContractError([_failure(value="<script>x</script>")]))
    assert "<script" not in (tmp_path / "failures.html").read_text(encoding="utf-8")
