"""A delivery of raw files to panel, rejected rows and an account of every row; whole or not at all.

Each file becomes a part of its own, so that only files that changed are read again; the parts are
then counted together. What is published appears in one step (`runs.publish`), and what was
published before stands until then.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from commune_pilots import store
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.clean.units_of_today import complete_units
from commune_pilots.errors import Bilingual, DeliveryError, InputError, WriteError
from commune_pilots.params import Indicator, check_known, load_indicators
from commune_pilots.runs import manifest, publish
from commune_pilots.runs.code import PACKAGE, digest, read_code
from commune_pilots.runs.counting import Counted, Registers, count_log, count_panels
from commune_pilots.runs.delivery_pages import PAGE, delivery_pages, refused_page
from commune_pilots.runs.parts import FOLDER, Part, keep_only, make_part
from commune_pilots.runs.raw_files import TYPED, Recipe, read_file
from commune_pilots.sources.cells import Found
from commune_pilots.sources.deliveries import LABEL, Delivery, load_delivery
from commune_pilots.sources.files import list_files
from commune_pilots.sources.layouts import check_definitions, load_layout
from commune_pilots.sources.press import Tables, read_press
from commune_pilots.sources.unit_names import register

FORMAT = "delivery-1"
KEY = ".key"
_PACKAGES = ("duckdb", "ibis-framework", "openpyxl", "python-calamine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What an ingest came to: files in all and read anew, rows by what became of them.

    `left_out` says which definitions the log cannot carry; `anew` whether anything was published.
    """

    name: str
    files: int
    read: int
    rows: Mapping[str, int]
    left_out: Sequence[Bilingual]
    page: Path
    anew: bool


def ingest(layout: store.Layout, name: str, *, force: bool = False) -> Ingested:
    """Read every file of a delivery that changed, count all of them, publish the result.

    Raises ParameterError for a delivery or layout that is not as it must be; DeliveryError, with a
    sentence for each file, where files cannot be read exactly, and nothing is published then;
    InputError for counts that contradict each other; LockedError; WriteError.
    """
    delivery = load_delivery(name, layout.params)
    paths, passed = _files(layout.deliveries / name, delivery, shown=f"{store.DELIVERIES}/{name}")
    indicators = load_indicators(layout.params / "indicators.yml")
    tables = read_press(layout.raw_press, indicators, shown=store.RAW_PRESS)
    _check_place(delivery, tables["units"], file=f"params/deliveries/{name}.yml")
    registers, false = _registers(delivery, tables, indicators)
    recipe = _recipe(layout, name, delivery, registers)
    place = store.delivery_place(name)
    with publish.staging(layout, place) as work, _writing(layout.processed(place)):
        hashes = {file: store.sha256(path) for file, path in paths.items()}
        reading, counting = _keys(layout, recipe)
        whole = digest(counting.encode(), json.dumps([hashes, [*map(str, passed)]]).encode())
        standing = _standing(layout, place)
        if standing.get("key") == whole and not force:
            shutil.rmtree(work, ignore_errors=True)
            return _ingested(layout, name, standing, read=0, anew=False)
        parts, read = _parts(paths, hashes, recipe, work / "data" / FOLDER, layout, reading)
        count = count_log if _is_log(recipe) else count_panels
        counted = count(parts, recipe, registers, passed=[*passed, *false], work=work)
        _publish(layout, recipe, work, counted, registers, key=whole, inputs=hashes)
    return _ingested(layout, name, _standing(layout, place), read=read, anew=True)


def _files(folder: Path, delivery: Delivery, *, shown: str) -> tuple[dict[str, Path], list[Found]]:
    """List the files of a delivery by the name that people see."""
    if not folder.is_dir():
        raise InputError("delivery_no_folder", folder=shown)
    paths, passed = list_files(folder, shown=shown)
    if not paths:
        raise InputError("delivery_no_files", folder=shown)
    files = {f"{shown}/{path.relative_to(folder).as_posix()}": path for path in paths}
    for file, path in files.items():
        if path.name.startswith(LABEL) != delivery.simulated:
            key = "delivery_simulated" if not delivery.simulated else "delivery_not_simulated"
            raise InputError(key, file=file, label=LABEL)
    return files, passed


def _check_place(delivery: Delivery, units: pd.DataFrame, *, file: str) -> None:
    """Refuse a province or a commune that is not in the register."""
    for key, level in (("province", "province"), ("unit", "commune")):
        value = getattr(delivery, key)
        if value is not None:
            known = units.loc[units["level"] == level, "code"].drop_duplicates()
            check_known(value, list(known), file, key=key, kind="unit")


def _registers(
    delivery: Delivery, tables: Tables, indicators: Mapping[str, Indicator]
) -> tuple[Registers, list[Found]]:
    """Take the units asked for; tells the successors that were left out of the country's."""
    units, complete = tables["units"], None
    found: list[Found] = []
    if delivery.unit_list == "all":
        from commune_pilots.sources.unit_tables import all_units

        units, found = all_units(units)
    else:
        complete = complete_units(units, tables["candidates"])
    return Registers(units=units, complete=complete, indicators=indicators), found


def _recipe(layout: store.Layout, name: str, delivery: Delivery, registers: Registers) -> Recipe:
    found = None
    if delivery.layout != TYPED:
        found = load_layout(delivery.layout, layout.params)
        check_definitions(found, registers.indicators, file=f"params/layouts/{delivery.layout}.yml")
    key = b""
    if found is not None and found.kind == "log":
        key = _secret(layout.deliveries / KEY)
    return Recipe(
        name=name, delivery=delivery, layout=found, known=register(registers.units), key=key
    )


