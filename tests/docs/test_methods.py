"""The page of methods: a section for what a table can name, with its code, proof, assumptions."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import get_args

import pytest
import there
from paged import ROOT, Page, read, rows

from commune_pilots import assumptions, catalogue, schemas, vocabulary
from commune_pilots.contracts import TABLES
from commune_pilots.effects import alone, compared, synthesised

PAGE = read(ROOT / "docs" / "methods.md").text
ASSUMED = read(ROOT / "docs" / "assumptions.md")
FIELDS = ("Estimand", "Assumes", "Code", "Reference", "Source")
_TICKS = re.compile(r"`([^`\n]+)`")


@cache
def _sections() -> dict[str, str]:
    parts = re.split(r"^## (M\d+)\. ", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _fields(section: str) -> dict[str, str]:
    """Read the points that open a section, one field each."""
    opening = section.split("\n\n")[1]
    found = re.findall(r"^- \*\*([\w ]+)\.\*\* (.*?)(?=^- \*\*|\Z)", opening + "\n", re.M | re.S)
    return {name: " ".join(text.split()) for name, text in found}


def _of(name: str) -> dict[str, str]:
    return _fields(_sections()[name])


def _catalogued(prefix: str) -> set[str]:
    keys = [key for key in catalogue.entries() if key.startswith(f"{prefix}.")]
    return {key.removeprefix(f"{prefix}.").split(".")[0] for key in keys}


IDS: dict[str, set[str]] = {
    "effects.method": _catalogued("effect.method"),
    "effects.estimand": _catalogued("effect.estimand"),
    "effects.design": set(get_args(vocabulary.Design)),
    "results.quantity": set(assumptions.quantities()),
    "alternatives.method": set(get_args(vocabulary.Method)),
    "sensitivities.rival": set(get_args(vocabulary.Rival)),
    "pooled.method": set(get_args(vocabulary.PoolMethod)),
    "checks.check": _catalogued("briefing.check"),
    "verdicts.option": set(get_args(vocabulary.Option)),
}
"""What a column can hold that names a method, an estimand, a quantity, a check or an answer."""


def _named(section: str) -> dict[str, set[str]]:
    """Read which ids of which column a section answers for."""
    told = _fields(section).get("In tables", "")
    parts = re.findall(r"`(\w+\.\w+)`: ((?:`\w+`(?:, )?)+)", told)
    return {column: set(_TICKS.findall(ids)) for column, ids in parts}


@pytest.mark.parametrize("name", _sections())
def test_a_method_says_what_it_estimates_assumes_calls_and_rests_on(name):
    told = _of(name)
    assert tuple(field for field in told if field != "In tables") == FIELDS
    assert all(len(text) > 2 for text in told.values())


@pytest.mark.parametrize("name", _sections())
def test_the_code_of_a_method_is_there(name):
    code = [one for one in _TICKS.findall(_of(name)["Code"]) if one.startswith("commune_pilots.")]
    assert code
    assert [one for one in code if not there.resolves(one)] == []


@cache
def _called(path: str) -> frozenset[str]:
    """List what a file imports from the package, dotted, and what it takes of those modules."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    names = {one.rpartition(".")[2]: one for one in found}
    taken = {f"{names[node.value.id]}.{node.attr}" for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
             and node.value.id in names}  # fmt: skip
    helpers = {one.partition(".")[0] for one in found} - {"built"}  # that one runs everything
    below = [_called(at) for one in helpers if (ROOT / (at := f"tests/{one}.py")).is_file()]
    return frozenset(found | taken).union(*below)


def _held(code: str, files: list[str]) -> bool:
    """Say whether some file imports the function, or the module it is in."""
    module = code.rpartition(".")[0]
    return any({code, module} & _called(path) for path in files)


@pytest.mark.parametrize("name", _sections())
def test_the_reference_of_a_method_is_there_and_calls_its_code(name):
    told = _of(name)
    files = _TICKS.findall(told["Reference"])
    assert [one for one in files if not (ROOT / one).exists()] == []
    scripts = [one for one in files if one.endswith(".py")]
    code = [one for one in _TICKS.findall(told["Code"]) if one.startswith("commune_pilots.")]
    assert [one for one in code if not _held(one, scripts)] == []
    own = tuple(f"{one.rpartition('.')[0]}." for one in code)
    idle = [path for path in scripts if not any(f"{one}.".startswith(own) for one in _called(path))]
    assert idle == []


def test_a_reference_that_does_not_call_the_code_is_seen():
    assert _held("commune_pilots.keys.near", ["tests/unit/test_keys.py"])
    assert not _held("commune_pilots.scaling.roots.fall", ["tests/unit/test_keys.py"])


def _assumed(text: str) -> set[str]:
    """List the assumptions of a field; "A1 to A6" is all of them."""
    ranges = [range(int(low), int(high) + 1) for low, high in re.findall(r"A(\d+) to A(\d+)", text)]
    return set(re.findall(r"\bA\d+\b", text)) | {f"A{at}" for each in ranges for at in each}


