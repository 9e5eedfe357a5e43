"""The glossary: one word for one idea, each in use, none missing."""

from __future__ import annotations

import re
from functools import cache

import pytest
from paged import ROOT, read

from commune_pilots import catalogue

PAGE = read(ROOT / "docs" / "glossary.md").text
HOUSE = {
    "unit", "period", "cohort", "event_time", "estimand", "effect", "contrast", "pre-trend",
    "placebo", "leave-one-out", "donor pool", "common support", "pooled effect",
    "prediction interval", "run", "batch", "briefing",
}  # fmt: skip
"""The working words of the field that code and pages share."""
LABELS = re.compile(
    r"briefing\.(?:effects\.)?column\.|briefing\.glossary\.\w+_term$|calculator\.heading\."
    r"|design\.heading\.|briefing\.index\.(?:grade|option|run|notebooks)$|parameter\.\w+\.label$"
    r"|workbook\.column\."
)
"""Entries that head a column, a row or a field: terms, or plain words."""
PLAIN = {
    "50% band", "80% band", "95% band", "after", "answer", "area", "as printed", "assumes",
    "at hand", "attainment", "before", "cannot show", "code", "commune of today",
    "communes judged", "communes of today", "communes started", "communes that count", "content",
    "data still needed", "date of issue", "date of the briefing", "deadline", "decider",
    "decision at stake", "deliveries", "detectable", "detects from", "dossiers", "dossiers a year",
    "fewest dossiers", "former communes", "former province", "from", "from month", "gamma",
    "group", "if independent", "indicators", "item", "kind of data", "kind of decision",
    "kind of evidence", "kind of source", "may not say", "may say", "method", "missing", "month",
    "month since the start", "months needed", "name in english", "name in vietnamese",
    "name of the run", "needs", "note", "now", "outcome", "page or paragraph", "pairs here",
    "part merged", "part of", "part/whole", "pilots needed", "plan", "population",
    "possible dossiers", "programme code", "province code", "published", "publisher", "question",
    "random seed", "rating", "remark", "result", "rivals", "row", "search", "set to",
    "share expected", "shows", "simulated province", "size needed", "smallest p",
    "smallest possible p", "source", "source code", "source, paragraph", "sources", "sponsor",
    "start date", "state", "status", "successor code", "system or measure", "terms",
    "the rule asks", "title", "to", "to collect", "true share", "turns beyond", "unit code",
    "unit name", "valid from", "valid to", "value", "web address", "what differs", "worst pair",
}  # fmt: skip
"""Labels of everyday words, or of a term of the glossary with a word that needs no entry."""
OTHERWISE = {
    "lab.run": "a verb on a button",
    "briefing.evidence_page.column.documents": "a verb: open these",
    "briefing.heading.certainty": "heads the section on chance and design, not a grade",
}
"""Entries that say a term of the glossary in other words, and why."""


def _terms(cell: str) -> list[str]:
    return [term.strip() for term in cell.split(",")]


@cache
def _groups() -> dict[str, list[list[str]]]:
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)[1:]
    groups = {}
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)[2:]
        groups[heading] = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return groups


def _entries() -> list[list[str]]:
    return [row for group in _groups().values() for row in group]


def _vietnamese() -> dict[str, list[str]]:
    """Map each English term, in small letters, to its Vietnamese words."""
    return {term.lower(): _terms(row[1].lower()) for row in _entries() for term in _terms(row[0])}


@cache
def _printed() -> str:
    """Join every Vietnamese text a reader can meet: catalogue, parameters, raw tables, pages."""
    pages = [path for path in (ROOT / "docs").glob("*.md") if path.name != "glossary.md"]
    files = [*(ROOT / "params").rglob("*.yml"), *(ROOT / "data/raw/press").glob("*.csv"), *pages]
    texts = [wording["vi"] for wording in catalogue.entries().values()]
    texts += [path.read_text(encoding="utf-8") for path in files]
    return " ".join("\n".join(texts).lower().split())


def _met(words: str, printed: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words.lower())}(?!\w)", printed) is not None


def test_every_english_term_has_one_entry():
    terms = [term.lower() for row in _entries() for term in _terms(row[0])]
    assert sorted({term for term in terms if terms.count(term) > 1}) == []
    assert len(terms) > 90


@pytest.mark.parametrize("group", _groups())
def test_the_terms_of_a_group_are_in_order_and_explained(group):
    rows = _groups()[group]
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=str.lower)
    assert all(len(row) == 3 and all(row) for row in rows)


def test_every_vietnamese_word_of_the_glossary_is_printed_somewhere():
    dead = [(row[0], word) for row in _entries() for word in _terms(row[1])
            if not _met(word, _printed())]  # fmt: skip
    assert dead == []


def test_a_word_that_nobody_prints_is_seen():
    assert _met("mức tin cậy", "mức tin cậy thấp")
    assert not _met("mức tin cậ", "mức tin cậy thấp")


def test_the_words_of_the_house_have_entries():
    assert HOUSE - set(_vietnamese()) == set()


def _said(english: str) -> str:
    return english.strip(" .:").lower()


def test_a_term_is_said_in_vietnamese_in_its_own_words_everywhere():
    """An entry of the catalogue that is a term of the glossary has one of its Vietnamese words."""
    known, others = _vietnamese(), []
    for key, wording in catalogue.entries().items():
        words = known.get(_said(wording["en"]))
        if (
            words
            and key not in OTHERWISE
            and not any(_met(one, wording["vi"].lower()) for one in words)
        ):
            others.append((key, wording["en"], wording["vi"]))
    assert others == []


def test_every_label_is_a_term_of_the_glossary_or_a_plain_word():
    known = set(_vietnamese())
    plural = {f"{term}s" for term in known}
    missing = {}
    for key, wording in catalogue.entries().items():
        label = _said(re.sub(r"\s*\([^)]*\)", "", wording["en"]))
        if LABELS.match(key) and len(label.split()) <= 3 and "{" not in label:
            held = label in known | plural | PLAIN or any(
                re.search(rf"\b{re.escape(term)}s?\b", label)
                for term in known
                if " " in term or len(term) > 4
            )
            if not held:
                missing[key] = label
    assert missing == {}


def test_no_plain_word_is_one_that_no_label_has():
    labels = {_said(re.sub(r"\s*\([^)]*\)", "", wording["en"]))
              for key, wording in catalogue.entries().items() if LABELS.match(key)}  # fmt: skip
    assert sorted(PLAIN - labels) == []


def test_every_entry_said_otherwise_is_in_the_catalogue():
    assert set(OTHERWISE) - set(catalogue.entries()) == set()
