"""The page of a delivery: what became of every row of every file, and how far to believe it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import catalogue, schemas
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.style import plain_page
from commune_pilots.briefing.svg import share_styles
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.validity_figures import checks_table
from commune_pilots.briefing.wording import Writer, listed
from commune_pilots.catalogue import Language
from commune_pilots.clean.definition_gaps import definition_gaps
from commune_pilots.params import Indicator
from commune_pilots.sources.refusals import shown

MOST_LINES = 200
_ACCOUNT = ("read", "accepted", "rejected", "duplicates")
_OUTCOMES = ("repaired", "flagged", "skipped")
_NONE = "–"
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?)(?:\.0+)?")
_FEW = 20  # lines that are shown without being asked for
_STYLE = (
    "details{margin:.8rem 0}summary{cursor:pointer}"
    '.fig:lang(en)::before{content:"Figure " counter(fig) ". "}'
    "@media screen and (max-width:639px){tbody th,td{min-width:0}}"
)
_GAP = "ingest_page.gap.{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What the page tells of: tables of a delivery, and sentences in the page's language.

    `files` is table ingested; `rejected` and `findings` are those tables; `refused` has a file and
    a sentence each, `left_out` a sentence for each definition that the log cannot carry. `checks`,
    `figures` and `gaps` (`units_of_today.gaps`) may be empty. All tables are free of personal data
    by contract; long numbers and addresses in values are covered once more.
    """

    label: str
    files: pd.DataFrame
    rejected: pd.DataFrame
    findings: pd.DataFrame
    panel: pd.DataFrame
    refused: Sequence[tuple[str, str]] = ()
    left_out: Sequence[str] = ()
    checks: pd.DataFrame | None = None
    figures: Sequence[Figure] = ()
    gaps: pd.DataFrame | None = None


def ingest_page(
    delivered: Delivered,
    *,
    indicators: Mapping[str, Indicator],
    simulated: bool,
    language: Language = "vi",
) -> str:
    """Lay a delivery out as one page that opens offline: no script, no request.

    Raises ValueError where an account does not add up: read = accepted + rejected + duplicates.
    """
    write = Writer(language, "none", simulated=simulated)
    parts = [
        Markup("<h1>{}</h1>").format(write.say("ingest_page.title", label=delivered.label)),
        _label(write),
        _section("account", _account(delivered.files, write), write),
        _section("refused", _refused(delivered, write), write),
        _section("rejected", _rejected(delivered.rejected, write), write),
        _section("findings", _findings(delivered.findings, write), write),
        _section("units", _gaps(delivered.gaps, write), write),
        _section("panel", _panel(delivered, indicators, write), write),
        _section("checks", _checks(delivered, write), write),
    ]
    body = Markup("\n").join(parts)
    title = str(write.say("ingest_page.title", label=delivered.label).unescape())
    return share_styles(plain_page(title=title, body=body, style=_STYLE, language=language))


def _label(write: Writer) -> Markup:
    if not write.simulated:
        return Markup()
    return Markup('<p class="warn">{}. {}</p>').format(
        write.term("status", "simulated"), write.say("simulated_note")
    )


def _account(files: pd.DataFrame, write: Writer) -> Markup:
    """Say what became of every row, file by file, with the sum of all at the end."""
    wrong = files[files["read"] != files[list(_ACCOUNT[1:])].sum(axis=1)]
    if len(wrong):
        raise ValueError(f"the account of {wrong['file'].iloc[0]} does not add up")
    total = {name: int(files[name].sum()) for name in _ACCOUNT}
    said = {name: write.number(count) for name, count in total.items()}
    rows = [
        Row(cells=[_file(row), *(write.number(int(row[name])) for name in _ACCOUNT)])
        for row in files.to_dict("records")
    ]
    bold = Markup("<strong>{}</strong>")
    every = write.say("ingest_page.all_files", files=write.number(files["file"].nunique()))
    rows.append(Row(cells=[bold.format(every), *(bold.format(said[name]) for name in _ACCOUNT)]))
    return Markup("<p>{}</p>{}").format(
        write.say("ingest_page.account", **said),
        _table("account", ("file", *_ACCOUNT), rows, write, numeric=range(1, 5)),
    )


