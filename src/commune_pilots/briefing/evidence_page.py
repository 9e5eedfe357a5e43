"""The page of the evidence map: what is measured at all, and what to collect next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing.data_request import anchor_of
from commune_pilots.briefing.evidence_map import Covered, EvidenceMap, by_province
from commune_pilots.briefing.evidence_marks import (
    CLASSES,
    PILLARS,
    anchor_of_province,
    few,
    finding,
    marks_of,
    warnings,
)
from commune_pilots.briefing.places import plain_name
from commune_pilots.briefing.style import own_style, plain_page
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of
from commune_pilots.effects.coverage import map_evidence


def evidence_page(found: EvidenceMap, *, index: str) -> str:
    """Set interventions against pillars and classes of evidence, province by province.

    Entries that differ between runs are named, and so are runs left out. `index` is the page to go
    back to.
    """
    write = Writer("vi", "none")
    entries = found.entries
    body = [
        Markup('<p><a href="{}">{}</a></p>').format(index, write.say("index.back")),
        Markup("<h1>{}</h1>").format(write.say("evidence_page.title")),
        *_lead(found, write),
        *warnings(found, write),
    ]
    if not entries.empty:
        body += [_grid(entries, write), _next(entries, write)]
        body += [_province(of, found.runs, write) for _, of in by_province(entries)]
    return plain_page(
        title=str(write.say("evidence_page.title")),
        body=Markup("\n").join(body),
        style=own_style("map.css") + own_style("evidence.css"),
    )


def _lead(found: EvidenceMap, write: Writer) -> list[Markup]:
    told = finding(found, write)
    if found.entries.empty:
        return [Markup("<p>{}</p>").format(told)]
    covers = write.say(
        "evidence_page.covers",
        runs=write.number(len(found.runs)),
        names=few([covered.run for covered in found.runs], write),
    )
    return [Markup('<p class="finding">{}</p><p class="sub">{}</p>').format(told, covers)]


def _grid(entries: pd.DataFrame, write: Writer) -> Markup:
    """Cross province and pillar with the classes: a number and a mark for each intervention."""
    rows = [
        Row(cells=[_in_place(plain_name(name), pillar, write), *_counted(counts, write)])
        for name, of in by_province(entries)
        for pillar, counts in map_evidence(of).to_dict("index").items()
    ]
    total = [write.number(count) for count in map_evidence(entries).sum()]
    every = Markup("<strong>{}</strong>").format(write.say("evidence_page.all"))
    rows.append(Row(cells=[every, *(Markup("<strong>{}</strong>").format(n) for n in total)]))
    header = [
        str(write.say("evidence_page.column.place")),
        *(write.term("evidence", name) for name in CLASSES),
    ]
    return _section(
        "grid", html_table(write.say("evidence_page.caption.grid"), header, rows), write
    )


def _in_place(province: str, pillar: object, write: Writer) -> Markup:
    shown = write.term("pillar", str(pillar))
    return write.say("evidence_page.place", province=province, pillar=shown)


def _counted(counts: Mapping[Any, int], write: Writer) -> list[Markup]:
    """Write each count with the marks of its class."""
    return [
        Markup('<span class="{}">{}</span> {}').format(
            "some" if count else "no", write.number(count), marks_of({name: count})
        )
        for name, count in counts.items()
    ]


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
        for name in CLASSES
    ]
    names = ("class", "count", "meaning", "next")
    header = [str(write.say(f"evidence_page.column.{name}")) for name in names]
    table = html_table(write.say("evidence_page.caption.next"), header, rows, numeric=(1,))
    return _section("next", table, write)


def _class(name: str, write: Writer) -> Markup:
    return Markup("{} {}").format(marks_of({name: 1}), write.term("evidence", name))


def _province(entries: pd.DataFrame, runs: Sequence[Covered], write: Writer) -> Markup:
    """List the interventions of one province, a table a pillar, each with its documents."""
    code, place = (str(entries[name].iloc[0]) for name in ("province", "place"))
    linked = {covered.run: covered for covered in runs}
    tables = [
        _listing(of, linked, write)
        for pillar in PILLARS
        if not (of := entries[entries["pillar"] == pillar]).empty
    ]
    return Markup('<section class="province" id="{}"><h2>{}</h2>{}</section>').format(
        anchor_of_province(code), place, Markup("").join(tables)
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
