"""The documentation says what is there: keys, hashes, columns, counts, versions, environments."""

from __future__ import annotations

import hashlib
import re
import tomllib

import pandas as pd
import pytest
import yaml
from packaging.specifiers import SpecifierSet
from paged import ROOT, fences, read, rows

from commune_pilots import __version__, schemas
from commune_pilots.params import key_table, load_corrections
from commune_pilots.sources import deliveries

PRESS = ROOT / "data" / "raw" / "press"


def _page(name: str) -> str:
    return read(ROOT / name).text


def _blocks(name: str, kind: str) -> list[str]:
    return [block.text for block in fences(read(ROOT / name)) if block.kind == kind]


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
    told = rows(_page("data/raw/README.md"), "file", "what")
    logged = {row[0]: (int(row[-2]), row[-1]) for row in told}
    files = {
        path.name: (len(pd.read_csv(path)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in PRESS.glob("*.csv")
    }
    assert logged == files


def test_the_data_page_has_every_column_of_the_raw_tables_in_order(press_tables):
    page = _page("docs/data.md")
    counts = {row[0]: int(row[1]) for row in rows(page, "table", "rows")}
    assert counts == {name: len(frame) for name, frame in press_tables.items()}
    for table in schemas.RAW_TABLES:
        section = page.split(f"### {table}\n")[1]
        named = [row[0] for row in rows(section, "column", "holds")]
        kept = [name for name in schemas.columns(table) if name not in ("file", "row")]
        assert (table, named) == (table, kept)


def test_the_data_page_has_every_processed_table():
    page = _page("docs/data.md").split("## Processed tables")[1]
    named = [row[0] for row in rows(page, "table", "holds")]
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
    example = _blocks("CONTRIBUTING.md", "yaml")[0]
    path = tmp_path / "corrections.yml"
    path.write_text(example, encoding="utf-8")
    (found,) = load_corrections(path)
    assert found.table in schemas.RAW_TABLES


def test_the_readme_fits_a_screen_and_needs_two_commands():
    readme = _page("README.md")
    assert len(readme.splitlines()) <= 55
    block = _blocks("README.md", "sh")[0]
    commands = [line.split("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make briefings", "make test"]


def test_the_readme_names_the_runs_of_the_batch():
    told = rows(_page("README.md"), "run", "place")
    batch = pd.read_csv(ROOT / "params" / "batches" / "press.csv")["run"].tolist()
    assert [row[0] for row in told] == batch


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
