"""The documentation says what is there: paths, commands, modules, tables, keys and versions."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import yaml
from packaging.specifiers import SpecifierSet
from typer.main import get_command

from commune_pilots import __version__, assumptions, errors, schemas
from commune_pilots.briefing.findings import TABLES
from commune_pilots.cli import app
from commune_pilots.params import key_table, load_corrections
from commune_pilots.sources import deliveries

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "params" / "README.md",
        ROOT / "data" / "raw" / "README.md",
    ]
)
PACKAGE = ROOT / "src" / "commune_pilots"
PRESS = ROOT / "data" / "raw" / "press"
MADE_BY_RUNS = ("reports/", "data/processed/", ".venv")
MADE_FILES = (
    "manifest.json", "run.json", "batch.json", "briefing.html", "briefing_simulated.html",
    "failures.html", "failure.html", "results.csv", "results.parquet", "ro-crate-metadata.json",
    "data_request.html", "data_request.csv", "data_request_simulated.html",
    "data_request_simulated.csv", "evidence.html",
)  # fmt: skip
_FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
_TICKS = re.compile(r"`([^`\n]+)`")
_TOP = r"(?:src|tests|docs|params|notebooks|data|reports|\.ci|\.venv)(?:/|$)"
_FILE = r"[\w.-]+\.(?:md|yml|csv|lock|toml|cff|json|html|ipynb|py)"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _page(name: str) -> str:
    return _read(ROOT / name)


def _quoted(page: Path) -> list[str]:
    """What a page names in backticks, outside fenced blocks."""
    return _TICKS.findall(_FENCE.sub("", _read(page)))


def _rows(text: str, *header: str) -> list[list[str]]:
    """The rows of the first table whose header begins with these names, backticks taken off."""
    lines = text.splitlines()
    start = "| " + " | ".join(header) + " |"
    at = next(place for place, line in enumerate(lines) if line.startswith(start))
    found = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        found.append([re.sub(r"^`([^`]+)`$", r"\1", cell) for cell in cells])
    return found


def _modules() -> set[str]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }


def _make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", _page("Makefile"), re.MULTILINE))


def _commands() -> set[str]:
    return set(get_command(app).commands)


def _exists(name: str, page: Path) -> bool:
    if name.startswith(MADE_BY_RUNS) or name in MADE_FILES:
        return True
    folders = [ROOT, page.parent, PRESS, ROOT / "notebooks"]
    return any((folder / name).exists() for folder in folders)


def _resolves(dotted: str) -> bool:
    """Whether a dotted name is a module of the package, or something inside one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def _is_placeholder(name: str) -> bool:
    return any(mark in name for mark in "<>*{}=")


def _shown(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_shown)
def test_every_path_a_page_names_exists(page):
    named = [
        name
        for name in _quoted(page)
        if re.match(_TOP, name) or re.fullmatch(_FILE, name) or re.fullmatch(r"\d\d_\w+", name)
    ]
    paths = [f"{name}.ipynb" if re.fullmatch(r"\d\d_\w+", name) else name for name in named]
    assert [p for p in paths if not _is_placeholder(p) and not _exists(p, page)] == []


