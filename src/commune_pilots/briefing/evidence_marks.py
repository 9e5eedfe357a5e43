"""The evidence map in words and marks, as the list of briefings and its own page show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from markupsafe import Markup

from commune_pilots.briefing.evidence_map import EvidenceMap, by_province
from commune_pilots.briefing.places import plain_name
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, listed
from commune_pilots.effects.coverage import map_evidence
from commune_pilots.vocabulary import Evidence, Pillar

CLASSES: tuple[Evidence, ...] = get_args(Evidence)
PILLARS: tuple[Pillar, ...] = get_args(Pillar)
# Filled where a figure is printed, hollow where none is: the map reads without colour.
MARKS: Mapping[str, str] = {
    "before_after": "◆",
    "after_only": "▲",
    "level": "■",
    "target": "◇",
    "none": "○",
}
_MOST_MARKS = 12
_MOST_NAMED = 12


def finding(found: EvidenceMap, write: Writer) -> Markup:
    """Say how many are named, how many have no figure and how many a pair; or that none is."""
    entries = found.entries
    if entries.empty:
        return write.say("evidence_page.empty")
    classes = entries["evidence"].value_counts()
    return write.say(
        "evidence_page.lead",
        total=write.number(len(entries)),
        provinces=write.number(entries["province"].nunique()),
        bare=write.number(classes.get("none", 0)),
        pairs=write.number(classes.get("before_after", 0)),
    )


def warnings(found: EvidenceMap, write: Writer) -> list[Markup]:
    """Name what the map leaves out or cannot settle; nothing where there is nothing."""
    named = {"left_out": found.left_out, "differing": found.differing}
    return [
        Markup('<p class="warn">{}</p>').format(
            write.say(
                f"evidence_page.{kind}", count=write.number(len(names)), names=few(names, write)
            )
        )
        for kind, names in named.items()
        if names
    ]


def few(names: Sequence[str], write: Writer) -> Markup:
    """List the first names and count the rest."""
    shown: list[Markup | str] = list(names[:_MOST_NAMED])
    if rest := len(names) - len(shown):
        shown.append(write.say("evidence_page.more", count=write.number(rest)))
    return listed(shown)


def marks_of(counts: Mapping[Any, int]) -> Markup:
    """Draw one mark an intervention, class by class, of each as many as fit a cell."""
    drawn = "".join(
        MARKS[name] * min(count, _MOST_MARKS) + ("…" if count > _MOST_MARKS else "")
        for name, count in counts.items()
    )
    return Markup('<span class="marks" aria-hidden="true">{}</span>').format(drawn)


def picture(found: EvidenceMap, write: Writer, *, page: str) -> Markup:
    """Draw the map small enough for a phone: provinces by pillars, one mark an intervention.

    Screen readers get the counts in words. Each province leads to its part of `page`.
    """
    rows = [
        Row(
            cells=[
                Markup('<a href="{}#{}">{}</a>').format(
                    page, anchor_of_province(of["province"].iloc[0]), plain_name(name)
                ),
                *(_cell(counts, write) for counts in map_evidence(of).to_dict("index").values()),
            ]
        )
        for name, of in by_province(found.entries)
    ]
    header = [
        str(write.say("evidence_page.column.province")),
        *(write.term("pillar", pillar) for pillar in PILLARS),
    ]
    return html_table(write.say("evidence_page.caption.picture"), header, rows)


def legend(found: EvidenceMap, write: Writer) -> Markup:
    """List the marks, what each stands for and how many there are."""
    classes = found.entries["evidence"].value_counts()
    items = Markup("").join(
        Markup("<li>{} {}</li>").format(
            marks_of({name: 1}), _classed(name, classes.get(name, 0), write)
        )
        for name in CLASSES
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def anchor_of_province(code: object) -> str:
    """Name the part of the evidence page about one province."""
    return f"p-{code}"


def _classed(name: str, count: int, write: Writer) -> Markup:
    shown = write.term("evidence", name)
    return write.say("evidence_page.classed", name=shown, count=write.number(count))


def _cell(counts: Mapping[Any, int], write: Writer) -> Markup:
    """Set the marks of every class side by side, and the counts in words for who hears them."""
    words: list[Markup | str] = [
        _classed(name, count, write) for name, count in counts.items() if count
    ]
    if not words:
        return Markup('<span class="no">{}</span>').format(write.number(0))
    return Markup('{}<span class="told">{}</span>').format(marks_of(counts), listed(words))
