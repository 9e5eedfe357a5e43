"""Writes the bill of materials of the locked environment: sbom.cdx.json, CycloneDX 1.6.

Called by `make sbom`. The same lock gives the same bytes: no time, no machine, the serial number
from the content. Hashes and dependencies are those of uv.lock; licences come from the packages
installed here, and stay as they were told before for packages that are not.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

ROOT = Path(__file__).resolve().parents[2]
NAME = "sbom.cdx.json"
PROJECT = "commune-pilots"
Package = Mapping[str, Any]
Licences = Mapping[str, list[dict[str, Any]]]
_LONGEST_NAME = 80  # of a licence: longer is its text
_CLASSIFIER = "License :: "


def purl(package: Package) -> str:
    """Name a package of the Python index, with its version, in any bill of materials."""
    return f"pkg:pypi/{package['name']}@{quote(package['version'])}"


def compose(lock: Mapping[str, Any], licences: Licences) -> dict[str, Any]:
    """Lay out the bill of materials of a lock; `licences` by purl, none where unknown."""
    packages = sorted(lock["package"], key=purl)
    project = next(package for package in packages if package["name"] == PROJECT)
    scopes = _scopes(project, packages)
    components = [
        _component(package, scopes[purl(package)], licences)
        for package in packages
        if package is not project
    ]
    content = {
        "metadata": {"component": _about(project, "application", licences)},
        "components": components,
        "dependencies": [
            {"ref": purl(package), "dependsOn": sorted({*map(purl, _needs(package, packages))})}
            for package in packages
        ],
    }
    told = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    serial = uuid.uuid5(uuid.NAMESPACE_URL, told)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **content,
    }


def to_bytes(bill: Mapping[str, Any]) -> bytes:
    """Write a bill as JSON, one component a line, so that a diff shows what has changed."""
    parts = []
    for key, value in bill.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in value)
            parts.append(f'"{key}": [\n{lines}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def known_licences(bill: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Take the licences out of a bill, by purl."""
    told = [*bill.get("components", []), bill.get("metadata", {}).get("component", {})]
    return {each["purl"]: each["licenses"] for each in told if "licenses" in each}


def installed_licences(lock: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Read the licences of what is installed here at its locked version, by purl."""
    found = {}
    for package in lock["package"]:
        try:
            about = metadata(package["name"])
        except PackageNotFoundError:
            continue
        if about["Version"] == package["version"] and (licence := _licence(about)):
            found[purl(package)] = licence
    return found


def _licence(about: PackageMetadata) -> list[dict[str, Any]]:
    """Read the licence a package declares: an SPDX expression where it is one, else its name."""
    given = [about.get("License-Expression"), about.get("License")]
    for text in filter(None, given):
        try:
            return [{"expression": str(canonicalize_license_expression(text))}]
        except InvalidLicenseExpression:
            continue
    names = [
        line.removeprefix(_CLASSIFIER).removeprefix("OSI Approved :: ")
        for line in about.get_all("Classifier") or []
        if line.startswith(_CLASSIFIER)
    ]
    if not names and len(text := about.get("License") or "") <= _LONGEST_NAME and text:
        names = [text]
    return [{"license": {"name": name}} for name in sorted(set(names))]


def _about(package: Package, kind: str, licences: Licences) -> dict[str, Any]:
    ref = purl(package)
    return {
        "type": kind,
        "bom-ref": ref,
        "name": package["name"],
        "version": package["version"],
        "purl": ref,
        **({"licenses": licences[ref]} if ref in licences else {}),
    }


def _component(package: Package, scope: str, licences: Licences) -> dict[str, Any]:
    files = [*filter(None, [package.get("sdist")]), *package.get("wheels", [])]
    references = [
        {
            "type": "distribution",
            "url": file["url"],
            "hashes": [{"alg": "SHA-256", "content": file["hash"].removeprefix("sha256:")}],
        }
        for file in sorted(files, key=lambda file: file["url"])
    ]
    about = _about(package, "library", licences)
    return {**about, "scope": scope, "externalReferences": references}


def _scopes(project: Package, packages: Iterable[Package]) -> dict[str, str]:
    """Say of each package whether runs need it, an extra does, or only the tests and tools."""
    listed = list(packages)
    roots = {
        "required": project["dependencies"],
        "optional": [d for deps in project.get("optional-dependencies", {}).values() for d in deps],
        "excluded": [d for deps in project.get("dev-dependencies", {}).values() for d in deps],
    }
    scopes = {purl(package): "excluded" for package in listed}
    for scope in reversed(roots):
        waiting = list(_resolve(roots[scope], listed))
        reached: set[str] = set()
        while waiting:
            package = waiting.pop()
            if purl(package) not in reached and package["name"] != PROJECT:
                reached.add(purl(package))
                waiting.extend(_needs(package, listed))
        scopes |= dict.fromkeys(reached, scope)
    return scopes


def _needs(package: Package, packages: Iterable[Package]) -> Iterator[Package]:
    """Find what a package needs on any system; what its extras need counts where it is there."""
    extras = package.get("optional-dependencies", {})
    wanted = [*package.get("dependencies", []), *(d for deps in extras.values() for d in deps)]
    return _resolve(wanted, packages)


def _resolve(wanted: Iterable[Mapping[str, Any]], packages: Iterable[Package]) -> Iterator[Package]:
    listed = list(packages)
    for need in wanted:
        for package in listed:
            same = package["name"] == need["name"]
            if same and need.get("version", package["version"]) == package["version"]:
                yield package


def main() -> None:
    """Write sbom.cdx.json beside uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    path = ROOT / NAME
    before = json.loads(path.read_bytes()) if path.is_file() else {}
    licences = {**known_licences(before), **installed_licences(lock)}
    path.write_bytes(to_bytes(compose(lock, licences)))


if __name__ == "__main__":
    main()
