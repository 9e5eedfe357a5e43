"""The body of the briefing, in its fixed order: head, done, results, certainty, limits, advice.

Each function takes the findings and returns one block that the notebook shows and the export keeps.
"""

from __future__ import annotations

from datetime import date
from itertools import dropwhile
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import numerals
from commune_pilots.briefing import (
    attained,
    comparison,
    comparison_annex,
    limits,
    monthly,
    predicted,
    scorecards,
    strength,
)
from commune_pilots.briefing.assumed import marked
from commune_pilots.briefing.blocks import Block, section, shown
from commune_pilots.briefing.changes_annex import since_sentence
from commune_pilots.briefing.charts import CHANGE_KEY, map_figure, results_figures
from commune_pilots.briefing.comparison_figures import comparison_figures
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.key_tiles import key_tiles
from commune_pilots.briefing.origins import traced
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, inside, linked, spaced

MOST_IN_TITLE = 90
MOST_DONE = 90  # words of "what was done"; measures are named as far as they fit
_NAMED = 4


def head(findings: Findings) -> Block:
    """Compose bar, headline finding, conclusion, recommendation and key figures."""
    write = findings.writer()
    when = date.fromisoformat(findings.run.briefing_date)
    simulated = findings.run.data == "simulated"
    status = "simulated" if simulated else findings.run.status
    bar = write.say(
        "bar_date",
        date=numerals.day(when, "vi", style="long"),
        status=write.term("status", status),
    )
    warning = Markup('<p class="warn">{}</p>').format(write.say("simulated_note"))
    return Block(
        Markup(
            '<header><p class="bar">{body}<br>{bar}</p>{warning}<h1>{title}</h1></header>'
            '<section class="box" id="main"><p><strong>{conclusion_word}.</strong> {conclusion}</p>'
            "<p><strong>{advice_word}.</strong> {advice} {asked}</p></section>"
            '<div class="tiles">{tiles}</div>'
        ).format(
            body=write.say("bar", body=findings.body_today),
            bar=bar,
            warning=warning if simulated else "",
            title=title(findings, write),
            conclusion_word=write.say("heading.conclusion"),
            conclusion=conclusion(findings, write),
            advice_word=write.say("heading.advice"),
            advice=_advice(findings, write),
            asked=_asked(findings, write),
            tiles=Markup("").join(key_tiles(findings, write)),
        )
    )


def title(findings: Findings, write: Writer) -> Markup:
    """Say the finding in one sentence with its two numbers, at most 90 characters.

    A design that compares leads. The indicator's name is left to the first line below where it
    would not fit.
    """
    for row in findings.primary[:1]:
        return comparison.title(findings, row, write.language, most=MOST_IN_TITLE)
    if not findings.contrasts:
        return write.say(
            "title_none",
            province=findings.province,
            figures=findings.printed_figures,
            pairs=len(findings.contrasts),
        )
    first = findings.contrasts[0]
    indicator = findings.indicators[first["indicator"]]
    values = {
        "unit": first["unit_name"],
        "before": write.figure(
            findings.figures[first["before_observation"]], indicator, link=False
        ),
        "after": write.figure(findings.figures[first["after_observation"]], indicator, link=False),
    }
    full = write.say("title_change", label=write.label(indicator), **values)
    if len(full.unescape()) <= MOST_IN_TITLE:
        return full
    return write.say("title_change_short", **values)


def conclusion(findings: Findings, write: Writer) -> Markup:
    """Conclude in at most two sentences, no stronger than the grade; a comparison leads."""
    for row in findings.primary[:1]:
        told = comparison.sentence(findings, row, write.language)
        return told + spaced(write.say("effects.basis"))
    if not findings.contrasts:
        return write.say("conclusion.none", figures=findings.printed_figures)
    rest = len(findings.contrasts) - findings.decided
    said = "change_all" if not rest else "change" if findings.decided else "change_none"
    return write.say(
        f"conclusion.{said}",
        decided=findings.decided,
        total=len(findings.contrasts),
        rest=rest,
        grade=write.term("grade", findings.grade),
    )


def what_was_done(findings: Findings) -> Block:
    """Say what was piloted, where, since when, and on what sources the page rests."""
    write = findings.writer()
    told = [_done(findings, write, named=count) for count in range(_NAMED, 0, -1)]
    fitting = [text for text in told if len(text.striptags().split()) <= MOST_DONE]
    return section("done", write, Markup("<p>{}</p>").format((fitting or told[-1:])[0]))


