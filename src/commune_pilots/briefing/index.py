"""The list of all published briefings: one static page, filtered by CSS alone, works from a folder.

Each filter is a select. While one is set, index.css hides every row but those that a rule, written
here for each value, keeps. Paper and browsers without `:has()` show every row and no filter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from markupsafe import Markup

from commune_pilots.briefing.style import own_style, plain_page
from commune_pilots.briefing.wording import Writer
from commune_pilots.vocabulary import Grade

EVIDENCE = "evidence.html"  # the evidence map, beside the list
_FACETS = ("province", "status", "grade")
_COLUMNS = ("finding", *_FACETS, "option", "notebooks")
_STATUSES = ("official", "draft", "simulated")
_GRADES = tuple(reversed(get_args(Grade)))
_ALPHABET = " aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_STACKED = 899  # px: the widest screen on which cells stand below each other, as in index.css
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_KIND_OF_PROVINCE = re.compile(r"^(?:Tỉnh|Thành phố) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published run as its manifest describes it; links are relative to the index.

    A code of a province can change hands, so code and name together tell provinces apart; either
    may be empty where a manifest lacks it.
    """

    run: str
    title: str
    grade: str
    option: str
    data: str
    status: str
    province: str
    province_name: str
    href: str
    notebooks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """One value of a facet: its slug, the words for it and the number of briefings."""

    slug: str
    label: str
    count: int


def index_page(entries: Sequence[Entry]) -> str:
    """List the runs: finding, place, status, certainty, advice, links; simulated runs say so."""
    write = Writer("vi", "none")
    facets = {name: _choices(name, entries, write) for name in _FACETS}
    style = own_style("index.css")
    body = [
        Markup("<h1>{}</h1><p>{}</p>").format(write.say("index.title"), write.say("index.lead")),
        Markup('<p><a href="{}">{}</a></p>').format(EVIDENCE, write.say("evidence_page.link")),
    ]
    if entries:
        body += [_filters(facets, len(entries), write), _table(entries, write)]
        body += [_shown(len(entries), write)]
        style += _rules(facets, write)
    else:
        body += [Markup("<p>{}</p>").format(write.say("index.empty")), _table(entries, write)]
    title = str(write.say("index.title").unescape())
    return plain_page(title=title, body=Markup("\n").join(body), style=style)


def _status(entry: Entry) -> str:
    """Tell the status; simulated data outweighs what the parameters say."""
    return "simulated" if entry.data == "simulated" else entry.status


