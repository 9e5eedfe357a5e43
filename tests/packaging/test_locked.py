"""pip, conda and uv install the same: requirements.lock, environment.yml and uv.lock agree."""

from __future__ import annotations

import re
import tomllib
from functools import cache

import pytest
import yaml
from built import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PROJECT = "commune-pilots"


def _toml(name):
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


@cache
def _packages():
    return tuple(_toml("uv.lock")["package"])


@cache
def _pinned():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return tuple(Requirement(line) for line in lines if line and not line.startswith("#"))


@cache
def _project():
    return _toml("pyproject.toml")["project"]


def _root():
    return next(package for package in _packages() if package["name"] == PROJECT)


def _closure(wanted):
    """Name what some packages need on any system, with versions, as uv.lock resolves them."""
    reached, waiting = set(), list(wanted)
    while waiting:
        need = waiting.pop()
        for package in _packages():
            same = package["name"] == need["name"]
            if not same or need.get("version", package["version"]) != package["version"]:
                continue
            extras = package.get("optional-dependencies", {})
            inner = [*package.get("dependencies", [])]
            for extra in need.get("extra", []):
                inner += extras.get(extra, [])
            key = (package["name"], package["version"], tuple(need.get("extra", [])))
            if key not in reached:
                reached.add(key)
                waiting += inner
    return {(name, version) for name, version, _ in reached}


def test_requirements_lock_is_what_uv_exports_for_this_project_its_tools_and_their_extras():
    root = _root()
    wanted = list(root["dependencies"])
    for need in root["dev-dependencies"]["dev"]:
        if need["name"] == PROJECT:
            for extra in need["extra"]:
                wanted += root["optional-dependencies"][extra]
        else:
            wanted.append(need)
    pinned = {(need.name.lower(), next(iter(need.specifier)).version) for need in _pinned()}
    assert pinned == _closure(wanted)


def test_every_line_of_requirements_lock_is_one_exact_version():
    for need in _pinned():
        assert [each.operator for each in need.specifier] == ["=="]
        assert need.url is None


def test_every_extra_of_the_project_is_in_uv_lock_and_in_the_tests_environment_or_named_here():
    extras = set(_project()["optional-dependencies"])
    assert extras == set(_root()["optional-dependencies"])
    tested = next(n for n in _root()["dev-dependencies"]["dev"] if n["name"] == PROJECT)["extra"]
    assert extras - set(tested) == {"spark"}  # needs Java


@pytest.mark.parametrize("name", ["dependencies", "optional-dependencies"])
def test_what_is_locked_is_what_the_project_asks_for(name):
    given = _project()[name]
    asked = given if isinstance(given, list) else [each for deps in given.values() for each in deps]
    locked = {}
    for package in _packages():
        locked.setdefault(package["name"], []).append(package.get("version", ""))
    for need in map(Requirement, asked):
        key = re.sub(r"[-_.]+", "-", need.name).lower()
        assert all(need.specifier.contains(version) for version in locked[key]), need


def test_python_is_the_same_for_conda_uv_ruff_and_the_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python = next(n for n in environment["dependencies"] if str(n).startswith("python="))
    accepted = SpecifierSet(_project()["requires-python"])
    assert _toml("uv.lock")["requires-python"] == _project()["requires-python"]
    assert accepted.contains(python.removeprefix("python="))
    least = next(iter(accepted)).version
    assert (
        _toml("pyproject.toml")["tool"]["ruff"]["target-version"] == f"py{least.replace('.', '')}"
    )
    assert f"Programming Language :: Python :: {least}" in _project()["classifiers"]


def test_conda_installs_this_project_against_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = next(each["pip"] for each in environment["dependencies"] if isinstance(each, dict))
    assert environment["name"] == PROJECT
    assert pip[0] == "-r requirements.lock"
    assert pip[1].split("[")[0].split() in (["-e", "."], ["."])


def test_the_page_on_installing_lists_every_extra_with_its_packages():
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE))
    extras = _project()["optional-dependencies"]
    assert {name: told.strip().split(", ") for name, told in rows.items()} == {
        name: [Requirement(each).name for each in needs] for name, needs in extras.items()
    }
