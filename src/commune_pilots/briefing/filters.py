"""The filters of the list of briefings: selects, and the style rules that make them work.

While a select is set, index.css hides every row but those that a rule, written here for each value,
keeps. Paper and browsers without `:has()` show every row and no filter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from markupsafe import Markup

from commune_pilots.briefing.entries import FACETS, Entry, label_of, values_of
from commune_pilots.briefing.places import alphabetical, plain_name
from commune_pilots.briefing.wording import Writer
from commune_pilots.vocabulary import Grade

_STATUSES = ("official", "draft", "simulated")
_GRADES = tuple(reversed(get_args(Grade)))
Facets = Mapping[str, Sequence["Choice"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a facet: its slug, the words for it and the number of briefings."""

    slug: str
    label: str
    count: int


def facets_of(entries: Sequence[Entry], write: Writer) -> dict[str, list[Choice]]:
    """List the values of each filter that occur."""
    return {name: _choices(name, entries, write) for name in FACETS}


def _choices(facet: str, entries: Sequence[Entry], write: Writer) -> list[Choice]:
    """List the values that occur: provinces by the alphabet, the others in their fixed order."""
    counts = Counter(values_of(entry)[facet] for entry in entries)
    first = {values_of(entry)[facet]: entry for entry in reversed(entries)}
    if facet == "province":
        slugs = sorted(
            counts,
            key=lambda slug: (
                not first[slug].province_name,
                alphabetical(plain_name(label_of(facet, first[slug], write))),
                slug,
            ),
        )
    else:
        order = {"status": _STATUSES, "grade": _GRADES}[facet]
        slugs = sorted(counts, key=order.index)
    return [
        Choice(
            slug=slug,
            label=_capital(plain_name(label_of(facet, first[slug], write))),
            count=counts[slug],
        )
        for slug in slugs
    ]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def filter_form(facets: Facets, total: int, write: Writer) -> Markup:
    """Build the form; method `dialog` makes the Enter key send nothing."""
    fields = Markup("").join(
        Markup('<p><label for="{name}">{label}</label><select id="{name}">{options}</select></p>\n')
        .format(
            name=name,
            label=write.say(f"index.{name}"),
            options=_options(choices, total, write),
        )
        for name, choices in facets.items()
    )  # fmt: skip
    return Markup(
        '<form class="filters" method="dialog" aria-label="{label}">\n{fields}'
        '<p><button type="reset">{reset}</button></p>\n<p class="note">{note}</p></form>'
    ).format(
        label=write.say("index.filters"),
        fields=fields,
        reset=write.say("index.reset"),
        note=write.say("index.filters_note"),
    )


def _options(choices: Sequence[Choice], total: int, write: Writer) -> Markup:
    everything = Choice(slug="", label=str(write.say("index.all")), count=total)
    return Markup("").join(
        Markup('<option value="{}">{}</option>').format(
            choice.slug,
            write.say("index.choice", name=choice.label, count=write.number(choice.count)),
        )
        for choice in (everything, *choices)
    )


def filter_rules(facets: Facets, write: Writer) -> str:
    """Write the rules that depend on the entries: what each choice keeps, words for no hit.

    A class to the right and the form, not the page, to the left keep 3,000 rows quick.
    """
    kept = "".join(
        f'form:has(#{name} [value="{choice.slug}"]:checked)~div .{name}-{choice.slug}'
        f"{{--{name}:initial}}\n"
        for name, choices in facets.items()
        for choice in choices
    )
    none = css_string(write.say("index.shown_none", reset=write.say("index.reset")))
    return (
        f"@counter-style shown{{system:fixed 0;symbols:{none};fallback:decimal}}\n"
        f"@media screen{{@supports selector(:has(*)){{\n{kept}}}}}\n"
    )


def css_string(words: Markup) -> str:
    """Quote words for a style sheet; nothing in them ends the quotation or the sheet."""
    escaped = re.sub(r'["\\<\n]', lambda found: f"\\{ord(found[0]):x} ", words.unescape())
    return f'"{escaped}"'


def rows_shown(total: int, write: Writer) -> Markup:
    """Say how many rows stand above; it follows the table because CSS counts in page order."""
    count = write.number(total)
    return Markup(
        '<p class="shown" role="status"><span class="every">{}</span>'
        '<span class="some">{} </span></p>'
    ).format(
        write.say("index.shown_every", count=count), write.say("index.shown_some", count=count)
    )
