"""The evidence map of all provinces: what is measured at all, and what to collect next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.data_request import anchor_of, merged, place_of
from commune_pilots.briefing.index import alphabetical, plain_name
from commune_pilots.briefing.style import own_style, plain_page
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of, listed
from commune_pilots.effects.coverage import map_evidence, unit_names
from commune_pilots.vocabulary import Evidence, Pillar

TABLES = ("interventions", "units")
_CLASSES: tuple[Evidence, ...] = get_args(Evidence)
_PILLARS: tuple[Pillar, ...] = get_args(Pillar)
# Filled where a figure is printed, hollow where none is: the map reads without colour.
_MARKS: Mapping[str, str] = {
    "before_after": "◆",
    "after_only": "▲",
    "level": "■",
    "target": "◇",
    "none": "○",
}
_MOST_MARKS = 12
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One published run: two of its tables, and what its entries link to.

    `request` is empty where the run was published without a form. Links are relative to the page.
    """

    run: str
    data: str
    interventions: pd.DataFrame
    units: pd.DataFrame
    briefing: str
    request: str = ""


def evidence_page(runs: Sequence[Covered], *, index: str, left_out: Sequence[str] = ()) -> str:
    """Set interventions against pillars and classes of evidence, province by province.

    An intervention of several runs counts once, as the first run by name has it; entries that
    differ between runs are named, and so are the runs `left_out`. `index` is the page to go back
    to. Raises ValueError for a run on simulated data: it is no evidence.
    """
    if refused := [covered.run for covered in runs if covered.data != "press"]:
        raise ValueError(
            f"{', '.join(refused)}: not on press figures; the evidence map takes those only, "
            "leave the others out"
        )
    write = Writer("vi", "none")
    runs = sorted(runs, key=lambda covered: covered.run)
    entries, differing = entries_of(runs)
    body = [
        Markup('<p><a href="{}">{}</a></p>').format(index, write.say("evidence_page.back")),
        Markup("<h1>{}</h1>").format(write.say("evidence_page.title")),
        *_lead(entries, runs, write),
        *_warnings({"left_out": left_out, "differing": differing}, write),
    ]
    if not entries.empty:
        body += [_grid(entries, write), _next(entries, write)]
        body += [_province(of, runs, write) for _, of in _by_province(entries)]
    return plain_page(
        title=str(write.say("evidence_page.title")),
        body=Markup("\n").join(body),
        style=own_style("evidence.css"),
    )


def entries_of(runs: Iterable[Covered]) -> tuple[pd.DataFrame, list[str]]:
    """Put the interventions of runs into one table, each id once; name the ids that differ.

    Beside the columns of `interventions` come `run` (the first that has it), `province` (the code
    of the province its unit belonged to), `name` (what that was called) and `place` (with what it
    is part of today).
    """
    kept: dict[str, dict[str, Any]] = {}
    differing: dict[str, None] = {}
    seen: set[tuple[int, int]] = set()
    for covered in runs:
        # Runs on one register share its tables; what was gone through once says nothing new.
        same = (id(covered.interventions), id(covered.units))
        if same in seen:
            continue
        seen.add(same)
        places = _places(covered.units)
        for row in cast(list[dict[str, Any]], covered.interventions.to_dict("records")):
            entry = {**row, **places[row["unit"]]}
            known = kept.setdefault(row["intervention"], {**entry, "run": covered.run})
            # As text, where one missing value equals another.
            if any(str(known[name]) != str(value) for name, value in entry.items()):
                differing[row["intervention"]] = None
    return pd.DataFrame(list(kept.values())), sorted(differing)


