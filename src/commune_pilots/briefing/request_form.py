"""The data request of a run as a form: one page to print on A4, sign and return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import numerals
from commune_pilots.briefing import data_request
from commune_pilots.briefing.data_request import Kind, Line
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.style import own_style, plain_page
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of

_RULES = ("counts", "months", "units", "assisted", "persons")
_BLANK = ""  # a cell with a frame, to write in


def request_form(findings: Findings, *, file: str) -> str:
    """Lay out every line of the request as a form; `file` is the same request as a file for Excel.

    Head and end are those of an official letter, as a draft without number. Part A asks pilot
    communes for counts beside what is printed already, part B goes through the interventions.
    """
    write = data_request.request_writer(findings)
    today = data_request.merged(findings["units"])
    pilots = data_request.pilot_lines(findings)
    body = [
        _letterhead(findings, write),
        _opening(findings, today, write),
        _how(findings, file, write),
        _part_pilots(findings, pilots, today, write),
        _part_measures(findings, pilots, today, write),
        _part_sources(findings, write),
        _signature(write),
    ]
    return plain_page(
        title=f"{write.say('request.title')} – {findings.province}",
        body=Markup("\n").join(part for part in body if part),
        style=own_style("request.css"),
    )


def _letterhead(findings: Findings, write: Writer) -> Markup:
    when = date.fromisoformat(findings.run.briefing_date)
    warning = Markup('<p class="warn">{}: {}</p>').format(
        write.term("status", "simulated"), write.say("simulated_note")
    )
    return Markup(
        '<div class="letterhead"><p><span class="caps">{body}</span><br>'
        '<strong class="caps">{department}</strong></p>'
        '<p><strong class="caps">{state}</strong><br><strong>{motto}</strong></p>'
        "<p>{number}</p><p><em>{dated}</em></p></div>"
        '<p class="draft">{draft}</p>{warning}<h1>{title}</h1><p class="about">{about}</p>'
    ).format(
        body=findings.body_today,
        department=write.say("request.department"),
        state=write.say("request.state"),
        motto=write.say("request.motto"),
        number=write.say("request.number"),
        dated=write.say("request.dated"),
        draft=write.say("request.draft", date=numerals.day(when, "vi")),
        warning=warning if write.simulated else "",
        title=write.say("request.title"),
        about=write.say(
            "request.about",
            place=_place(
                findings.run.province, findings, data_request.merged(findings["units"]), write
            ),
        ),
    )


def _opening(findings: Findings, today: Mapping[str, str | None], write: Writer) -> Markup:
    units = dict.fromkeys(row["unit"] for row in findings.pilots)
    names = [today.get(unit) or findings.names[unit] for unit in units]
    communes = (
        write.say("request.to_communes", names=", ".join(dict.fromkeys(map(_lower, names))))
        if names
        else write.say("request.to_all_communes", place=_lower(findings.body_today[5:]))
    )
    asked, purpose = [communes], "purpose_plain"
    if findings.interventions:
        asked, purpose = [communes, write.say("request.to_departments")], "purpose"
    return Markup('<div class="to"><p>{}</p><ul>{}</ul></div><p>{}</p>').format(
        write.say("request.to"),
        Markup("").join(Markup("<li>{}</li>").format(one) for one in asked),
        write.say(
            f"request.{purpose}",
            total=write.number(len(findings.interventions)),
            bare=write.number(findings.bare),
            body=findings.body_today,
        ),
    )


def _how(findings: Findings, file: str, write: Writer) -> Markup:
    items = [
        write.say("request.rule.deadline", deadline=numerals.day(findings.deadline, "vi")),
        write.say("request.rule.back", file=file),
        *(write.say(f"request.rule.{name}") for name in _RULES),
    ]
    listed = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    return Markup('<section id="how"><h2>{}</h2><ul>{}</ul><p>{}</p></section>').format(
        write.say("request.how"), listed, write.say("request.filled_by")
    )


def _part_pilots(
    findings: Findings,
    pilots: Mapping[Kind, Sequence[Line]],
    today: Mapping[str, str | None],
    write: Writer,
) -> Markup:
    """Part A: the pilot communes, then one table of counts for each indicator with a pair."""
    if not findings.pilots:
        return Markup("")
    tables = [_pilot_units(findings, today, write)]
    tables += [
        _counts(findings, kind, lines, number, write)
        for number, (kind, lines) in enumerate(pilots.items(), start=2)
    ]
    return _part("pilots", Markup("").join(tables), write)


def _pilot_units(findings: Findings, today: Mapping[str, str | None], write: Writer) -> Markup:
    rows = [
        Row(
            cells=[
                findings.names[pilot["unit"]],
                today.get(pilot["unit"], findings.names[pilot["unit"]]) or "–",
                pilot["unit"],
                _opened(pilot, write),
                _BLANK,
            ]
        )
        for pilot in findings.pilots
    ]
    header = [
        *header_of(write, "old_unit", "new_unit", "code"),
        *_columns(write, "started", "note"),
    ]
    return html_table(write.caption("request.caption.pilots", number=1), header, rows)


def _opened(pilot: Mapping[str, Any], write: Writer) -> str:
    """Write the start as far as the source gives it; blank where it does not."""
    if pd.isna(pilot["opened"]):
        return _BLANK
    known = pilot["opened"].date()
    if pilot["opened_precision"] == "day":
        return numerals.day(known, "vi")
    return f"…… / …… / {known.year}"


def _counts(
    findings: Findings, kind: Kind, lines: Sequence[Line], number: int, write: Writer
) -> Markup:
    indicator = findings.indicators[kind[0]]
    rows = [
        Row(
            cells=[
                findings.names[line.unit],
                write.say(
                    f"request.period.{line.period}",
                    when=data_request.period_printed(findings, line, write)
                    or write.say("request.period.open"),
                ),
                data_request.printed(findings, line, write) or write.say("value.missing"),
                *(_BLANK for _ in range(3)),
            ]
        )
        for line in lines
    ]
    above, below = data_request.count_names(kind, findings, write)
    header = [
        *header_of(write, "unit"),
        *_columns(write, "period", "printed"),
        above,
        below,
        *_columns(write, "note"),
    ]
    caption = write.caption(
        "request.caption.counts",
        number=number,
        label=write.label(indicator),
        definition=indicator.definitions[kind[1]].vi,
    )
    return html_table(caption, header, rows, numeric=(2,))


def _part_measures(
    findings: Findings,
    pilots: Mapping[Kind, Sequence[Line]],
    today: Mapping[str, str | None],
    write: Writer,
) -> Markup:
    """Part B: one section an intervention, in the order of the register; nothing without one."""
    if not findings.interventions:
        return Markup()
    sections = Markup("").join(
        _measure(findings, row, number, pilots, today, write)
        for number, row in enumerate(findings.interventions, start=1)
    )
    return _part("measures", sections, write)


def _measure(
    findings: Findings,
    row: Mapping[str, Any],
    number: int,
    pilots: Mapping[Kind, Sequence[Line]],
    today: Mapping[str, str | None],
    write: Writer,
) -> Markup:
    """Say what is there and what is asked of one intervention, then leave room for the answer."""
    place = _place(row["unit"], findings, today, write)
    told = [
        write.say("request.line.pillar", pillar=write.term("pillar", row["pillar"]), place=place),
        write.say(
            "request.line.evidence",
            evidence=write.term("evidence", row["evidence"]),
            source=_source(row, write),
        ),
        write.say("request.line.need", need=write.of(row, "need").rstrip(".")),
        write.say("request.line.opened"),
    ]
    told += [
        write.say(
            "request.line.asked_above",
            label=write.label(findings.indicators[kind[0]], start=True),
            number=at,
        )
        for at, kind in enumerate(pilots, start=2)
        if kind[0] in data_request.indicators_of(row)
    ]
    return Markup(
        '<section class="item" id="{anchor}"><h3>{number}. {name}</h3><p>{told}</p>'
        "{table}</section>"
    ).format(
        anchor=data_request.anchor_of(str(row["intervention"])),
        number=number,
        name=write.of(row, "name"),
        told=Markup("<br>").join(told),
        table=_asked(findings, row, number, pilots, write),
    )


def _asked(
    findings: Findings,
    row: Mapping[str, Any],
    number: int,
    pilots: Mapping[Kind, Sequence[Line]],
    write: Writer,
) -> Markup:
    lines = data_request.intervention_lines(findings, row, elsewhere=pilots)
    if not lines:
        return Markup("")
    header = _columns(write, "asked", "measured", "period", "numerator", "denominator", "note")
    caption = write.caption("request.caption.measure", number=number, code=str(row["intervention"]))
    rows = [_line(findings, line, write) for line in lines]
    return html_table(caption, header, rows)


def _line(findings: Findings, line: Line, write: Writer) -> Row:
    indicator, definition = line.kind
    known = findings.indicators[indicator] if indicator else None
    named: object = write.say("request.line.unnamed")
    if known is not None:
        named = write.label(known, start=True)
        if line.period == data_request.PERIODS[0]:
            named = Markup("{}<br><small>{}</small>").format(
                named, known.definitions[definition].vi
            )
    divided = data_request.count_names(line.kind, findings, write)[1]
    return Row(
        cells=[
            named,
            write.say(f"request.unit.{known.unit if known else 'percent'}"),
            write.say(f"request.period.{line.period}", when=write.say("request.period.open")),
            _BLANK,
            _BLANK if divided else "–",
            _BLANK,
        ]
    )


def _part_sources(findings: Findings, write: Writer) -> Markup:
    """Part C: the documents behind what is there today."""
    cited = {row["source"] for row in findings.interventions}
    rows = [
        Row(
            cells=[
                row["source"],
                Markup('<span lang="en">{}</span>').format(row["title_short"]),
                "–" if pd.isna(row["publisher"]) else row["publisher"],
                write.day(row["published"]),
            ]
        )
        for row in findings["sources"].to_dict("records")
        if row["source"] in cited
    ]
    header = header_of(write, "source", "content", "publisher", "published")
    header[0] = str(write.say("column.code"))
    table = html_table(write.caption("request.caption.sources"), header, rows)
    return _part("sources", table, write)


def _signature(write: Writer) -> Markup:
    say = write.say
    return Markup(
        '<div class="signature"><p><em>{}</em><br>– {}<br>– {}</p>'
        "<p><strong>{}</strong><br><em>{}</em></p></div>"
    ).format(
        *(
            say(f"request.signature.{name}")
            for name in ("receivers", "above", "filed", "supplier", "signed")
        )
    )


def _part(name: str, body: Markup, write: Writer) -> Markup:
    return Markup('<section id="part-{}"><h2>{}</h2>{}</section>').format(
        name, write.say(f"request.heading.{name}"), body
    )


def _place(code: str, findings: Findings, today: Mapping[str, str | None], write: Writer) -> str:
    return data_request.place_of(code, findings.names[code], today, write)


def _source(row: Mapping[str, Any], write: Writer) -> str:
    if pd.isna(row["paragraph"]):
        return str(row["source"])
    paragraph = write.number(row["paragraph"])
    return str(write.say("request.line.paragraph", source=row["source"], paragraph=paragraph))


def _columns(write: Writer, *names: str) -> list[str]:
    return [str(write.say(f"request.column.{name}")) for name in names]


def _lower(name: str) -> str:
    """Begin a unit's name with its kind in lower case, as inside a sentence."""
    return name[:1].lower() + name[1:]
