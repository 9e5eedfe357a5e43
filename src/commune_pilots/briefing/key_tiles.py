"""The key figures under the headline: three or four tiles, none of which counts nothing."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots.briefing import comparison, strength
from commune_pilots.briefing.assumed import marked
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.wording import Writer

LEAST_TILES, MOST_TILES = 3, 4


def key_tiles(findings: Findings, write: Writer) -> list[Markup]:
    """Give up to four key figures, each with its denominator or the words that it is unknown.

    A kind of figure or measure that the run has none of gets no tile.
    """
    led = [_tile(*comparison.tile_of(findings, row)) for row in findings.primary[:1]]
    if findings.contrasts:
        pairs = findings.contrasts[: MOST_TILES - len(led)]
        tiles = led + [_contrast_tile(findings, contrast, write) for contrast in pairs]
        if len(tiles) < LEAST_TILES:
            verdict = findings.verdict
            covered = f"{verdict['units_with_contrast']}/{verdict['units_piloted']}"
            tiles.append(_tile(covered, write.say("tile.covered"), write.say("tile.covered_note")))
        return tiles
    tiles = [*led]
    if findings.printed_figures:
        count = write.number(findings.printed_figures)
        tiles.append(_tile(count, write.say("tile.figures"), write.say("tile.figures_note")))
    elif (counted := findings.months_counted)["counts"]:
        note = write.say("tile.months_note", **counted)
        tiles.append(_tile(write.number(counted["counts"]), write.say("tile.months"), note))
    tiles.append(_tile(write.number(0), write.say("tile.pairs"), write.say("tile.pairs_note")))
    if measures := findings.interventions:
        note = write.say("tile.interventions_note", bare=findings.bare)
        tiles.append(_tile(write.number(len(measures)), write.say("tile.interventions"), note))
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
