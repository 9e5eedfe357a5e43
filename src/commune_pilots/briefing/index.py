"""The list of all published briefings under the evidence map: one page that needs no script."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from commune_pilots import numerals
from commune_pilots.briefing.entries import FACETS, Entry, is_simulated, label_of, values_of
from commune_pilots.briefing.evidence_map import EvidenceMap
from commune_pilots.briefing.evidence_marks import finding, legend, picture, warnings
from commune_pilots.briefing.filters import (
    css_string,
    facets_of,
    filter_form,
    filter_rules,
    rows_shown,
)
from commune_pilots.briefing.style import own_style, plain_page
from commune_pilots.briefing.wording import Writer

EVIDENCE = "evidence.html"  # the page of the evidence map, beside the list
READING = "reading.html"  # how to read a briefing, beside the list
_COLUMNS = ("finding", *FACETS, "option", "notebooks")
_STACKED = 899  # px: the widest screen on which cells stand below each other, as in index.css


def index_page(entries: Sequence[Entry], *, found: EvidenceMap) -> str:
    """Show what is measured at all, then the runs: finding, place, status, certainty, advice.

    `found` is the evidence map of the press runs; simulated runs are listed and say so.
    """
    write = Writer("vi", "none")
    style = own_style("map.css") + own_style("index.css")
    listing = [Markup("<h2>{}</h2>").format(write.say("index.list"))]
    if entries:
        facets = facets_of(entries, write)
        listing += [filter_form(facets, len(entries), write), _table(entries, write)]
        listing += [rows_shown(len(entries), write)]
        style += filter_rules(facets, write) + _named_cells(write)
    else:
        listing += [Markup("<p>{}</p>").format(write.say("index.empty")), _table(entries, write)]
    body = [
        Markup("<h1>{}</h1><p>{}</p>").format(write.say("index.title"), write.say("index.lead")),
        _ways(write),
        _map(found, write),
        Markup('<section id="list">{}</section>').format(Markup("\n").join(listing)),
    ]
    title = str(write.say("index.title").unescape())
    return plain_page(title=title, body=Markup("\n").join(body), style=style)


def _ways(write: Writer) -> Markup:
    """Lead to the list below, past the map, and to the pages beside it."""
    ways = {"#list": "index.to_list", EVIDENCE: "evidence_page.link", READING: "reading.link"}
    return Markup('<ul class="ways">{}</ul>').format(
        Markup("").join(
            Markup('<li><a href="{}">{}</a></li>').format(href, write.say(key))
            for href, key in ways.items()
        )
    )


def _map(found: EvidenceMap, write: Writer) -> Markup:
    """Put the finding of the evidence map, its picture and its marks on top of the list."""
    parts = [
        Markup("<h2>{}</h2>").format(write.say("evidence_page.title")),
        Markup("<p>{}</p>").format(finding(found, write)),
        *warnings(found, write),
    ]
    if not found.entries.empty:
        parts += [legend(found, write), picture(found, write, page=EVIDENCE)]
    return Markup('<section id="map">{}</section>').format(Markup("\n").join(parts))


def _named_cells(write: Writer) -> str:
    """Write the rules that name each cell where they stand below each other."""
    fields = "".join(
        f"#list td:nth-child({at})::before{{content:{words};content:{words} / ''}}"
        for at, name in enumerate(_COLUMNS[1:], start=2)
        for words in [css_string(write.say("index.field", name=write.say(f"index.{name}")) + " ")]
    )
    return f"@media screen and (max-width:{_STACKED}px){{{fields}}}\n"


def _table(entries: Sequence[Entry], write: Writer) -> Markup:
    """Build the table; roles keep it a table to screen readers where a phone stacks its cells."""
    head = Markup("").join(
        Markup('<th scope="col" role="columnheader">{}</th>').format(write.say(f"index.{name}"))
        for name in _COLUMNS
    )
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="{caption}">'
        '<table role="table"><caption>{caption}</caption>'
        '<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        '<tbody role="rowgroup">{body}</tbody></table></div>'
    ).format(
        caption=write.say("index.caption"),
        head=head,
        body=Markup("").join(_row(entry, write) for entry in entries),
    )


def _row(entry: Entry, write: Writer) -> Markup:
    """Build a row; it carries its value in each facet."""
    classes = " ".join(f"{name}-{value}" for name, value in values_of(entry).items())
    first, *rest = _cells(entry, write)
    return Markup(
        '<tr role="row" class="{}"><th scope="row" role="rowheader">{}</th>{}</tr>\n'
    ).format(
        classes,
        first,
        Markup("").join(Markup('<td role="cell">{}</td>').format(cell) for cell in rest),
    )


def _cells(entry: Entry, write: Writer) -> list[object]:
    links = Markup(" ").join(
        Markup('<a href="{}">{}</a>').format(href, href.rsplit("/", 1)[-1][:2])
        for href in entry.notebooks
    )
    return [
        Markup('<a href="{}">{}</a><br><small>{}</small>').format(
            entry.href, entry.title, entry.run
        ),
        label_of("province", entry, write),
        _state(entry, write),
        write.term("grade", entry.grade),
        write.say(f"advice.{entry.option}"),
        links,
    ]


def _state(entry: Entry, write: Writer) -> Markup:
    """Tell the status and every release, the latest first."""
    status = Markup("{}").format(label_of("status", entry, write))
    lines = [Markup("<strong>{}</strong>").format(status) if is_simulated(entry) else status]
    lines += [
        Markup('<a href="{}">{}</a>').format(
            release.href, write.say("index.released", day=numerals.day(release.day, write.language))
        )
        for release in entry.released
    ]
    return Markup("<br>").join(lines)
