"""Tables drawn in a test: columns by white space, `-` for missing, codes kept as text."""

from __future__ import annotations

import re

import pandas as pd

from commune_pilots import schemas

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_OBSERVATION = {
    "source": "s1",
    "scope": "unit",
    "indicator": "online_share",
    "definition": "online_level34_assisted",
    "qualifier": "exact",
    "file": "drawn",
}


def table(drawing: str, *, of: str | None = None, **same: object) -> pd.DataFrame:
    """Read a drawn table; `of` lays it out in a contract's columns, `same` fills whole columns.

    Without `of`, a column of whole numbers is Int64, one of decimals float64, anything else text:
    `00001` and `2022-01-01` stay as drawn.
    """
    header, *rows = (line.split() for line in drawing.strip().splitlines())
    if any(len(row) != len(header) for row in rows):
        raise ValueError("a drawn row has too few or too many cells")
    cells = {
        name: [None if row[at] == "-" else row[at] for row in rows]
        for at, name in enumerate(header)
    }
    if of is None:
        typed = {name: _guessed(values) for name, values in cells.items()}
        return pd.DataFrame(typed).assign(**same)
    frame = pd.DataFrame(cells, dtype="object").assign(**same)
    return in_contract(frame, of)


def observations(drawing: str, **same: object) -> pd.DataFrame:
    """Draw figures by what is printed; value and decimals follow, the rest has plain defaults."""
    drawn = table(drawing, of="observations", **same)
    in_words = drawn["qualifier"].eq("none_yet") | drawn["role"].eq("deadline")
    number = drawn["printed"].str.replace(",", ".").where(~in_words)
    decimals = number.map(lambda text: len(text.partition(".")[2]), na_action="ignore")
    filled = drawn.assign(
        value=number.astype("float64"),
        decimals=decimals.astype("Int64"),
        row=pd.Series(range(2, len(drawn) + 2), dtype="Int64"),
    )
    for name, default in _OBSERVATION.items():
        filled = filled.assign(**{name: filled[name].fillna(default)})
    return schemas.check(filled, "observations")


def in_contract(frame: pd.DataFrame, of: str) -> pd.DataFrame:
    """Lay columns out in a contract's order and types; what is not drawn is missing."""
    blank = schemas.empty(of)
    unknown = set(frame.columns) - set(blank.columns)
    if unknown:
        raise ValueError(f"no such column of {of}: {sorted(unknown)}")
    full = frame.reindex(columns=blank.columns)
    for name, kind in schemas.columns(of).items():
        if kind in ("number", "count"):
            full[name] = pd.to_numeric(full[name])
        elif kind == "flag":
            full[name] = full[name].map({"yes": True, "no": False})
    return full.astype(dict(blank.dtypes))


def _guessed(values: list[str | None]) -> pd.Series:
    given = [value for value in values if value is not None]
    if given and all(_WHOLE.fullmatch(value) for value in given):
        return pd.Series([None if v is None else int(v) for v in values], dtype="Int64")
    if given and all(_WHOLE.fullmatch(v) or _DECIMAL.fullmatch(v) for v in given):
        return pd.Series([None if v is None else float(v) for v in values], dtype="float64")
    return pd.Series(values, dtype="str")
