"""Annexes A, B, D, E and F: method, data tables, glossary, units, and every figure's source.

Annex C, the provenance, is written by the export, which alone knows the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing import (
    comparison_annex,
    monthly,
    options,
    predicted,
    scorecards,
    stages,
    strength,
)
from commune_pilots.briefing.assumed import assumptions_table, marked
from commune_pilots.briefing.blocks import Block
from commune_pilots.briefing.charts import shown_of
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.origins import traced
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of
from commune_pilots.effects.coverage import map_evidence
from commune_pilots.sources.cells import PATH
from commune_pilots.sources.study import study_sources
from commune_pilots.vocabulary import Evidence, Pillar

_GLOSSARY = (
    "online_share", "points", "contrast", "comparison", "saturated", "p_value", "worst_case",
    "design_effect",
)  # fmt: skip


def method_annex(findings: Findings) -> Block:
    """Annex A: rounding, unknown denominators, grades and the rule of recommendation."""
    write = findings.writer()
    run = findings.run
    certified = all(row["certified"] for row in findings.contrasts)
    paragraphs = [
        write.say("method.one"),
        write.say(
            "method.two",
            rounding=write.term("rounding", run.rounding),
            least=write.number(run.least_dossiers),
            alpha=write.number(run.alpha, decimals=2),
            certificate=write.say(f"method.{'certified' if certified else 'capped'}"),
        ),
        write.say("method.three"),
        write.say("method.next"),
        write.say("method.four", **options.thresholds(findings, write)),
    ]
    body = Markup("").join(Markup("<p>{}</p>").format(text) for text in paragraphs)
    reasons = Markup("").join(
        Markup("<li>{}: {}</li>").format(row["unit_name"], write.term("reason", row["reason"]))
        for row in findings.pairs
    )
    if findings.contrasts:
        body += Markup("<p>{}</p><ul>{}</ul>").format(
            write.say("method.reasons") + shown_of(findings, write), reasons
        )
    return _annex(
        "method",
        write,
        body + strength.ladder_table(findings, write) + assumptions_table(findings, write),
    )


def data_annex(findings: Findings) -> Block:
    """Annex B: contrasts, levels, rival explanations, evidence map, what to collect."""
    write = findings.writer()
    tables = [
        traced(_levels(findings, write), "levels"),
        traced(_evidence(findings, write), "interventions"),
        traced(scorecards.targets_table(findings, write), "targets"),
        traced(_context(findings, write), "observations"),
        traced(_collect(findings, write), "interventions"),
    ]
    if findings.contrasts:
        tables = [
            traced(_contrasts(findings, write), "contrasts"),
            traced(strength.worst_table(findings, write), "contrasts"),
            traced(strength.floors_table(findings, write), "floors"),
            traced(strength.alternatives_table(findings, write), "alternatives"),
            traced(strength.counted_table(findings, write), "counted"),
            *tables[:1],
            traced(_checks(findings, write), "checks"),
            traced(strength.sizes_table(findings, write), "sensitivities"),
            *(Markup(figure._repr_html_()) for figure in strength.tipping_figures(findings, write)),
            *tables[1:],
        ]
    tables += [
        traced(options.stress_table(findings, write), "stress"),
        traced(predicted.pooled_table(findings, write), "pooled"),
        traced(stages.economics_table(findings, write), "economics"),
        traced(stages.outlook_table(findings, write), "outlook"),
        traced(monthly.series_table(findings, write), "series"),
        *comparison_annex.effects_tables(findings, write),
    ]
    note = Markup("<p>{}</p>").format(write.say("computed_note"))
    return _annex("data", write, note + Markup("").join(tables))


def glossary_annex(findings: Findings) -> Block:
    """Annex D: the words a reader may not know."""
    write = findings.writer()
    terms = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(
            write.say(f"glossary.{name}_term"), write.say(f"glossary.{name}_text")
        )
        for name in _GLOSSARY
    )
    return _annex("glossary", write, Markup("<dl>{}</dl>").format(terms))


def units_annex(findings: Findings) -> Block:
    """Annex E: every unit the figures name, with its successor after 1 July 2025."""
    write = findings.writer()
    units = findings["units"]
    named = {row["unit"] for row in findings.own} | {row["unit"] for row in findings.pilots}
    old = units[units["code"].isin(named) & (units["valid_from"].isna())]
    later = units[units["valid_to"].isna()].drop_duplicates("code", keep="last")
    names = dict(zip(later["code"], later["name"], strict=True))
    rows = [
        Row(
            cells=[
                unit["name"],
                unit["code"],
                f"{names.get(unit['successor'], '')} ({unit['successor']})"
                if pd.notna(unit["successor"])
                else _remains(unit),
                unit["resolution"] if pd.notna(unit["resolution"]) else "–",
            ]
        )
        for unit in old.to_dict("records")
    ]
    header = header_of(write, "old_unit", "code", "new_unit", "resolution")
    table = traced(html_table(write.caption("caption.units"), header, rows), "units")
    return _annex("units", write, table)


def sources_annex(findings: Findings) -> Block:
    """Annex F: every figure with source, paragraph and row; then the sources themselves."""
    write = findings.writer()
    figures = traced(_figures(findings, write), "observations")
    return _annex("sources", write, figures + traced(_sources(findings, write), "sources"))


def all_annexes(findings: Findings) -> Block:
    """Annexes A, B, D, E and F in one block."""
    annexes = (method_annex, data_annex, glossary_annex, units_annex, sources_annex)
    return Block(Markup("").join(annex(findings).html for annex in annexes))


def _contrasts(findings: Findings, write: Writer) -> Markup:
    rows = []
    for row in findings.contrasts:
        indicator = findings.indicators[row["indicator"]]
        gap = write.gap(row) or write.say("value.missing")
        change = write.number(row["change"], decimals=int(row["change_decimals"]))
        if row["change_bound"] != "exact":
            change = str(write.say(f"value.{row['change_bound']}", value=change))
        rows.append(
            Row(
                anchor=row["contrast"],
                cells=[
                    f"{row['unit_name']}: {write.label(indicator)}",
                    Markup("{} → {}").format(
                        *(
                            write.figure(findings.figures[row[f"{side}_observation"]], indicator)
                            for side in ("before", "after")
                        )
                    ),
                    change,
                    gap,
                    write.say(f"denominators.{row['denominators']}"),
                    write.term("grade", row["grade"]),
                ],
            )
        )
    header = header_of(write, "unit", "after", "change", "gap", "denominators", "grade")
    before_after = f"{write.say('column.before')} → {str(write.say('column.after')).lower()}"
    header[1] = before_after
    header[2], header[3] = (
        marked(header[at], write, quantity) for at, quantity in ((2, "change"), (3, "gap_closed"))
    )
    table = html_table(write.caption("caption.contrasts"), header, rows, numeric=(2, 3))
    return Markup('<div id="t-contrasts">{}</div>').format(table)


def _levels(findings: Findings, write: Writer) -> Markup:
    rows = []
    for row in findings.levels:
        indicator = findings.indicators[row["indicator"]]
        definition = indicator.definitions[row["definition"]]
        remarks = []
        if row["saturated"]:
            remarks.append(write.say("remark.saturated"))
        elif row["qualifier"] != "exact":
            remarks.append(write.say("remark.bound"))
        if pd.notna(row["denominator_low"]):
            remarks.append(
                write.say(
                    "remark.implied",
                    low=write.number(row["denominator_low"]),
                    high=write.number(row["denominator_high"]),
                )
            )
        where = write.where(row, row["unit_name"])
        rows.append(
            Row(
                cells=[
                    write.label(indicator, start=True),
                    where,
                    write.figure(findings.figures[row["observation"]], indicator),
                    getattr(definition, write.language),
                    Markup("; ").join(remarks) or "–",
                ]
            )
        )
    header = header_of(write, "indicator", "unit", "value", "definition", "remark")
    table = html_table(write.caption("caption.levels"), header, rows, numeric=(2,))
    return Markup('<div id="t-levels">{}</div>').format(table)


def _checks(findings: Findings, write: Writer) -> Markup:
    named = {row["contrast"]: row["unit_name"] for row in findings.pairs}
    rows = []
    checks = findings["checks"]
    for row in checks[checks["contrast"].isin(named)].to_dict("records"):
        value = _size(row, write)
        rows.append(
            Row(
                cells=[
                    write.say(f"check.{row['check']}"),
                    named[row["contrast"]],
                    write.term("outcome", row["outcome"]),
                    write.say(f"check_size.{row['check']}", value=value),
                ]
            )
        )
    header = header_of(write, "rival", "unit", "outcome", "size")
    return html_table(write.caption("caption.checks") + shown_of(findings, write), header, rows)


def _size(row: Mapping[Any, Any], write: Writer) -> str:
    """Write a check's statistic; a p-value is written as one."""
    if pd.isna(row["statistic"]):
        return str(write.say("size.undefined"))
    if row["check"] in ("denominators", "rounding"):
        return write.p_value(row["statistic"])
    return write.number(row["statistic"], decimals=int(row["decimals"]))


