"""The bill of materials says what uv.lock says, and is made again byte for byte."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from functools import cache

import pytest
import sbom
from built import ROOT

from commune_pilots import __version__


@cache
def _lock():
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


@cache
def _bill():
    return json.loads((ROOT / sbom.NAME).read_bytes())


def _components():
    return {each["purl"]: each for each in _bill()["components"]}


def _packages():
    found = {f"pkg:pypi/{each['name']}@{each['version']}": each for each in _lock()["package"]}
    root = found.pop(f"pkg:pypi/commune-pilots@{__version__}")
    return root, found


def test_the_bill_is_what_make_sbom_would_write_now():
    """Licences of what is not installed here cannot be read again: they stand as they were told."""
    licences = {**sbom.known_licences(_bill()), **sbom.installed_licences(_lock())}
    written = (ROOT / sbom.NAME).read_bytes()
    assert sbom.to_bytes(sbom.compose(_lock(), licences)) == written, "run `make sbom`"


def test_it_is_a_bill_of_cyclonedx_without_a_time():
    bill = _bill()
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}(-[0-9a-f]+){2}", bill["serialNumber"]
    )
    assert set(bill["metadata"]) == {"component"}
    assert bill["metadata"]["component"]["version"] == __version__
    for each in bill["components"]:
        assert each["type"] == "library"
        assert each["scope"] in ("required", "optional", "excluded")
        assert set(each) <= {
            "type", "bom-ref", "name", "version", "purl", "licenses", "scope", "externalReferences",
        }  # fmt: skip
    refs = [each["bom-ref"] for each in bill["components"]]
    assert len(set(refs)) == len(refs)


def test_every_locked_package_is_in_it_with_every_hash_of_the_lock():
    _, packages = _packages()
    assert _components().keys() == packages.keys()
    for ref, package in packages.items():
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        told = {
            each["url"]: each["hashes"][0]["content"]
            for each in _components()[ref]["externalReferences"]
        }
        assert told == {file["url"]: file["hash"].removeprefix("sha256:") for file in files}
        assert told


def test_dependencies_are_those_of_the_lock():
    root, packages = _packages()
    told = {each["ref"]: each["dependsOn"] for each in _bill()["dependencies"]}
    project = f"pkg:pypi/commune-pilots@{__version__}"
    assert told.keys() == {project, *packages}
    for ref, package in {project: root, **packages}.items():
        extras = package.get("optional-dependencies", {})
        needs = [
            *package.get("dependencies", []),
            *(each for deps in extras.values() for each in deps),
        ]
        assert {each.split("/")[1].split("@")[0] for each in told[ref]} == {
            each["name"] for each in needs
        }
        exact = {
            f"pkg:pypi/{each['name']}@{each['version']}" for each in needs if "version" in each
        }
        assert exact <= set(told[ref])


def test_what_runs_need_is_required_and_what_only_tests_need_is_excluded():
    scopes = {each["name"]: each["scope"] for each in _bill()["components"]}
    needed = {"pandas": "required", "numpy": "required", "weasyprint": "optional"}
    tools = {"pytest": "excluded", "mypy": "excluded", "hatchling": "excluded"}
    assert {name: scopes[name] for name in (*needed, *tools)} == {**needed, **tools}


def test_the_licence_of_nearly_every_package_is_known():
    known = [each["name"] for each in _bill()["components"] if "licenses" in each]
    assert len(known) >= 0.85 * len(_bill()["components"])
    assert _bill()["metadata"]["component"]["licenses"] == [{"expression": "Apache-2.0"}]


@pytest.mark.parametrize(
    "change",
    [
        lambda package: package.update(version="99"),
        lambda package: package["dependencies"].pop(),
        lambda package: package["wheels"][0].update(hash="sha256:0"),
    ],
    ids=["version", "dependency", "hash"],
)
def test_a_changed_lock_is_another_bill(change):
    other = copy.deepcopy(_lock())
    change(next(package for package in other["package"] if package["name"] == "pandas"))
    licences = sbom.known_licences(_bill())
    before, after = (sbom.compose(lock, licences) for lock in (_lock(), other))
    assert before != after
    assert before["serialNumber"] != after["serialNumber"]
