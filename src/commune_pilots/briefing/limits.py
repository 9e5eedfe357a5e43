"""Limitations of a briefing, chosen from its checks: the most damaging first, five at most."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from markupsafe import Markup

from commune_pilots.briefing.comparison import kind_of, limit
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.strength import (
    counts_of,
    denominators_sentence,
    floor_needed,
    size_anchor,
)
from commune_pilots.briefing.wording import Writer, inside, linked

MOST = 5


def worst_first(findings: Findings, write: Writer) -> list[Markup]:
    """Word the limitations of contrasts, or of figures that stand alone where none exists."""
    found = _of_contrasts if findings.contrasts else _of_levels
    compared = (limit(findings, row, write) for row in findings.primary[:1])
    return list(chain(compared, found(findings, write)))[:MOST]


def _of_contrasts(findings: Findings, write: Writer) -> Iterator[Markup]:
    first = findings.contrasts[0]
    contrast = first["contrast"]
    alone = not any(kind_of(row) == "communes" for row in findings.primary)
    if alone and findings.check(contrast, "comparison_units")["outcome"] == "failed":
        national = findings.check(contrast, "common_trend")["reference"]
        values = {"unit": inside(first["unit_name"]), "change": write.change(first)}
        if isinstance(national, str):
            row = findings.figures[national]
            shown = write.figure(row, findings.indicators[row["indicator"]])
            yield write.say("limit.comparison_units", **values, national=shown)
        else:
            yield write.say("limit.comparison_units_plain", **values)
    decisive = [row for row in findings.contrasts if row["denominators"] == "decisive"]
    for row in decisive[:1]:
        if row["design"] == "before_after_with_n":
            sentence = denominators_sentence(findings, row, write)
            yield write.say("limit.chance", unit=row["unit_name"], sentence=sentence)
            continue
        pair = write.say("worst.pair", **counts_of(row, write, start="worst_"))
        yield write.say(
            "limit.denominators",
            unit=inside(row["unit_name"]),
            pair=linked(pair, row["contrast"]),
            floor=floor_needed(row, write),
        )
    unreported = findings.check(contrast, "selective_reporting")
    if unreported["outcome"] == "failed":
        piloted = findings.verdict["units_piloted"]
        missing = int(unreported["statistic"])
        yield write.say(
            "limit.selective_reporting",
            with_pair=piloted - missing,
            piloted=piloted,
            missing=missing,
            overall=linked(
                write.points(
                    findings.size(contrast, "selective_reporting", "nothing"),
                    decimals=int(first["change_decimals"]),
                ),
                size_anchor("selective_reporting", "nothing"),
            ),
            label=write.label(findings.indicators[first["indicator"]]),
        )
    assisted = findings.check(contrast, "assisted_filing")
    if assisted["outcome"] == "failed":
        share = write.percent(assisted["statistic"], decimals=int(assisted["decimals"]))
        yield write.say(
            "limit.assisted_filing", unit=inside(first["unit_name"]), share=linked(share, contrast)
        )
    if findings.rival_events:
        names = [
            f"{write.of(event, 'name')}, {write.period(event, 'date_start', 'date_end')}"
            for event in findings.rival_events
        ]
        yield write.say("limit.other_measures", events="; ".join(names))
    if findings.check(contrast, "dated_periods")["outcome"] == "failed":
        yield write.say("limit.dated_periods")
    if first["denominators"] == "decided":
        bears = linked(write.number(first["design_effect"], decimals=1), contrast)
        yield write.say("limit.dependence", unit=inside(first["unit_name"]), bears=bears)


def _of_levels(findings: Findings, write: Writer) -> Iterator[Markup]:
    yield write.say("limit.no_pair")
    kinds = [findings.indicators[row["indicator"]].unit for row in findings.own]
    roles = [row["role"] for row in findings.own]
    level_units = [kind for kind, role in zip(kinds, roles, strict=True) if role == "level"]
    counted = {
        "limit.targets_without_number": int(
            (findings["targets"]["attainment"] == "no_target").sum()
        ),
        "limit.counts_of_supply": level_units.count("count"),
        "limit.ranks": roles.count("rank"),
        "limit.populations": level_units.count("percent"),
    }
    for key, count in counted.items():
        if count:
            yield write.say(key, count=count)
