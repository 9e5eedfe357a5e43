from __future__ import annotations

from bs4 import BeautifulSoup
from built import table_rows

from commune_pilots.errors import ContractError, Failure, NotebookError, WriteError
from commune_pilots.runs import failures

CELL = {
    "run": "x",
    "notebook": "notebooks/04_check.ipynb",
    "cell": "check-contrasts",
    "line": "3",
    "text": "checks.check_contrasts(contrasts)",
    "name": "ValueError",
    "message": "no such column",
    "kept": "reports/x.failed/04_check.ipynb",
}


def _failure(**given):
    values = {"file": "observations.csv", "row": 18, "column": "value", "value": "980.8"}
    rule = {"rule": "most", "rule_values": (("accepted", "100"),)}
    return Failure(**{**values, **rule, **given})


def _read(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _contract(tmp_path, *found):
    path = failures.write_contract(tmp_path, ContractError(found))
    assert path == tmp_path / "failures.html"
    return _read(path)


def _cell(tmp_path, error):
    path = failures.write_failure(tmp_path, error)
    assert path == tmp_path / "failure.html"
    return _read(path)


def test_every_failing_value_is_a_row_with_its_place_and_rule_in_both_languages(tmp_path):
    page = _contract(tmp_path, _failure(), _failure(row=None, column="unit"))
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
    page = _contract(tmp_path, _failure(), _failure(), _failure())
    assert page.h1.text.startswith("3 giá trị")
    assert page.html["lang"] == "vi"
    assert page.table.caption.text == page.title.text


def test_values_are_escaped(tmp_path):
    _contract(tmp_path, _failure(value="<script>x</script>"))
    assert "<script" not in (tmp_path / "failures.html").read_text(encoding="utf-8")


def test_a_failed_cell_is_told_with_its_place_its_line_and_both_sentences(tmp_path):
    error = NotebookError("cell_failed", **CELL)
    rows = dict(table_rows(_cell(tmp_path, error).table))
    assert rows["Tiếng Việt"] == error.sentence("vi")
    assert rows["English"] == error.sentence("en")
    for told in ("notebook", "cell", "line", "text", "name", "message", "kept"):
        assert CELL[told] in rows.values()


def test_the_notebook_that_was_kept_is_a_link_beside_the_page(tmp_path):
    (tmp_path / "04_check.ipynb").write_text("{}", encoding="utf-8")
    page = _cell(tmp_path, NotebookError("cell_failed", **CELL))
    assert [link["href"] for link in page.find_all("a")] == ["04_check.ipynb"]


def test_a_notebook_that_was_not_kept_is_no_link(tmp_path):
    assert _cell(tmp_path, NotebookError("cell_failed", **CELL)).find_all("a") == []


def test_an_error_without_a_cell_is_told_by_its_sentences_alone(tmp_path):
    error = WriteError("cannot_write", file="reports/x", reason="No space left on device")
    rows = table_rows(_cell(tmp_path, error).table)
    assert rows == [["Tiếng Việt", error.sentence("vi")], ["English", error.sentence("en")]]


def test_what_a_cell_said_is_escaped(tmp_path):
    hostile = {**CELL, "message": "<script>x</script>", "text": '"><img src=x>'}
    page = _cell(tmp_path, NotebookError("cell_failed", **hostile))
    assert page.find_all(["script", "img"]) == []


def test_neither_page_asks_for_anything_from_elsewhere(tmp_path):
    for page in (
        _contract(tmp_path, _failure()),
        _cell(tmp_path, NotebookError("cell_failed", **CELL)),
    ):
        assert page.find_all(["script", "link", "img", "iframe"]) == []
        assert page.html["lang"] == "vi"
