"""What the list of briefings says of one published run, and its value in each filter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from commune_pilots.briefing.wording import Writer

FACETS = ("province", "status", "grade")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One briefing as it was released: the day, and what it leads to."""

    day: date
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published run as its manifest describes it; links are relative to the index.

    A code of a province can change hands, so code and name together tell provinces apart; either
    may be empty where a manifest lacks it. `released` are its releases, the latest first.
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
    released: Sequence[Release] = ()


def is_simulated(entry: Entry) -> bool:
    """Tell a run on simulated data, whatever status its parameters give it."""
    return entry.data == "simulated"


def _status(entry: Entry) -> str:
    """Tell the status; simulated data outweighs what the parameters say."""
    return "simulated" if is_simulated(entry) else entry.status


def _slug(*words: str) -> str:
    """Fold words to ASCII letters, digits and hyphens: fit for an attribute and a selector."""
    plain = unicodedata.normalize("NFKD", " ".join(words).lower().replace("đ", "d"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or "none"


def values_of(entry: Entry) -> dict[str, str]:
    """Give the slug of an entry in each facet."""
    return {
        "province": _slug(entry.province, entry.province_name),
        "status": _slug(_status(entry)),
        "grade": _slug(entry.grade),
    }


def label_of(facet: str, entry: Entry, write: Writer) -> str:
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
