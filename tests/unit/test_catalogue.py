from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import commune_pilots
from commune_pilots import catalogue, errors, schemas, strict_yaml
from commune_pilots.catalogue import LANGUAGES, entries, text

PACKAGE = Path(commune_pilots.__file__).parent
KINDS = {
    name
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, errors.PilotsError)
}


@cache
def _calls() -> tuple[tuple[str, str, ast.Call], ...]:
    return tuple(_walk())


def _walk() -> Iterator[tuple[str, str, ast.Call]]:
    for module in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                yield f"{module.relative_to(PACKAGE)}:{node.lineno}", name, node


def _names(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


def _literals(node: ast.expr) -> list[str]:
    """Spell out a literal, both arms of a choice, or nothing for what is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return []


def _raised() -> list[tuple[str, str, ast.Call]]:
    return [
        (place, key, call)
        for place, name, call in _calls()
        if name in KINDS and call.args
        for key in _literals(call.args[0])
    ]


def _rules() -> list[tuple[str, str]]:
    """List the rules that failures name: by keyword, or where a module's own helper takes them."""
    at = {
        ("sources/press.py", "fail"): 1,
        ("sources/press.py", "_failure"): 5,
        ("sources/panel.py", "_failure"): 3,
        ("effects/pairing.py", "_failure"): 1,
    }
    found = []
    for place, name, call in _calls():
        given = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
        position = at.get((place.partition(":")[0], name))
        if name != "Failure" and position is None:
            continue
        if position is not None and len(call.args) > position:
            given.append(call.args[position])
        found.extend((place, rule) for node in given for rule in _literals(node))
    return found


def test_every_entry_has_wording_in_both_languages():
    empty = [
        (key, language)
        for key, wordings in entries().items()
        for language in LANGUAGES
        if not wordings.get(language)
    ]
    assert entries()
    assert empty == []


def test_both_languages_of_every_entry_fill_in_the_same_names():
    apart = {
        key: wordings
        for key, wordings in entries().items()
        if _names(wordings["vi"]) != _names(wordings["en"])
    }
    assert apart == {}


def test_the_catalogue_file_is_in_nfc():
    raw = (PACKAGE / "catalogue.yml").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", raw)


def test_the_catalogue_file_repeats_no_key_and_uses_no_alias():
    nested = strict_yaml.load(PACKAGE / "catalogue.yml")
    assert catalogue._flatten(nested, prefix="") == list(entries().items())


def test_every_error_key_raised_in_the_package_is_worded():
    unworded = [(place, key) for place, key, _ in _raised() if f"error.{key}" not in entries()]
    assert len(_raised()) >= 20
    assert unworded == []


def test_every_raised_error_hands_over_each_name_its_wording_needs():
    gaps = []
    for place, key, call in _raised():
        given = {keyword.arg for keyword in call.keywords}
        if None in given or f"error.{key}" not in entries():
            continue
        missing = _names(text_of(key)) - given
        if missing:
            gaps.append((place, key, sorted(missing)))
    assert gaps == []


def test_every_kind_of_unknown_name_is_worded():
    kinds = {
        kind
        for _, name, call in _calls()
        if name == "check_known"
        for keyword in call.keywords
        if keyword.arg == "kind"
        for kind in _literals(keyword.value)
    } | {"source", "unit", "indicator", "decision"}
    assert [kind for kind in sorted(kinds) if f"error.unknown_{kind}" not in entries()] == []


def test_every_refusal_of_the_yaml_reader_is_worded():
    kinds = [
        kind for _, name, call in _calls() if name == "_Refused" for kind in _literals(call.args[0])
    ]
    assert set(kinds) >= {"alias", "duplicate", "unquoted"}
    assert [kind for kind in kinds if f"error.yaml_{kind}" not in entries()] == []


def test_every_rule_a_failure_names_is_worded():
    assert len(_rules()) >= 10
    assert {"sources_disagree", "impossible_number"} <= {rule for _, rule in _rules()}
    assert [(place, rule) for place, rule in _rules() if f"rule.{rule}" not in entries()] == []


def test_every_check_of_a_contract_is_worded_as_a_rule_of_its_own():
    checks = {
        check.name
        for table in schemas.TABLES.values()
        for column in table.to_schema().columns.values()
        for check in column.checks
    }
    rules = {name: schemas._rule(f"{name}(1)")[0] for name in checks}
    assert {rule for rule in rules.values() if f"rule.{rule}" not in entries()} == set()
    assert {name for name, rule in rules.items() if rule == "type"} == set()


def test_every_kind_of_column_has_a_rule_of_its_own():
    kinds = {kind for name in schemas.RAW_TABLES for kind in schemas.columns(name).values()}
    assert [kind for kind in sorted(kinds) if f"rule.kind_{kind}" not in entries()] == []


def test_every_kind_of_reference_has_a_rule_of_its_own():
    missing = [
        kind for kind in ("unit", "source", "indicator") if f"rule.unknown_{kind}" not in entries()
    ]
    assert missing == []


def test_an_unknown_key_is_a_defect_not_a_blank():
    with pytest.raises(KeyError):
        text("no.such.entry", "vi")


def test_a_missing_value_is_a_defect_not_a_blank():
    with pytest.raises(KeyError):
        text("unit.points", "en")


def test_has_knows_entries_and_not_their_groups():
    assert catalogue.has("unit.points")
    assert not catalogue.has("unit")


def test_wording_in_one_language_only_is_refused():
    with pytest.raises(TypeError, match=r"unit\.points\.vi has no wording"):
        catalogue._flatten({"unit": {"points": {"vi": "điểm"}}}, prefix="")


def text_of(key: str) -> str:
    return entries()[f"error.{key}"]["en"]
