"""What there is to be named: words of the sources, keys, columns, targets, extras and the like."""

from __future__ import annotations

import importlib
import re
import tomllib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from paged import ROOT
from pydantic import BaseModel, TypeAdapter, ValidationError

from commune_pilots import schemas, strict_yaml
from commune_pilots.errors import PilotsError
from commune_pilots.params import Correction, Indicator, Run
from commune_pilots.scenario import Scenario
from commune_pilots.sources.deliveries import Delivery
from commune_pilots.sources.layouts import Column, Layout, Period, Share, Sum

PACKAGE = ROOT / "src" / "commune_pilots"
CONTRACTS: tuple[type[BaseModel], ...] = (
    Run, Scenario, Delivery, Layout, Column, Sum, Share, Period, Indicator, Correction,
)  # fmt: skip
OF_OTHERS = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "jupyter_client.provisioning.factory"}
"""Environment variables that a library reads, and where."""


@cache
def sources() -> str:
    """Join the text of every source but the tests and the pages, and the names of their files."""
    files = [
        *PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.yml"), *PACKAGE.rglob("*.css"),
        *(ROOT / "params").rglob("*.yml"), *(ROOT / "params").rglob("*.csv"),
        *(ROOT / "data/raw/press").glob("*.csv"), *(ROOT / "notebooks").glob("*.ipynb"),
        *(ROOT / "benchmarks").glob("*.py"), ROOT / "Makefile", ROOT / "pyproject.toml",
        ROOT / ".gitattributes", ROOT / ".gitignore", ROOT / ".pre-commit-config.yaml",
        ROOT / ".ci/run",
    ]  # fmt: skip
    stems = " ".join(path.stem for path in files)
    return "\n".join([stems, *(path.read_text(encoding="utf-8") for path in files)])


@cache
def words() -> frozenset[str]:
    """List every word of the sources."""
    return frozenset(re.findall(r"[^\W\d][\w-]*|\w+", sources()))


@cache
def beside(folder: Path) -> str:
    """Join what stands in a page's own folder: tables and scripts that it explains."""
    kinds = {".csv", ".py", ".R", ".yml"}
    near = sorted(path for path in folder.glob("*") if path.suffix in kinds)
    return "\n".join(path.read_text(encoding="utf-8") for path in near)


@cache
def project() -> dict[str, Any]:
    """Read the settings of the project and its tools."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def targets() -> set[str]:
    """Name the targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))


def known_keys() -> set[str]:
    """Name every key that a file of params may hold."""
    return {key for contract in CONTRACTS for key in contract.model_fields}


def rooms() -> set[str]:
    """Name the rooms and modules at the top of the package."""
    tops = [*PACKAGE.glob("*.py"), *PACKAGE.glob("*/__init__.py")]
    return {path.stem if path.parent == PACKAGE else path.parent.name for path in tops}


@cache
def modules() -> frozenset[str]:
    """Name every module of the package, without the package itself."""
    return frozenset(
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    )


@cache
def columns() -> frozenset[str]:
    """Name every column of a contract, a raw table or a batch."""
    held = {column for table in schemas.TABLES for column in schemas.columns(table)}
    files = [*(ROOT / "data/raw/press").glob("*.csv"), *(ROOT / "params").rglob("*.csv")]
    heads = [path.read_text(encoding="utf-8").split("\n")[0] for path in files]
    return frozenset(held | {column for head in heads for column in head.split(",")})


def extras() -> set[str]:
    """Name the optional parts that can be installed."""
    return set(project()["project"]["optional-dependencies"])


def params_files(kind: str) -> set[str]:
    """Name the files of one folder of params: runs, batches, deliveries and so on."""
    return {path.stem for path in (ROOT / "params" / kind).iterdir()}


def markers() -> set[str]:
    """Name the markers of tests."""
    return {told.split(":")[0] for told in project()["tool"]["pytest"]["ini_options"]["markers"]}


def entry_points() -> set[str]:
    """Name what an installation adds to other programs, and its command."""
    about = project()["project"]
    groups = about.get("entry-points", {}).values()
    return {name for group in groups for name in group} | set(about["scripts"])


def notebooks() -> set[str]:
    """Name the notebooks."""
    return {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


def variable(name: str) -> bool:
    """Say whether the code, the Makefile or a library reads an environment variable or constant."""
    if name not in OF_OTHERS:
        return name in words()
    spec = find_spec(OF_OTHERS[name])
    return spec is not None and name in Path(str(spec.origin)).read_text(encoding="utf-8")


@cache
def resolves(dotted: str) -> bool:
    """Say whether a dotted name is a module, or something inside one."""
    parts = dotted.split(".")
    if dotted.removeprefix("commune_pilots.") in modules():
        return True  # unread: whether it can be imported its own test says
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            fields = getattr(found, "model_fields", {})
            if not hasattr(found, name) and name not in fields:
                return False
            found = getattr(found, name, None)
        return True
    return False


def takes(key: str, value: str) -> bool:
    """Say whether some contract has this key and takes the value, as YAML or --set writes it."""
    try:
        plain = strict_yaml.parse(value, shown="value")
    except PilotsError:
        plain = value
    given = (plain, [plain], value, value.split(","))
    held = [contract.model_fields[key] for contract in CONTRACTS if key in contract.model_fields]
    return any(_valid(field, one) for field in held for one in given)


def _valid(field: Any, value: Any) -> bool:
    try:
        TypeAdapter(Annotated[field.annotation, "key", *field.metadata]).validate_python(
            value, strict=True
        )
    except ValidationError:
        return False
    return True