def _places(units: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Say of each unit's province, as it was before the mergers: code, name, and place today."""
    write = Writer("vi", "none")
    former = units.sort_values("valid_from", na_position="first", kind="stable")
    former = former.drop_duplicates("code")
    inside = former["province"].where(former["province"].notna(), former["code"])
    names, today = unit_names(units), merged(units)
    told = {
        code: {
            "province": code,
            "name": names.get(code, code),
            "place": place_of(code, names.get(code, code), today, write),
        }
        for code in inside.unique()
    }
    return {unit: told[code] for unit, code in zip(former["code"], inside, strict=True)}


def _by_province(entries: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Part entries by province, in the order of the alphabet: no order of merit."""
    parts = [(str(of["name"].iloc[0]), of) for _, of in entries.groupby("province", sort=True)]
    return sorted(parts, key=lambda part: alphabetical(plain_name(part[0])))


def _lead(entries: pd.DataFrame, runs: Sequence[Covered], write: Writer) -> list[Markup]:
    if entries.empty:
        return [Markup("<p>{}</p>").format(write.say("evidence_page.empty"))]
    classes = entries["evidence"].value_counts()
    finding = write.say(
        "evidence_page.lead",
        total=write.number(len(entries)),
        provinces=write.number(entries["province"].nunique()),
        bare=write.number(classes.get("none", 0)),
        pairs=write.number(classes.get("before_after", 0)),
    )
    covers = write.say(
        "evidence_page.covers",
        runs=write.number(len(runs)),
        names=_shortened([covered.run for covered in runs], write),
    )
    return [Markup('<p class="finding">{}</p><p class="sub">{}</p>').format(finding, covers)]


def _warnings(named: Mapping[str, Sequence[str]], write: Writer) -> list[Markup]:
    """Name what the map leaves out or cannot settle; nothing where there is nothing."""
    return [
        Markup('<p class="warn">{}</p>').format(
            write.say(
                f"evidence_page.{kind}",
                count=write.number(len(names)),
                names=_shortened(names, write),
            )
        )
        for kind, names in named.items()
        if names
    ]


def _shortened(names: Sequence[str], write: Writer) -> Markup:
    shown: list[Markup | str] = list(names[:_MOST_NAMED])
    if rest := len(names) - len(shown):
        shown.append(write.say("evidence_page.more", count=write.number(rest)))
    return listed(shown)


def _grid(entries: pd.DataFrame, write: Writer) -> Markup:
    """Cross province and pillar with the classes: a number and a mark for each intervention."""
    rows = [
        Row(cells=[_in_place(plain_name(name), pillar, write), *_counted(counts, write)])
        for name, of in _by_province(entries)
        for pillar, counts in map_evidence(of).to_dict("index").items()
    ]
    total = [write.number(count) for count in map_evidence(entries).sum()]
    every = Markup("<strong>{}</strong>").format(write.say("evidence_page.all"))
    rows.append(Row(cells=[every, *(Markup("<strong>{}</strong>").format(n) for n in total)]))
    header = [
        str(write.say("evidence_page.column.place")),
        *(write.term("evidence", name) for name in _CLASSES),
    ]
    return _section(
        "grid", html_table(write.say("evidence_page.caption.grid"), header, rows), write
    )


def _in_place(province: str, pillar: object, write: Writer) -> Markup:
    shown = write.term("pillar", str(pillar))
    return write.say("evidence_page.place", province=province, pillar=shown)


def _counted(counts: Mapping[Any, int], write: Writer) -> list[Markup]:
    """Write each count with as many marks of its class, up to a number that fits a cell."""
    cells = []
    for name, count in counts.items():
        marks = _MARKS[name] * min(count, _MOST_MARKS)
        marks += "…" if count > _MOST_MARKS else ""
        cells.append(
            Markup('<span class="{}">{}</span> <span class="marks" aria-hidden="true">{}</span>')
            .format("some" if count else "no", write.number(count), marks)
        )  # fmt: skip
    return cells


def _next(entries: pd.DataFrame, write: Writer) -> Markup:
    """Say of each class what it means, how many there are and what to collect next."""
    counts = entries["evidence"].value_counts()
    rows = [
        Row(
            cells=[
                _class(name, write),
                write.number(counts.get(name, 0)),
                write.say(f"evidence_page.meaning.{name}"),
                write.say(f"evidence_page.next.{name}"),
            ]
        )
        for name in _CLASSES
    ]
    names = ("class", "count", "meaning", "next")
    header = [str(write.say(f"evidence_page.column.{name}")) for name in names]
    table = html_table(write.say("evidence_page.caption.next"), header, rows, numeric=(1,))
    return _section("next", table, write)


def _class(name: str, write: Writer) -> Markup:
    return Markup('<span class="marks" aria-hidden="true">{}</span> {}').format(
        _MARKS[name], write.term("evidence", name)
    )


def _province(entries: pd.DataFrame, runs: Sequence[Covered], write: Writer) -> Markup:
    """List the interventions of one province, a table a pillar, each with its documents."""
    code, place = (str(entries[name].iloc[0]) for name in ("province", "place"))
    linked = {covered.run: covered for covered in runs}
    tables = [
        _listing(of, linked, write)
        for pillar in _PILLARS
        if not (of := entries[entries["pillar"] == pillar]).empty
    ]
    return Markup('<section class="province" id="p-{}"><h2>{}</h2>{}</section>').format(
        code, place, Markup("").join(tables)
    )


def _listing(entries: pd.DataFrame, runs: Mapping[str, Covered], write: Writer) -> Markup:
    rows = [
        Row(
            cells=[
                write.of(row, "name"),
                _class(row["evidence"], write),
                write.of(row, "need"),
                _documents(runs[row["run"]], row["intervention"], write),
            ]
        )
        for row in entries.to_dict("records")
    ]
    first = entries.iloc[0]
    caption = write.say(
        "evidence_page.caption.listing",
        province=plain_name(first["name"]),
        pillar=write.term("pillar", first["pillar"]),
    )
    header = [
        *header_of(write, "intervention", "evidence", "need"),
        str(write.say("evidence_page.column.documents")),
    ]
    return html_table(caption, header, rows)


def _documents(covered: Covered, intervention: str, write: Writer) -> Markup:
    """Link the part of the run's request that asks for an intervention, and its briefing."""
    links = []
    if covered.request:
        anchor = f"{covered.request}#{anchor_of(intervention)}"
        links.append((anchor, write.say("evidence_page.request")))
    links.append((covered.briefing, write.say("evidence_page.briefing")))
    return Markup("<br>").join(Markup('<a href="{}">{}</a>').format(*link) for link in links)


def _section(name: str, body: Markup, write: Writer) -> Markup:
    heading = write.say(f"evidence_page.heading.{name}")
    return Markup('<section id="{}"><h2>{}</h2>{}</section>').format(name, heading, body)