def _slug(*words: str) -> str:
    """Fold words to ASCII letters, digits and hyphens: fit for an attribute and a selector."""
    plain = unicodedata.normalize("NFKD", " ".join(words).lower().replace("đ", "d"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or "none"


def _values(entry: Entry) -> dict[str, str]:
    """Give the slug of an entry in each facet."""
    return {
        "province": _slug(entry.province, entry.province_name),
        "status": _slug(_status(entry)),
        "grade": _slug(entry.grade),
    }


def _label(facet: str, entry: Entry, write: Writer) -> str:
    """Word the value of an entry in a facet."""
    if facet == "status":
        return write.term("status", _status(entry))
    if facet == "grade":
        return write.term("grade", entry.grade)
    if entry.province_name:
        return entry.province_name
    if entry.province:
        return str(write.say("index.province_code", code=entry.province).unescape())
    return str(write.say("index.province_unknown"))


def _choices(facet: str, entries: Sequence[Entry], write: Writer) -> list[_Choice]:
    """List the values that occur: provinces by the alphabet, the others in their fixed order."""
    counts = Counter(_values(entry)[facet] for entry in entries)
    first = {_values(entry)[facet]: entry for entry in reversed(entries)}
    if facet == "province":
        slugs = sorted(
            counts,
            key=lambda slug: (
                not first[slug].province_name,
                alphabetical(plain_name(_label(facet, first[slug], write))),
                slug,
            ),
        )
    else:
        order = {"status": _STATUSES, "grade": _GRADES}[facet]
        slugs = sorted(counts, key=order.index)
    return [
        _Choice(
            slug=slug,
            label=_capital(plain_name(_label(facet, first[slug], write))),
            count=counts[slug],
        )
        for slug in slugs
    ]


def plain_name(name: str) -> str:
    """Leave out the kind of unit before a proper name, so that typing its first letter finds it."""
    rest = _KIND_OF_PROVINCE.sub("", name)
    return rest if rest[:1].isupper() else name


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def alphabetical(name: str) -> tuple[list[int], str]:
    """Order Vietnamese names as a dictionary does: a, ă, â, ..., d, đ, ...; tones come last."""
    parts = unicodedata.normalize("NFD", name.lower())
    letters = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    return [_ALPHABET.find(letter) for letter in letters], name


def _filters(facets: dict[str, list[_Choice]], total: int, write: Writer) -> Markup:
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


def _options(choices: Sequence[_Choice], total: int, write: Writer) -> Markup:
    everything = _Choice(slug="", label=str(write.say("index.all")), count=total)
    return Markup("").join(
        Markup('<option value="{}">{}</option>').format(
            choice.slug,
            write.say("index.choice", name=choice.label, count=write.number(choice.count)),
        )
        for choice in (everything, *choices)
    )


def _rules(facets: dict[str, list[_Choice]], write: Writer) -> str:
    """Write the rules that depend on the entries: what each choice keeps, words for no hit.

    A class to the right and the form, not the page, to the left keep 3,000 rows quick.
    """
    kept = "".join(
        f'form:has(#{name} [value="{choice.slug}"]:checked)~div .{name}-{choice.slug}'
        f"{{--{name}:initial}}\n"
        for name, choices in facets.items()
        for choice in choices
    )
    none = _css_string(write.say("index.shown_none", reset=write.say("index.reset")))
    fields = "".join(
        f"td:nth-child({at})::before{{content:{words};content:{words} / ''}}"
        for at, name in enumerate(_COLUMNS[1:], start=2)
        for words in [_css_string(write.say("index.field", name=write.say(f"index.{name}")) + " ")]
    )
    return (
        f"@counter-style shown{{system:fixed 0;symbols:{none};fallback:decimal}}\n"
        f"@media screen and (max-width:{_STACKED}px){{{fields}}}\n"
        f"@media screen{{@supports selector(:has(*)){{\n{kept}}}}}\n"
    )


def _css_string(words: Markup) -> str:
    escaped = re.sub(r'["\\<\n]', lambda found: f"\\{ord(found[0]):x} ", words.unescape())
    return f'"{escaped}"'


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
    classes = " ".join(f"{name}-{value}" for name, value in _values(entry).items())
    first, *rest = _cells(entry, write)
    return Markup(
        '<tr role="row" class="{}"><th scope="row" role="rowheader">{}</th>{}</tr>\n'
    ).format(
        classes,
        first,
        Markup("").join(Markup('<td role="cell">{}</td>').format(cell) for cell in rest),
    )


def _cells(entry: Entry, write: Writer) -> list[object]:
    status = _label("status", entry, write)
    links = Markup(" ").join(
        Markup('<a href="{}">{}</a>').format(href, href.rsplit("/", 1)[-1][:2])
        for href in entry.notebooks
    )
    return [
        Markup('<a href="{}">{}</a><br><small>{}</small>').format(
            entry.href, entry.title, entry.run
        ),
        _label("province", entry, write),
        Markup("<strong>{}</strong>").format(status) if entry.data == "simulated" else status,
        write.term("grade", entry.grade),
        write.say(f"advice.{entry.option}"),
        links,
    ]


def _shown(total: int, write: Writer) -> Markup:
    """Say how many rows stand above; it follows the table because CSS counts in page order."""
    count = write.number(total)
    return Markup(
        '<p class="shown" role="status"><span class="every">{}</span>'
        '<span class="some">{} </span></p>'
    ).format(
        write.say("index.shown_every", count=count), write.say("index.shown_some", count=count)
    )
