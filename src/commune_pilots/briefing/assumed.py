"""Assumptions on the page: the red ones marked beside a number, and the table of all it assumes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from commune_pilots import assumptions
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of, listed

# Numbers that the page takes from a table of their own: table and columns.
_OWN_TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "support": ("projections", ("support",)),
    "gain": ("projections", ("gain_low", "gain_high")),
    "distance": ("projections", ("distance",)),
    "power": ("stages", ("power",)),
    "detectable": ("stages", ("detectable",)),
    "expected_share": ("outlook", ("expected",)),
    "months_outside": ("series", ("side",)),
}
# What a page shows of candidates and stages where the option has any, and nowhere else.
_OF_STAGES = ("power", "detectable", "support", "distance", "gain", "expected_share")
_TITLED = re.compile(r'(<a class="red" )(href="[^"]*") title="[^"]*"')
_NUMBERS = ("value", "low", "high")


def marks(write: Writer, quantity: str) -> Markup:
    """Mark the red assumptions that a number rests on: one small link each, or nothing.

    The links lead to the rows of `assumptions_table`; a page with marks needs that table. The
    first is tied to the number by a space that does not break. Raises KeyError for a quantity
    that is not in the register.
    """
    return marks_of(write, assumptions.resting(quantity))


def marks_of(write: Writer, ids: Sequence[str]) -> Markup:
    """Mark the red ones of these assumptions, as `marks` does."""
    red = assumptions.red(ids)
    links = [
        Markup('<a class="red" href="#{}" title="{}">{}</a>').format(
            _anchor(one),
            write.say(
                "assumption.title",
                id=one,
                rating=write.term("rating", "red"),
                short=assumptions.load()[one].short.in_language(write.language),
            ),
            one,
        )
        for one in red
    ]
    return Markup("\u00a0") + Markup(" ").join(links) if links else Markup()


def titled_once(page: str) -> str:
    """Keep the title of each mark at its first place on a page; the link tells it everywhere."""
    told: set[str] = set()

    def kept(mark: re.Match[str]) -> str:
        first = mark[2] not in told
        told.add(mark[2])
        return mark[0] if first else f"{mark[1]}{mark[2]}"

    return _TITLED.sub(kept, page)


def marked(shown: object, write: Writer, quantity: str) -> Markup:
    """Put the marks of a quantity behind what is shown of it: a number or a column's name."""
    return Markup("{}{}").format(shown, marks(write, quantity))


def quantities_shown(findings: Findings) -> tuple[str, ...]:
    """Name the quantities of which this page has a number, each once."""
    results, pooled, economics = (findings[name] for name in ("results", "pooled", "economics"))
    known = results[results[list(_NUMBERS)].notna().any(axis=1)]
    put_together = pooled.loc[pooled["outcome"] == "pooled", "quantity"]
    own = [
        quantity
        for quantity, (table, columns) in _OWN_TABLES.items()
        if findings[table][list(columns)].notna().any(axis=None)
    ]
    named = [
        *known["quantity"],
        *(f"{kind}_{quantity}" for quantity in put_together for kind in ("pooled", "chance")),
        *own,
        *economics.loc[economics["outcome"] == "computed", "quantity"],
    ]
    hidden = () if findings.verdict["option"] == "stages" else _OF_STAGES
    return tuple(dict.fromkeys(name for name in named if name not in hidden))


def assumptions_table(findings: Findings, write: Writer) -> Markup:
    """List the assumptions that numbers of this page rest on, with rating and those numbers.

    One that the option was tested by (table stress) is listed too, and those of designs that
    compare (table effects): option and design rest on them. Every row has the anchor that `marks`
    links to. A page without a number has no table.
    """
    shown = quantities_shown(findings)
    tested = set(findings["stress"]["assumption"])
    compared = set(";".join(findings["effects"]["assumptions"]).split(";"))
    rows = []
    for one, assumption in assumptions.load().items():
        named = [
            write.term("quantity", quantity)
            for quantity in shown
            if one in assumptions.resting(quantity)
        ]
        if one in tested:
            named.append(str(write.say("assumption.tested")))
        if one in compared:
            named.append(str(write.say("effects.rests")))
        if named:
            cells = [
                one,
                assumption.sentence.in_language(write.language),
                _rating(write, assumption.rating),
                listed([*named], separator="; "),
            ]
            rows.append(Row(anchor=_anchor(one), cells=cells))
    if not rows:
        return Markup()
    header = header_of(write, "code", "assumption", "rating", "rests")
    table = html_table(write.caption("caption.assumptions"), header, rows)
    note = Markup("<p>{}</p>").format(write.say("assumption.note"))
    return Markup('<div id="t-assumptions">{}{}</div>').format(note, table)


def _anchor(assumption: str) -> str:
    return f"as-{assumption}"


def _rating(write: Writer, rating: str) -> Markup | str:
    """Word a rating; red stands out by weight too, for a reader without colours."""
    worded = write.term("rating", rating)
    return Markup("<strong>{}</strong>").format(worded) if rating == "red" else worded