def _done(findings: Findings, write: Writer, *, named: int) -> Markup:
    """Word what was done, with so many measures by name; not the pilot itself, not a mere aim."""
    names = [inside(findings.names[pilot["unit"]]) for pilot in findings.pilots]
    parts = (
        [
            write.say("done.pilots", count=len(names), names=", ".join(names)),
            _opened(findings, write),
        ]
        if names
        else [write.say("done.no_pilots")]
    )
    measures = findings.interventions
    done = [row for row in measures if row["evidence"] not in ("before_after", "target")]
    some = [write.of(row, "name") for row in (done or measures)[:named]]
    basis = "simulated" if findings.run.data == "simulated" else "sources"
    parts += [
        write.say("done.interventions", count=len(measures), names="; ".join(some))
        if measures
        else write.say("done.no_interventions"),
        write.say(f"done.{basis}", count=len(findings.sources), context=findings.context_sources),
        *since_sentence(findings, write),
    ]
    return Markup(" ").join(parts)


def results(findings: Findings) -> Block:
    """Show the contrasts in points, what is covered, the levels and the targets."""
    write = findings.writer()
    figures = results_figures(findings, write)
    changes = [figure for figure in figures if figure.key.startswith(CHANGE_KEY)]
    others = [figure for figure in figures if not figure.key.startswith(CHANGE_KEY)]
    lines = [
        Markup("<li>{}</li>").format(change_line(findings, contrast, write))
        for contrast in findings.pairs
    ]
    parts = [comparison.heading(findings, write)]
    parts += [shown(figure) for figure in comparison_figures(findings, write)]
    parts += [comparison.lines(findings, write), *comparison.designs_tables(findings, write)]
    parts += [shown(figure) for figure in changes]
    if lines:
        parts.append(Markup("<ul>{}</ul>").format(Markup("").join(lines)))
    parts += [shown(figure) for figure in attained.gap_figures(findings, write)]
    parts += [shown(figure) for figure in monthly.run_figures(findings, write)]
    if len(findings["coverage"]):
        parts.append(traced(scorecards.coverage_table(findings, write), "coverage"))
    parts += [shown(figure) for figure in others]
    parts += [
        traced(scorecards.counts_table(findings, write), "levels"),
        *(shown(figure) for figure in attained.target_figures(findings, write)),
    ]
    return section("results", write, Markup("").join(parts))


def change_line(findings: Findings, contrast: dict[str, Any], write: Writer) -> Markup:
    """Say one contrast: both ends, difference in points, gap closed, standing of unknown n."""
    return write.say(
        "change_line",
        **_ends(findings, contrast, write),
        gap=gap_sentence(contrast, write),
        denominators=strength.denominators_sentence(findings, contrast, write),
    )


def _first_change(findings: Findings, contrast: dict[str, Any], write: Writer) -> Markup:
    """Say one contrast as short as it can be said."""
    return write.say("english.first", **_ends(findings, contrast, write))


def _ends(findings: Findings, contrast: dict[str, Any], write: Writer) -> dict[str, object]:
    indicator = findings.indicators[contrast["indicator"]]
    return {
        "unit": contrast["unit_name"],
        "before": write.figure(findings.figures[contrast["before_observation"]], indicator),
        "after": write.figure(findings.figures[contrast["after_observation"]], indicator),
        "change": marked(write.change(contrast), write, "change"),
    }


def gap_sentence(contrast: dict[str, Any], write: Writer) -> Markup:
    """Say what share of the distance to 100 was closed, to the digits rounding leaves."""
    share = write.gap(contrast)
    if share is None:
        return write.say("gap_unknown")
    shown = linked(share, contrast["contrast"])
    return write.say("gap_closed", gap=marked(shown, write, "gap_closed"))


def certainty(findings: Findings) -> Block:
    """Answer three separate questions: did it rise, was it the pilot, would it elsewhere."""
    write = findings.writer()
    grade = {name: write.term("grade", name) for name in ("none", findings.grade)}
    pairs = len(findings.contrasts)
    compared = int((findings["pilots"]["arm"] == "comparison").sum())
    units = findings.verdict["units_with_contrast"]
    if pairs:
        rose = write.say("certainty.rose_change", decided=findings.decided, total=pairs)
        events = len(findings.rival_events)
        caused = write.say(
            f"certainty.caused_{'compared' if compared else 'alone'}",
            comparison=compared,
            events=events,
        )
        elsewhere = write.say("certainty.elsewhere_why", units=units)
    else:
        rose, caused, elsewhere = (
            write.say(f"certainty.{name}_none") for name in ("rose", "caused", "elsewhere")
        )
        if (counted := findings.months_counted)["counts"]:
            rose = write.say("certainty.rose_months", **counted)
    told = "none"
    for row in findings.primary[:1]:
        caused = comparison.caused(findings, row, write)
        told = row["grade"] if row["answer"] == "told_apart" else "none"
    rows = [
        Row(cells=[write.say("certainty.rose"), grade[findings.grade], rose]),
        Row(
            cells=[
                write.say(
                    "certainty.caused"
                    if pairs or findings.primary
                    else "certainty.caused_none_question"
                ),
                write.term("grade", told),
                caused,
            ]
        ),
        Row(cells=[write.say("certainty.elsewhere"), grade["none"], elsewhere]),
    ]
    names = ("question", "confidence", "why")
    header = [str(write.say(f"certainty.{name}")) for name in names]
    table = html_table(write.caption("certainty.caption"), header, rows)
    parts = [
        table,
        _needed(findings, write),
        *comparison_annex.checks_tables(findings, write),
        *(shown(figure) for figure in strength.floor_figures(findings, write)),
        *(shown(figure) for figure in predicted.forest_figures(findings, write)),
        predicted.next_table(findings, write),
    ]
    return section("certainty", write, Markup("").join(parts))