def _refused(delivered: Delivered, write: Writer) -> Markup:
    """List files that were refused whole, and definitions that the log cannot carry."""
    rows = [Row(cells=[file, sentence]) for file, sentence in delivered.refused]
    told = [_table("refused", ("file", "why"), rows, write)] if rows else []
    if delivered.left_out:
        items = Markup("").join(Markup("<li>{}</li>").format(one) for one in delivered.left_out)
        told.append(Markup("<p>{}</p><ul>{}</ul>").format(write.say("ingest_page.left_out"), items))
    return Markup("").join(told) or _nothing("refused", write)


def _rejected(rejected: pd.DataFrame, write: Writer) -> Markup:
    """Count lines by rule, then show the first ones, each with its place."""
    if rejected.empty:
        return _nothing("rejected", write)
    told = f"message_{write.language}"
    by_rule = rejected.groupby(["rule", told, "column"], sort=False, dropna=False).agg(
        lines=("file", "size"), files=("file", "nunique")
    )
    ordered = by_rule.sort_values("lines", ascending=False, kind="stable").reset_index()
    rows = [
        Row(
            cells=[
                Markup("{} <small>({})</small>").format(row[told], _where(row)),
                *(write.number(int(row[name])) for name in ("files", "lines")),
            ]
        )
        for row in ordered.to_dict("records")
    ]
    every = write.say("ingest_page.all_rules")
    rows.append(
        Row(cells=[every, write.number(rejected["file"].nunique()), write.number(len(rejected))])
    )
    return Markup("<p>{}</p>").format(write.say("ingest_page.rejected")) + Markup("").join(
        [
            _table("by_rule", ("why", "files", "lines"), rows, write, numeric=(1, 2)),
            _lines(rejected, "rejected", write),
        ]
    )


def _where(row: Mapping[Any, Any]) -> str:
    """Name the column, where a rule is of one, and the rule."""
    return ", ".join([*([] if pd.isna(row["column"]) else [str(row["column"])]), str(row["rule"])])


def _findings(findings: pd.DataFrame, write: Writer) -> Markup:
    """List what was repaired, flagged or passed over."""
    if findings.empty:
        return _nothing("findings", write)
    counted = findings["outcome"].value_counts()
    said = {name: write.number(int(counted.get(name, 0))) for name in _OUTCOMES}
    told = Markup("<p>{}</p>").format(write.say("ingest_page.findings", **said))
    return told + _lines(findings, "findings", write)


def _lines(table: pd.DataFrame, name: str, write: Writer) -> Markup:
    """Show the first lines of a table of rules, each with place, value and words."""
    rows = []
    for row in table.head(MOST_LINES).to_dict("records"):
        why: object = row[f"message_{write.language}"]
        if "outcome" in row:
            became = write.say(f"ingest_page.{row['outcome']}")
            why = Markup("<strong>{}</strong>: {}").format(became, why)
        rows.append(Row(cells=[_place(row, write), _cell(row["value"]), why]))
    said = {"shown": write.number(len(rows)), "total": write.number(len(table))}
    told = _table(name, ("place", "value", "why"), rows, write, said=said)
    if len(rows) <= _FEW:
        return told
    return Markup("<details><summary>{}</summary>{}</details>").format(
        write.say(f"ingest_page.caption.{name}", **said), told
    )


def _gaps(gaps: pd.DataFrame | None, write: Writer) -> Markup:
    if gaps is None or gaps.empty:
        return _nothing("units", write)
    rows = [
        Row(
            cells=[
                _cell(row["code"]),
                write.number(int(row["rows"])),
                write.say(_GAP.format(row["gap"])),
            ]
        )
        for row in gaps.head(MOST_LINES).to_dict("records")
    ]
    said = {"shown": write.number(len(rows)), "total": write.number(len(gaps))}
    return _table("units", ("code", "rows", "why"), rows, write, numeric=(1,), said=said)