def _secret(path: Path) -> bytes:
    """Take the key that accounts are hashed under; made once, read by nobody else."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(32))
    return path.read_bytes()


def _keys(layout: store.Layout, recipe: Recipe) -> tuple[str, str]:
    """Hash what decides how files are read, and how they are counted."""
    code = read_code()
    files = [layout.raw_press / "units.csv", layout.params / "indicators.yml"]
    if recipe.layout is not None:
        files.append(layout.params / "layouts" / f"{recipe.delivery.layout}.yml")
    told = [
        [store.sha256(path) for path in files],
        manifest.versions(),
        {name: version(name) for name in _PACKAGES},
        store.sha256_bytes(recipe.key),
        recipe.delivery.model_dump(),
    ]
    around = json.dumps(told, sort_keys=True).encode()
    modules = {
        module: digest(
            *(code.hashes[name].encode() for name in code.reach(f"import {PACKAGE}.runs.{module}"))
        )
        for module in ("raw_files", "ingest")
    }
    return tuple(digest(around, modules[module].encode()) for module in modules)  # type: ignore[return-value]


def _is_log(recipe: Recipe) -> bool:
    return recipe.layout is None or recipe.layout.kind == "log"


def _parts(
    paths: Mapping[str, Path],
    hashes: Mapping[str, str],
    recipe: Recipe,
    folder: Path,
    layout: store.Layout,
    reading: str,
) -> tuple[list[Part], int]:
    """Bring every file to its part; raises DeliveryError after the last file if any is refused."""
    published = layout.delivery(recipe.name) / FOLDER
    parts: list[Part] = []
    refused: dict[str, InputError] = {}
    read = 0
    for file, path in paths.items():
        try:
            part, anew = make_part(
                folder,
                published,
                lambda path=path, file=file: read_file(path, recipe, file=file),  # type: ignore[misc]
                file=file,
                sha256=hashes[file],
                key=digest(reading.encode(), hashes[file].encode()),
            )
        except InputError as error:
            refused[file] = error
            continue
        parts.append(part)
        read += anew
    if refused:
        _refuse(refused, parts, recipe, layout)
    keep_only(folder, parts)
    return parts, read


def _refuse(
    refused: Mapping[str, InputError], parts: Sequence[Part], recipe: Recipe, layout: store.Layout
) -> NoReturn:
    """Leave a page of what was refused, apart from anything published, and raise the reasons."""
    path = layout.failed(store.delivery_place(recipe.name)) / PAGE
    reasons = {file: Bilingual(*map(one.sentence, LANGUAGES)) for file, one in refused.items()}
    store.write_bytes(path, refused_page(reasons, parts, recipe).encode())
    if len(refused) == 1:
        raise next(iter(refused.values()))
    error = DeliveryError(
        "delivery_refused",
        delivery=recipe.name,
        refused=len(refused),
        files=len(refused) + len(parts),
        page=path.relative_to(layout.root).as_posix(),
    )
    error.reasons = tuple(reasons.values())
    raise error


def _publish(
    layout: store.Layout,
    recipe: Recipe,
    work: Path,
    counted: Counted,
    registers: Registers,
    *,
    key: str,
    inputs: Mapping[str, str],
) -> None:
    """Write tables, page and manifest beside their place, then swap them in."""
    for table, frame in counted.tables.items():
        path = work / "data" / f"{table}.parquet"
        store.write_bytes(path, frame.to_parquet(index=False))
    for page, text in delivery_pages(counted, recipe, registers.indicators).items():
        store.write_bytes(work / "reports" / page, text.encode())
    shutil.rmtree(work / "steps", ignore_errors=True)
    place = store.delivery_place(recipe.name)
    outputs = {
        f"{folder}/{place}/{path.relative_to(work / part).as_posix()}": store.sha256(path)
        for part, folder in (("data", "data/processed"), ("reports", "reports"))
        for path in sorted((work / part).rglob("*"))
        if path.is_file()
    }
    content = {
        "format": FORMAT,
        "key": key,
        "inputs": dict(inputs),
        "outputs": outputs,
        "rows": dict(counted.rows),
        "left_out": [list(one) for one in counted.left_out],
    }
    store.write_bytes(work / "reports" / manifest.NAME, manifest.to_bytes(content))
    publish.publish(layout, place, work)


def _standing(layout: store.Layout, place: str) -> dict[str, Any]:
    """Read the manifest of what is published, if every output is still as it says."""
    try:
        content: dict[str, Any] = json.loads((layout.reports(place) / manifest.NAME).read_bytes())
        if content["format"] == FORMAT and manifest.altered_output(layout, content) is None:
            return content
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return {}


def _ingested(
    layout: store.Layout, name: str, content: Mapping[str, Any], *, read: int, anew: bool
) -> Ingested:
    return Ingested(
        name=name,
        files=len(content["inputs"]),
        read=read,
        rows=content["rows"],
        left_out=[Bilingual(*one) for one in content["left_out"]],
        page=layout.reports(store.delivery_place(name)) / PAGE,
        anew=anew,
    )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise WriteError(
            "cannot_write", file=folder.as_posix(), reason=refused.strerror
        ) from refused
