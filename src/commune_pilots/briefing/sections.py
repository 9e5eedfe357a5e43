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
from commune_pilots.briefing.origins import traced
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, inside, linked, spaced

MOST_IN_TITLE = 90
LEAST_TILES, MOST_TILES = 3, 4
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
            advice=write.say(f"advice.{findings.verdict['option']}"),
            asked=_asked(findings, write),
            tiles=Markup("").join(_tiles(findings, write)),
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
        write.say("done.interventions", count=len(measures), names="; ".join(some)),
        write.say(
            f"done.{basis}", count=len(findings.run.sources), context=findings.context_sources
        ),
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
    told = "none"
    for row in findings.primary[:1]:
        caused = comparison.caused(findings, row, write)
        told = row["grade"] if row["answer"] == "told_apart" else "none"
    rows = [
        Row(cells=[write.say("certainty.rose"), grade[findings.grade], rose]),
        Row(
            cells=[
                write.say("certainty.caused" if pairs else "certainty.caused_none_question"),
                write.term("grade", told),
                caused,
            ]
        ),
        Row(cells=[write.say("certainty.elsewhere"), grade["none"], elsewhere]),
    ]
    names = ("question", "confidence", "why")
    header = [str(write.say(f"certainty.{name}")) for name in names]
    table = html_table(write.caption("certainty.caption"), header, rows)
    needed = write.say("certainty.needed", evidence=write.of(findings.decision, "evidence"))
    parts = [
        table,
        Markup("<p>{}</p>").format(needed),
        *comparison_annex.checks_tables(findings, write),
        *(shown(figure) for figure in strength.floor_figures(findings, write)),
        *(shown(figure) for figure in predicted.forest_figures(findings, write)),
        predicted.next_table(findings, write),
    ]
    return section("certainty", write, Markup("").join(parts))


def limitations(findings: Findings) -> Block:
    """List three to five limitations, the most damaging first."""
    write = findings.writer()
    items = Markup("").join(
        Markup("<li>{}</li>").format(item) for item in limits.worst_first(findings, write)
    )
    drawn = shown(map_figure(findings, write))
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
        write.say("english.advice", advice=write.say(f"advice.{findings.verdict['option']}")),
        write.say("english.limits"),
    ]
    return Block(
        Markup('<section lang="en" id="english"><h2>{}</h2><p>{}</p></section>').format(
            write.say("heading.english"), Markup(" ").join(parts)
        )
    )


def _asked(findings: Findings, write: Writer) -> Markup:
    """Ask the body of today for the decision, and name the body of the source where it is gone."""
    decider = write.of(findings.decision, "decider")
    named = spaced(write.say("advice.named", decider=decider)) if _moved(findings) else ""
    question = inside(write.of(findings.decision, "question"))
    asked = "asked_first" if findings.verdict["option"] == "prepare" else "asked"
    return write.say(f"advice.{asked}", question=question, body=findings.body_today, named=named)


def _moved(findings: Findings) -> bool:
    """Say whether another body decides today than the one that the source names."""
    named = findings.decision["decider_vi"]
    return findings.run.data == "press" and findings.body_today not in named


def _opened(findings: Findings, write: Writer) -> Markup:
    dates = findings["pilots"][["opened", "opened_precision"]].drop_duplicates()
    if len(dates) != 1 or dates["opened"].isna().any():
        return write.say("done.opened_unknown")
    opened = dates["opened"].iloc[0]
    if dates["opened_precision"].iloc[0] == "year":
        return write.say("done.opened_year", year=opened.year)
    return write.say("done.opened_day", day=numerals.day(opened.date(), write.language))


def _tiles(findings: Findings, write: Writer) -> list[Markup]:
    """Three or four key figures, each with its denominator or the words that it is unknown."""
    led = [_tile(*comparison.tile_of(findings, row)) for row in findings.primary[:1]]
    if findings.contrasts:
        pairs = findings.contrasts[: MOST_TILES - len(led)]
        tiles = led + [_contrast_tile(findings, contrast, write) for contrast in pairs]
        if len(tiles) < LEAST_TILES:
            verdict = findings.verdict
            covered = f"{verdict['units_with_contrast']}/{verdict['units_piloted']}"
            tiles.append(_tile(covered, write.say("tile.covered"), write.say("tile.covered_note")))
        return tiles
    tiles = [
        *led,
        _tile(
            write.number(findings.printed_figures),
            write.say("tile.figures"),
            write.say("tile.figures_note"),
        ),
        _tile(write.number(0), write.say("tile.pairs"), write.say("tile.pairs_note")),
        _tile(
            write.number(len(findings.interventions)),
            write.say("tile.interventions"),
            write.say("tile.interventions_note", bare=findings.bare),
        ),
    ]
    implied = [row for row in findings.levels if pd.notna(row["denominator_low"])]
    for level in implied[:1]:
        figure = findings.figures[level["observation"]]
        shown = write.say(
            "value.between",
            low=write.number(level["denominator_low"]),
            high=write.number(level["denominator_high"]),
        )
        about = write.say(
            "tile.implied",
            count=write.number(figure["numerator"]),
            share=write.figure(figure, findings.indicators[figure["indicator"]]),
        )
        tiles.append(_tile(shown, about, write.say("tile.implied_note")))
    return tiles


def _contrast_tile(findings: Findings, contrast: dict[str, Any], write: Writer) -> Markup:
    indicator = findings.indicators[contrast["indicator"]]
    before = findings.figures[contrast["before_observation"]]
    return _tile(
        write.figure(findings.figures[contrast["after_observation"]], indicator),
        write.say("tile.after", unit=contrast["unit_name"], label=write.label(indicator)),
        write.say(
            "tile.before",
            before=write.figure(before, indicator),
            change=marked(write.change(contrast), write, "change"),
        ),
        write.say(
            "tile.counts",
            pair=write.say("worst.pair", **strength.counts_of(contrast, write, start="worst_")),
        )
        if contrast["design"] == "before_after_with_n"
        else write.say("tile.no_counts"),
    )


def _tile(value: object, *lines: object) -> Markup:
    first, *rest = lines
    small = Markup("").join(Markup("<br><small>{}</small>").format(line) for line in rest)
    return Markup('<p class="tile"><b>{}</b><br>{}{}</p>').format(value, first, small)