@pytest.mark.parametrize("page", PAGES, ids=_shown)
def test_every_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", _read(page))
    local = [link for link in links if not link.startswith(("http:", "https:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_shown)
def test_every_command_a_page_names_exists(page):
    fenced = [line for _, block in _FENCE.findall(_read(page)) for line in block.splitlines()]
    lines = [*_quoted(page), *fenced]
    targets = [found[1] for line in lines if (found := re.match(r"make ([\w-]+)", line))]
    commands = [found[1] for line in lines if (found := re.match(r"pilots ([a-z]\w*)", line))]
    assert set(targets) <= _make_targets()
    assert set(commands) <= _commands()


@pytest.mark.parametrize("page", PAGES, ids=_shown)
def test_every_module_and_function_a_page_names_exists(page):
    rooms = "|".join(sorted({name.split(".")[0] for name in _modules()}))
    named = [
        name if name.startswith("commune_pilots.") else f"commune_pilots.{name}"
        for name in _quoted(page)
        if re.fullmatch(rf"(?:commune_pilots|{rooms})(?:\.\w+)+", name)
        and not re.fullmatch(_FILE, name)
    ]
    assert [name for name in named if not _resolves(name)] == []


def test_a_name_that_is_not_there_does_not_resolve():
    assert _resolves("commune_pilots.effects.rounding.printed_interval")
    assert not _resolves("commune_pilots.effects.rounding.no_such_function")
    assert not _resolves("commune_pilots.no_such_room.module")


def test_the_architecture_names_every_module_once():
    named = [row[0] for row in _rows(_page("docs/architecture.md"), "module", "does")]
    assert sorted(named) == sorted(_modules())


def test_the_import_order_is_the_one_that_is_held():
    rooms = _page("docs/architecture.md").split("## Rooms and import order")[1].split("\n## ")[0]
    order = [_TICKS.findall(line) for line in re.findall(r"^\d+\. (.*)$", rooms, re.MULTILINE)]
    tools = tomllib.loads(_page("pyproject.toml"))["tool"]
    layers = tools["importlinter"]["contracts"][0]["layers"]
    assert order == [re.findall(r"commune_pilots\.(\w+)", layer) for layer in layers]


def test_the_architecture_names_every_table_once():
    named = [row[0] for row in _rows(_page("docs/architecture.md"), "table", "one row is")]
    assert sorted(named) == sorted(schemas.TABLES)


def test_the_data_flow_is_what_the_notebooks_say():
    flow = {row[0]: row for row in _rows(_page("docs/architecture.md"), "notebook", "reads")}
    assert sorted(flow) == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    for name in sorted(flow)[:-1]:
        title = "".join(json.loads(_page(f"notebooks/{name}.ipynb"))["cells"][0]["source"])
        for part, cell in (("Reads", flow[name][1]), ("Writes", flow[name][2])):
            line = re.search(rf"^{part}: (.*)$", title, re.MULTILINE)[1]
            tables = {word for word in _TICKS.findall(line) if word in schemas.TABLES}
            shown = {word.strip("` ") for word in cell.split(",")} & set(schemas.TABLES)
            assert (name, part, shown) == (name, part, tables)
    assert flow["06_write_briefing"][1] == "every table but `days` and `dropped`"
    logs = ("dossiers", "rejected", "findings", "ingested")  # no notebook reads them
    assert sorted([*TABLES, "days", "dropped", *logs]) == sorted(schemas.TABLES)


def test_the_exit_codes_are_those_of_the_code():
    rows = _rows(_page("docs/architecture.md"), "code", "error", "meaning")
    kinds = {row[1]: int(row[0]) for row in rows if row[1] != "-"}
    assert kinds == {kind.__name__: kind.exit_code for kind in errors.KINDS}
    named = {int(row[0]) for row in rows}
    told = re.search(r"Exit codes: (.*?)\.$", app.info.help, re.DOTALL)[1]
    assert {int(code) for code in re.findall(r"(?:^|, )(\d+) ", told)} == named - {130}
    contributing = _page("CONTRIBUTING.md").split("## Exit codes")[1].split("## ")[0]
    assert {int(code) for code in re.findall(r"\b(\d+) [a-z]", contributing)} == named


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("params/README.md", lambda: key_table(ROOT / "params")),
        ("docs/deliveries.md", deliveries.key_table),
    ],
)
def test_the_keys_of_the_parameters_are_those_of_the_contract(page, told):
    inside = re.search(r"<!-- keys -->\n(.*)<!-- /keys -->", _page(page), re.DOTALL)[1]
    assert inside == told()


def test_the_data_log_has_every_raw_file_with_its_rows_and_hash():
    rows = _rows(_page("data/raw/README.md"), "file", "what")
    logged = {row[0]: (int(row[-2]), row[-1]) for row in rows}
    files = {
        path.name: (len(pd.read_csv(path)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in PRESS.glob("*.csv")
    }
    assert logged == files


def test_the_data_page_has_every_column_of_the_raw_tables_in_order(press_tables):
    page = _page("docs/data.md")
    rows = {row[0]: int(row[1]) for row in _rows(page, "table", "rows")}
    assert rows == {name: len(frame) for name, frame in press_tables.items()}
    for table in schemas.RAW_TABLES:
        section = page.split(f"### {table}\n")[1]
        named = [row[0] for row in _rows(section, "column", "holds")]
        kept = [name for name in schemas.columns(table) if name not in ("file", "row")]
        assert (table, named) == (table, kept)


def test_the_data_page_has_every_processed_table():
    page = _page("docs/data.md").split("## Processed tables")[1]
    named = [row[0] for row in _rows(page, "table", "holds")]
    assert sorted([*named, *schemas.RAW_TABLES]) == sorted(schemas.TABLES)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("observations", "role"),
        ("observations", "scope"),
        ("observations", "qualifier"),
        ("interventions", "evidence"),
        ("interventions", "pillar"),
    ],
)
def test_the_counts_of_the_data_page_are_those_of_the_file(table, column, press_tables):
    section = _page("docs/data.md").split(f"### {table}\n")[1].split("|")[0]
    sentence = " ".join(section.split()).split(f"By {column}: ")[1].split(".")[0]
    counts = {name: int(count) for count, name in re.findall(r"(\d+) (\w+)", sentence)}
    assert counts == press_tables[table][column].value_counts().to_dict()


def test_the_example_of_a_correction_is_one_that_can_be_read(tmp_path):
    example = next(
        block for kind, block in _FENCE.findall(_page("CONTRIBUTING.md")) if kind == "yaml"
    )
    path = tmp_path / "corrections.yml"
    path.write_text(example, encoding="utf-8")
    (found,) = load_corrections(path)
    assert found.table in schemas.RAW_TABLES


def test_every_assumption_cited_is_listed():
    page = _page("docs/assumptions.md")
    listed = [row[0] for row in _rows(page, "id", "assumption", "rating")]
    assert re.findall(r"^## (A\d+)\.", page, re.MULTILINE) == listed
    assert _cited("A") <= set(listed)


def test_the_page_of_assumptions_says_what_the_register_says():
    rows = _rows(_page("docs/assumptions.md"), "id", "assumption", "rating")
    assert [row[:3] for row in rows] == [
        [one, found.sentence.en, found.rating] for one, found in assumptions.load().items()
    ]


def test_the_page_of_assumptions_says_what_each_number_rests_on():
    rows = _rows(_page("docs/assumptions.md"), "quantity", "rests on", "of these red")
    assert rows == [
        [quantity, ", ".join(ids), ", ".join(assumptions.red(ids)) or "none"]
        for quantity in assumptions.quantities()
        for ids in [assumptions.resting(quantity)]
    ]


def test_every_assumption_says_where_it_is_used_and_every_place_exists():
    page = ROOT / "docs" / "assumptions.md"
    methods = set(re.findall(r"^## (M\d+)\.", _page("docs/methods.md"), re.MULTILINE))
    for one, *_, used in _rows(_read(page), "id", "assumption", "rating", "where used"):
        quoted = _TICKS.findall(used)
        there = [name for name in quoted if _resolves(name) or _exists(name, page)]
        assert (one, there) == (one, quoted)
        assert set(re.findall(r"\bM\d+\b", used)) <= methods
        for number in re.findall(r"notebook (\d\d)", used):
            assert list((ROOT / "notebooks").glob(f"{number}_*.ipynb"))
        assert used


def test_every_method_cited_is_listed():
    listed = re.findall(r"^## (M\d+)\.", _page("docs/methods.md"), re.MULTILINE)
    assert _cited("M") <= set(listed)


def _cited(letter: str) -> set[str]:
    files = [
        *PACKAGE.rglob("*.py"),
        *PACKAGE.rglob("*.yml"),
        *(ROOT / "notebooks").glob("*.ipynb"),
        *(ROOT / "docs").glob("*.md"),
    ]
    cited = re.compile(rf"\b{letter}[1-9]\d?\b(?!-\d)")  # not a doi such as 10.7326/M16-2607
    return {found for file in files for found in cited.findall(_read(file))}


def test_the_readme_fits_a_screen_and_needs_two_commands():
    readme = _page("README.md")
    assert len(readme.splitlines()) <= 55
    block = next(block for kind, block in _FENCE.findall(readme) if kind == "sh")
    commands = [line.split("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make briefings", "make test"]


def test_the_readme_names_the_runs_of_the_batch():
    rows = _rows(_page("README.md"), "run", "place")
    batch = pd.read_csv(ROOT / "params" / "batches" / "press.csv")["run"].tolist()
    assert [row[0] for row in rows] == batch


def test_the_changelog_says_whether_numbers_move_in_every_version():
    changelog = _page("CHANGELOG.md")
    versions = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    assert versions
    assert all("Numbers change:" in version for version in versions)
    assert versions[0].startswith(f"[{__version__}]")


def test_the_citation_is_complete_and_agrees_with_the_project():
    citation = yaml.safe_load(_page("CITATION.cff"))
    project = tomllib.loads(_page("pyproject.toml"))["project"]
    known = {
        "cff-version", "message", "type", "title", "abstract", "version", "date-released",
        "license", "authors", "keywords",
    }  # fmt: skip
    assert {"cff-version", "message", "title", "authors"} <= set(citation) <= known
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"] == __version__
    assert citation["license"] == project["license"]
    assert citation["authors"] == project["authors"]
    assert f"[{__version__}] - {citation['date-released']}" in _page("CHANGELOG.md")


def test_the_conda_environment_rests_on_the_same_lock():
    locked = {
        (package["name"], package["version"])
        for package in tomllib.loads(_page("uv.lock"))["package"]
        if "version" in package
    }
    lines = re.findall(r"^([\w.-]+)==([^\s;\\]+)", _page("requirements.lock"), re.MULTILINE)
    pinned = {(name.lower().replace("_", "-").replace(".", "-"), at) for name, at in lines}
    assert pinned
    assert pinned <= locked
    project = tomllib.loads(_page("pyproject.toml"))["project"]
    needed = {re.match(r"[\w.-]+", entry)[0].lower() for entry in project["dependencies"]}
    assert needed <= {name for name, _ in pinned}


def test_the_conda_environment_has_a_python_the_project_accepts():
    environment = yaml.safe_load(_page("environment.yml"))
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    python = next(entry for entry in plain if entry.startswith("python="))
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    project = tomllib.loads(_page("pyproject.toml"))["project"]
    assert SpecifierSet(project["requires-python"]).contains(python.removeprefix("python="))
    assert "-r requirements.lock" in pip