def test_every_assumption_of_a_method_is_registered_and_every_registered_one_is_assumed():
    told = {name: _assumed(_of(name)["Assumes"]) for name in _sections()}
    assert set().union(*told.values()) == set(assumptions.load())
    assert all(ids or "None" in _of(name)["Assumes"] or "design assumes" in _of(name)["Assumes"]
               for name, ids in told.items())  # fmt: skip


def test_a_range_of_assumptions_is_each_of_them():
    assert _assumed("A2 to A4, A9 within") == {"A2", "A3", "A4", "A9"}


@pytest.mark.parametrize("column", IDS)
def test_every_name_that_a_table_can_hold_has_its_method(column):
    table, _, name = column.partition(".")
    assert name in schemas.columns(table)
    told = [one for section in _sections().values() for one in _named(section).get(column, ())]
    assert set(told) == IDS[column]
    shared = ("effects.estimand",)
    assert column in shared or len(told) == len(set(told))


def test_the_names_of_a_column_are_all_that_its_contract_takes():
    for column, ids in IDS.items():
        table, _, name = column.partition(".")
        checks = TABLES[table].to_schema().columns[name].checks
        listed = [one.statistics["allowed_values"] for one in checks
                  if "allowed_values" in one.statistics]  # fmt: skip
        assert all(set(each) == ids for each in listed), column


def test_no_section_names_a_column_that_nobody_asks_about():
    asked = {column for section in _sections().values() for column in _named(section)}
    assert asked == set(IDS)


def test_every_field_in_tables_is_read_whole():
    for name, section in _sections().items():
        told = _fields(section).get("In tables", "")
        ids = set().union(*_named(section).values()) | set(_named(section))
        assert (name, set(_TICKS.findall(told))) == (name, ids)


def test_the_methods_are_numbered_in_order():
    assert list(_sections()) == [f"M{at}" for at in range(1, len(_sections()) + 1)]


def test_every_estimator_of_the_effects_is_some_methods_code():
    """A module that a design of the ladder calls for an estimate is named by a method."""
    code = " ".join(_of(name)["Code"] for name in _sections())
    called = set()
    for path in ("compared", "alone", "synthesised", "designs"):
        text = (there.PACKAGE / "effects" / f"{path}.py").read_text(encoding="utf-8")
        called |= set(re.findall(r"from commune_pilots\.effects\.(\w+) import", text))
    estimators = {name for name in called if name.startswith(("did_", "synthetic", "interrupted"))}
    assert len(estimators) > 5
    assert {name for name in estimators if f"effects.{name}." not in code} - {
        "did_moments"
    } == set()


# The register of assumptions.


def test_the_page_of_assumptions_says_what_the_register_says():
    told = rows(ASSUMED.text, "id", "assumption", "rating")
    assert [row[:3] for row in told] == [
        [one, found.sentence.en, found.rating] for one, found in assumptions.load().items()
    ]
    assert re.findall(r"^## (A\d+)\.", ASSUMED.text, re.MULTILINE) == [row[0] for row in told]


def test_the_page_of_assumptions_says_what_each_number_rests_on():
    told = rows(ASSUMED.text, "quantity", "rests on", "of these red")
    assert told == [
        [quantity, ", ".join(ids), ", ".join(assumptions.red(ids)) or "none"]
        for quantity in assumptions.quantities()
        for ids in [assumptions.resting(quantity)]
    ]


def test_every_assumption_says_where_it_is_used():
    for one, *_, used in rows(ASSUMED.text, "id", "assumption", "rating", "where used"):
        methods = set(re.findall(r"\bM\d+\b", used))
        assert used
        assert methods <= set(_sections())
        assert (one, [name for name in methods if one not in _assumed(_of(name)["Assumes"])]) == (
            one, [],
        )  # fmt: skip


@pytest.mark.parametrize("letter", ["A", "M"])
def test_every_number_cited_is_listed(letter):
    listed = set(assumptions.load()) if letter == "A" else set(_sections())
    assert listed >= _cited(letter)


def _cited(letter: str) -> set[str]:
    files = [*there.PACKAGE.rglob("*.py"), *there.PACKAGE.rglob("*.yml"),
             *(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "docs").rglob("*.md")]  # fmt: skip
    cited = re.compile(rf"(?<![\w/.-]){letter}[1-9]\d?\b(?!-\d)")  # not a doi: 10.7326/M16-2607
    return {one for path in files for one in cited.findall(path.read_text(encoding="utf-8"))}


def test_a_section_without_a_field_is_seen():
    text = "x\n\n- **Estimand.** A share.\n- **Assumes.** A1,\n  A2.\n- **Code.** `a`\n\nMore.\n"
    assert _fields(text) == {"Estimand": "A share.", "Assumes": "A1, A2.", "Code": "`a`"}
    assert Page(ROOT / "docs/x.md", text).shown == "docs/x.md"


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("M13", (compared.PARALLEL,)),
        ("M14", (compared.BY_LOT, compared.LIKE_SHOCKS)),
        ("M15", (alone.SERIES,)),
        ("M16", (synthesised.ASSUMES,)),
        ("M17", (alone.WEEKDAYS,)),
    ],
)
def test_a_design_assumes_on_the_page_what_its_rows_say(name, held):
    assert _assumed(_of(name)["Assumes"]) == {one for each in held for one in each}