def _evidence(findings: Findings, write: Writer) -> Markup:
    counts = map_evidence(findings["interventions"])
    header = header_of(write, "pillar")
    header += [write.term("evidence", name) for name in get_args(Evidence)]
    rows = [
        Row(
            cells=[
                write.term("pillar", pillar),
                *(write.number(count) for count in counts.loc[pillar]),
            ]
        )
        for pillar in get_args(Pillar)
    ]
    table = html_table(write.caption("caption.evidence"), header, rows, numeric=range(1, 6))
    return Markup('<div id="t-evidence">{}</div>').format(table)


def _context(findings: Findings, write: Writer) -> Markup:
    """Set national figures out by definition: no two rows of one line unless it is the same one."""
    rows = []
    for row in sorted(findings.context, key=lambda row: (row["indicator"], row["definition"])):
        indicator = findings.indicators[row["indicator"]]
        definition = getattr(indicator.definitions[row["definition"]], write.language)
        cells = [
            write.label(indicator, start=True),
            definition,
            _period(row, write),
            write.figure(row, indicator, link=False),
            _place(row, write),
            _row(row, write),
        ]
        rows.append(Row(anchor=f"o-{row['observation']}", cells=cells))
    header = header_of(write, "indicator", "definition", "period", "value", "source", "row")
    return (
        html_table(write.caption("caption.context"), header, rows, numeric=(3, 5))
        if rows
        else Markup()
    )


