"""The list of all published briefings: one static page, no script, works from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from commune_pilots.briefing.style import page_style
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published run as its manifest describes it; links are relative to the index."""

    run: str
    title: str
    grade: str
    option: str
    data: str
    href: str
    notebooks: Sequence[str]


def index_page(entries: Sequence[Entry]) -> str:
    """List the runs: finding, certainty, recommendation, links; simulated runs say so."""
    write = Writer("vi", "none")
    rows = [Row(cells=_cells(entry, write)) for entry in entries]
    names = ("finding", "grade", "option", "notebooks")
    header = [str(write.say(f"index.{name}")) for name in names]
    return Markup(
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\"><title>{title}</title><style>{style}</style></head>"
        '<body><main id="main"><h1>{title}</h1><p>{lead}</p>{table}</main></body></html>\n'
    ).format(
        title=write.say("index.title"),
        style=Markup(page_style()),
        lead=write.say("index.lead"),
        table=html_table(write.say("index.caption"), header, rows),
    )


def _cells(entry: Entry, write: Writer) -> list[object]:
    simulated = write.term("status", "simulated")
    mark = Markup("<br><strong>{}</strong>").format(simulated) if entry.data == "simulated" else ""
    links = Markup(" · ").join(
        Markup('<a href="{}">{}</a>').format(href, href.rsplit("/", 1)[-1][:2])
        for href in entry.notebooks
    )
    return [
        Markup('<a href="{}">{}</a><br><small>{}</small>{}').format(
            entry.href, entry.title, entry.run, mark
        ),
        write.term("grade", entry.grade),
        write.say(f"advice.{entry.option}"),
        links,
    ]
