"""One raw file of a delivery to typed tables: the one place where raw bytes are opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from commune_pilots import catalogue, schemas
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.errors import Bilingual, DefectError, InputError
from commune_pilots.runs.parts import Account, Read, to_arrow, worded
from commune_pilots.sources.aggregates import Aggregate, read_aggregate
from commune_pilots.sources.deliveries import Delivery
from commune_pilots.sources.files import read_sheets
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.log_tables import DossierTable, read_dossiers
from commune_pilots.sources.log_units import Place
from commune_pilots.sources.panel_rows import panel_rows
from commune_pilots.sources.privacy import scan_table
from commune_pilots.sources.unit_names import Register

TYPED = "dossiers"
_PARQUET = b"PAR1"
_TEXTS = ["agency", "procedure"]  # codes of dossiers are looked at one by one while they are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What decides how the files of a delivery are read, beside their own bytes.

    `layout` is missing where files hold table dossiers as it is; `key` hashes accounts.
    """

    name: str
    delivery: Delivery
    layout: Layout | None
    known: Register
    key: bytes


def read_file(path: Path, recipe: Recipe, *, file: str) -> Read:
    """Read one file; its tables are dossiers or panel, with findings and rejected.

    Raises InputError, with one sentence that names the place, where the file cannot be read
    exactly.
    """
    with path.open("rb") as stream:
        typed = stream.read(4) == _PARQUET
    if typed != (recipe.layout is None):
        raise InputError("file_not_typed" if typed else "file_not_parquet", file=file, typed=TYPED)
    if recipe.layout is None:
        return _typed(path)
    sheets = read_sheets(path.read_bytes(), file=file)
    delivery = recipe.delivery
    layout = delivery.placed(recipe.layout)
    place = Place(province=layout.province, unit=layout.unit, agencies=delivery.agencies)
    if layout.kind == "log":
        return _logged(
            read_dossiers(sheets, layout, known=recipe.known, key=recipe.key, place=place)
        )
    found = read_aggregate(sheets, layout, known=recipe.known, today=recipe.delivery.day("as_of"))
    return _counted(found, layout, source=recipe.name)


def _typed(path: Path) -> Read:
    accounts = [Account(sheet="", read=pq.read_metadata(path).num_rows, rejected=0)]
    return Read(tables={TYPED: path, **worded([])}, accounts=accounts)


def _logged(log: DossierTable) -> Read:
    """Take the typed rows of a log; what was rejected while it was read stands apart.

    Raises InputError where personal data stands in a column of codes.
    """
    texts = log.dossiers.select(_TEXTS).to_pandas()
    for hit in scan_table(texts, most=1):
        row = log.dossiers["row"][hit.row - 1].as_py()
        kind = Bilingual(*(catalogue.text(f"release.kind.{hit.kind}", at) for at in LANGUAGES))
        file = log.dossiers["file"][0].as_py()
        raise InputError("personal_left", file=file, row=row, column=hit.column, kind=kind)
    told = worded(log.found)
    rejected = pa.concat_tables([told["rejected"], to_arrow(log.rejected)])
    return Read(
        tables={TYPED: log.dossiers, **told, "rejected": rejected},
        accounts=[
            Account(sheet=one.sheet, read=one.read, rejected=one.rejected) for one in log.rows_read
        ],
    )


def _counted(found: Aggregate, layout: Layout, *, source: str) -> Read:
    """Take the panel rows of counts; a unit and period without a place in it is rejected.

    Raises DefectError if one was lost on the way.
    """
    panel, left = panel_rows(found.counts, layout, source=source)
    told = [*found.found, *left]
    accounts = []
    for sheet, read in found.read.items():
        kept = int((found.counts["sheet"].fillna("") == sheet).sum())
        kept -= sum(one.sheet == sheet for one in left)
        rejected = sum(one.sheet == sheet and one.outcome == "rejected" for one in told)
        if read != kept + rejected:
            raise DefectError("rows_lost", file=found.counts["file"].iloc[0], read=read, kept=kept)
        accounts.append(Account(sheet=sheet, read=read, rejected=rejected))
    typed = panel.astype(dict(schemas.empty("panel").dtypes))
    return Read(tables={"panel": to_arrow(typed), **worded(told)}, accounts=accounts)