def _panel(delivered: Delivered, indicators: Mapping[str, Indicator], write: Writer) -> Markup:
    """Sum up the panel by definition, and hold definitions of one indicator side by side."""
    panel = delivered.panel
    if panel.empty:
        return _nothing("panel", write)
    rows = []
    for (name, definition), own in panel.groupby(["indicator", "definition"], sort=True):
        first, last = own["period_start"].min(), own["period_end"].max()
        whole = {"period_start": first, "period_end": last}
        worded = _definition(indicators[str(name)], str(definition), write)
        period = write.period(whole, "period_start", "period_end")
        rows.append(
            Row(
                cells=[
                    Markup("{}<br>{}").format(worded, period),
                    write.number(own["unit"].nunique()),
                    write.number(len(own)),
                    write.number(int(own["numerator"].isna().sum())),
                ]
            )
        )
    names = ("definition", "units", "rows", "unknown")
    told = _table("panel", names, rows, write, numeric=(1, 2, 3))
    gaps = definition_gaps(panel)
    return told + (_ways(gaps, indicators, write) if len(gaps) else Markup())


def _ways(gaps: pd.DataFrame, indicators: Mapping[str, Indicator], write: Writer) -> Markup:
    rows = []
    for row in gaps.to_dict("records"):
        ways = [
            Markup("{}<br><strong>{}</strong>").format(
                _definition(indicators[row["indicator"]], row[name], write),
                _share(row[f"{name}_share"], write),
            )
            for name in ("first", "second")
        ]
        apart: object = write.say("ingest_page.suppressed")
        if pd.notna(row["difference"]):
            apart = write.points(row["difference"], decimals=1)
        cells = write.say("ingest_page.cells", months=write.number(int(row["months"])))
        rows.append(Row(cells=[*ways, Markup("{}<br><small>{}</small>").format(apart, cells)]))
    names = ("first", "second", "difference")
    return Markup("<h3>{}</h3><p>{}</p>{}").format(
        write.say("ingest_page.heading.ways"),
        write.say("ingest_page.ways"),
        _table("ways", names, rows, write, numeric=(2,)),
    )


def _checks(delivered: Delivered, write: Writer) -> Markup:
    checks = schemas.empty("checks") if delivered.checks is None else delivered.checks
    if checks.empty:
        return _nothing("checks", write)
    figures = Markup("").join(Markup(figure._repr_html_()) for figure in delivered.figures)
    return Markup("<p>{}</p>{}{}").format(
        write.say("ingest_page.checks"), checks_table(checks, write), figures
    )


def _definition(indicator: Indicator, definition: str, write: Writer) -> Markup:
    worded = getattr(indicator.definitions[definition], write.language)
    return Markup("{}: {} <small>({})</small>").format(
        write.label(indicator, start=True), worded, definition
    )


def _share(value: float, write: Writer) -> Markup | str:
    return (
        write.say("ingest_page.suppressed") if pd.isna(value) else write.percent(value, decimals=1)
    )


def _file(row: Mapping[Any, Any]) -> Markup | str:
    """Name a file by its last part, with its sheet where it has several."""
    name = str(row["file"]).rsplit("/", 1)[-1]
    if pd.isna(row["sheet"]):
        return name
    return Markup("{}<br><small>{}</small>").format(name, row["sheet"])


def _place(row: Mapping[Any, Any], write: Writer) -> Markup:
    """Name a file with the row and the column in it, as far as they are known."""
    told = [
        catalogue.text(f"ingest.place.{name}", write.language, value=value)
        for name, value in (("row", row["row"]), ("column", row["column"]))
        if pd.notna(value)
    ]
    return listed([_file(row), *told])


def _cell(value: object) -> str:
    """Write a value; a day or a time as it stands, long digits of anything else covered."""
    if pd.isna(value):  # type: ignore[call-overload]
        return _NONE
    moment = _MOMENT.fullmatch(str(value))
    return moment[1] if moment else shown(str(value))


def _nothing(name: str, write: Writer) -> Markup:
    return Markup('<p class="none">{}</p>').format(write.say(f"ingest_page.nothing.{name}"))


def _section(name: str, body: Markup, write: Writer) -> Markup:
    heading = write.say(f"ingest_page.heading.{name}")
    return Markup('<section id="{}"><h2>{}</h2>{}</section>').format(name, heading, body)


def _table(
    name: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    write: Writer,
    *,
    numeric: Sequence[int] = (),
    said: Mapping[str, object] | None = None,
) -> Markup:
    header = [str(write.say(f"ingest_page.column.{column}")) for column in columns]
    caption = write.caption(f"ingest_page.caption.{name}", **(said or {}))
    return html_table(caption, header, rows, numeric=numeric)