def _collect(findings: Findings, write: Writer) -> Markup:
    rows = [
        Row(
            cells=[
                write.of(row, "name"),
                write.term("pillar", row["pillar"]),
                write.term("evidence", row["evidence"]),
                write.of(row, "need"),
                _place(row, write),
            ]
        )
        for row in findings.interventions
    ]
    header = header_of(write, "intervention", "pillar", "evidence", "need", "source")
    table = html_table(write.caption("collect_caption"), header, rows)
    return Markup("<h3>{}</h3>{}").format(write.say("heading.collect"), table)


def _figures(findings: Findings, write: Writer) -> Markup:
    rows = []
    for row in findings.figures.values():
        if row["scope"] == "country":
            continue  # table B5 has them, each under its definition
        indicator = findings.indicators[row["indicator"]]
        where = write.where(row, findings.names[row["unit"]])
        rows.append(
            Row(
                anchor=f"o-{row['observation']}",
                cells=[
                    f"{write.label(indicator, start=True)}, {where}",
                    write.figure(row, indicator, link=False),
                    row["printed"] if pd.notna(row["printed"]) else "–",
                    _period(row, write),
                    _place(row, write),
                    _row(row, write),
                ],
            )
        )
    header = header_of(write, "indicator", "value", "printed", "period", "source", "row")
    studied = bool(study_sources(findings["sources"]))
    caption = write.caption("caption.figures_study" if studied else "caption.figures")
    return html_table(caption, header, rows, numeric=(1, 2, 5))


def _sources(findings: Findings, write: Writer) -> Markup:
    rows = []
    studied = study_sources(findings["sources"])
    for row in findings["sources"].to_dict("records"):
        rows.append(
            Row(
                anchor=f"s-{row['source']}",
                cells=[
                    row["source"],
                    Markup('<span lang="{}">{}</span>').format(
                        "vi" if row["source"] in studied else "en", row["title_short"]
                    ),
                    row["publisher"] if pd.notna(row["publisher"]) else "–",
                    write.day(row["published"]),
                    row["text_sha256"][:16] if pd.notna(row["text_sha256"]) else "–",
                ],
            )
        )
    header = header_of(write, "source", "content", "publisher", "published", "hash")
    return html_table(write.caption("caption.sources"), header, rows)


def _place(row: Mapping[str, Any], write: Writer) -> Markup:
    paragraph = "" if pd.isna(row["paragraph"]) else f", {write.number(row['paragraph'])}"
    return Markup('<a href="#s-{}">{}</a>{}').format(row["source"], row["source"], paragraph)


def _row(row: Mapping[str, Any], write: Writer) -> str:
    """Tell the row of a figure, with workbook and sheet where a person filled it in."""
    file, _, sheet = str(row["file"]).partition(PATH)
    place = [file.rpartition("/")[2], sheet] if sheet else []
    return ", ".join([*place, write.number(row["row"])])


def _period(row: Mapping[str, Any], write: Writer) -> str:
    return write.period(row, "period_start", "period_end") or str(write.say("value.undated"))


def _remains(unit: Mapping[Any, Any]) -> str:
    """A unit that was not merged keeps its name; a district has no successor."""
    return str(unit["name"]) if pd.isna(unit["valid_to"]) else "–"


def _annex(name: str, write: Writer, body: Markup) -> Block:
    return Block(
        Markup('<section class="annex" id="annex-{}"><h2>{}</h2>{}</section>').format(
            name, write.say(f"heading.annex_{name}"), body
        )
    )
