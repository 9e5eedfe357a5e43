from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path
from string import Formatter

import pytest

from commune_pilots import sources
from commune_pilots.catalogue import entries
from commune_pilots.sources.refusals import refusal, shown

FOLDER = Path(sources.__file__).parent
AT = {"refusal": 0, "refuse_at": 0, "found_at": 1, "Fault": 1, "_of": 1, "Suspicion": 1, "_told": 1}


def _literals(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return []


def _rules() -> set[str]:
    """List every rule that a module names where it finds or refuses something."""
    named: set[str] = set()
    for path in FOLDER.glob("*.py"):
        if path.name == "press.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [one.value for one in node.keywords if one.arg == "rule"]
            if name in AT and len(node.args) > AT[name]:
                given.append(node.args[AT[name]])
            named |= {rule for one in given for rule in _literals(one) if rule}
    return named


def test_every_rule_that_is_found_or_refused_is_worded():
    assert len(_rules()) > 60
    assert {rule for rule in _rules() if f"ingest.rule.{rule}" not in entries()} == set()


def test_a_finding_is_worded_without_anything_to_fill_in():
    refusing = {"refusal", "refuse_at", "Fault"}
    told: set[str] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in AT and name not in refusing:
                told |= set(_literals(node.args[AT[name]])) if len(node.args) > AT[name] else set()
    places = {
        rule: [name for _, name, _, _ in Formatter().parse(entries()[f"ingest.rule.{rule}"]["en"])]
        for rule in told
    }
    assert told
    assert [rule for rule, names in places.items() if set(names) - {"", None, "value"}] == []


def test_a_refusal_names_file_sheet_row_column_and_what_was_found():
    error = refusal("negative", file="a.xlsx", sheet="T4", row=7, column="Tiếp nhận", found=-3.0)
    assert error.sentence("en") == (
        "a.xlsx, sheet T4, row 7, column “Tiếp nhận”: found “-3”; "
        "a count cannot be negative; mend the sign."
    )
    assert error.sentence("vi").startswith("a.xlsx, trang T4, dòng 7, cột “Tiếp nhận”: gặp “-3”;")


def test_a_refusal_leaves_out_the_places_that_are_not_known():
    assert refusal("no_rows", file="a.csv").sentence("en").startswith("a.csv: a header")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (12.0, "12"),
        (0.615, "0.615"),
        (True, "True"),
        (dt.date(2026, 4, 1), "2026-04-01"),
        ("  a \n b ", "a b"),
        ("lh 0912 345 678", "lh •••• ••• •••"),
        ("001234567890", "••••••••••••"),
        ("a.b@c.vn gửi", "•@• gửi"),
        (912345678.0, "•••••••••"),
        ("12.345.678", "12.345.678"),
    ],
)
def test_a_cell_is_shown_without_what_could_identify_somebody(cell, written):
    assert shown(cell) == written


def test_a_long_cell_is_cut():
    assert len(shown("x" * 500)) == 80