def _needed(findings: Findings, write: Writer) -> Markup:
    """Say what a decision still needs; not what a comparison has already brought."""
    if findings.compared and not findings.compared_alone:
        return Markup()
    evidence: object = write.of(findings.decision, "evidence")
    if findings.compared_alone:
        evidence = _missing(findings, write)
    return Markup("<p>{}</p>").format(write.say("certainty.needed", evidence=evidence))


def limitations(findings: Findings) -> Block:
    """List three to five limitations, the most damaging first."""
    write = findings.writer()
    items = Markup("").join(
        Markup("<li>{}</li>").format(item) for item in limits.worst_first(findings, write)
    )
    drawn = shown(map_figure(findings, write)) if findings.interventions else ""
    return section("limits", write, Markup("<ul>{}</ul>{}").format(items, drawn))


def english_summary(findings: Findings) -> Block:
    """Summarise in English, from the same catalogue entries and numbers."""
    write = findings.writer("en")
    body = findings.body_today.split()
    place = " ".join(dropwhile(str.islower, body[1:]))
    parts = [
        write.say(
            "english.opening",
            decider=write.of(findings.decision, "decider"),
            now=spaced(write.say("english.now", place=place)) if _moved(findings) else "",
            question=inside(write.of(findings.decision, "question")),
        ),
        conclusion(findings, write),
        *(_first_change(findings, row, write) for row in findings.pairs[: not findings.primary]),
        *([write.say("english.levels", count=len(findings.levels))] if findings.levels else []),
        write.say("english.advice", advice=_advice(findings, write)),
        write.say("english.limits"),
    ]
    return Block(
        Markup('<section lang="en" id="english"><h2>{}</h2><p>{}</p></section>').format(
            write.say("heading.english"), Markup(" ").join(parts)
        )
    )


def _advice(findings: Findings, write: Writer) -> Markup:
    """Word the option; where a comparison stands beside a rule without a pair, say just that."""
    if not findings.compared_alone:
        return write.say(f"advice.{findings.verdict['option']}")
    return write.say("advice.compared", missing=_missing(findings, write))


def _missing(findings: Findings, write: Writer) -> Markup:
    """Name what the rule still lacks: pairs, and a target with a number where there is none."""
    numbered = (findings["targets"]["attainment"] != "no_target").any()
    return write.say(f"advice.missing_{'pairs' if numbered else 'both'}")


def _asked(findings: Findings, write: Writer) -> Markup:
    """Ask the body of today for the decision, and name the body of the source where it is gone."""
    decider = write.of(findings.decision, "decider")
    named = spaced(write.say("advice.named", decider=decider)) if _moved(findings) else ""
    question = inside(write.of(findings.decision, "question"))
    first = findings.verdict["option"] == "prepare" and not findings.compared_alone
    asked = "asked_first" if first else "asked"
    return write.say(f"advice.{asked}", question=question, body=findings.body_today, named=named)


def _moved(findings: Findings) -> bool:
    """Say whether another body decides today than the one that the source names."""
    named = findings.decision["decider_vi"]
    return findings.run.data == "press" and findings.body_today not in named


def _opened(findings: Findings, write: Writer) -> Markup:
    """Say when the pilot communes began: one date, or from the first to the last, of how many."""
    known = [row for row in findings.pilots if pd.notna(row["opened"])]
    if not known:
        return write.say("done.opened_unknown")
    known.sort(key=lambda row: row["opened"])
    total, precisions = len(findings.pilots), {row["opened_precision"] for row in known}
    if len(known) == total and precisions == {"year"} and known[0]["opened"] == known[-1]["opened"]:
        return write.say("done.opened_year", year=known[0]["opened"].year)
    first, last = (_start(row, write) for row in (known[0], known[-1]))
    span = first if first == last else write.say("done.opened_span", first=first, last=last)
    if len(known) == total:
        return write.say("done.opened_day", day=span)
    return write.say("done.opened_some", day=span, known=len(known), total=total)


def _start(pilot: dict[str, Any], write: Writer) -> str:
    """Name a start as finely as it is known: a day, a month, or a year."""
    opened, precision = pilot["opened"], pilot["opened_precision"]
    if precision == "day":
        return numerals.day(opened.date(), write.language)
    if precision == "year":
        return str(opened.year)
    first = opened.replace(day=1)
    return numerals.period(first.date(), (first + pd.offsets.MonthEnd(0)).date(), write.language)
