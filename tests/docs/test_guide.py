"""The reading guide quotes what the catalogue says, in both languages, part by part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commune_pilots import catalogue

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "reading-a-briefing.md"
_QUOTED = re.compile(r"“([^”]+)”")


def _halves():
    text = GUIDE.read_text(encoding="utf-8")
    _, vietnamese, english = re.split(r"^# ", text, flags=re.MULTILINE)
    return vietnamese, english


def _parts(half):
    return re.split(r"^## ", half, flags=re.MULTILINE)


def _quoted(text):
    return [" ".join(words.split()) for words in _QUOTED.findall(text)]


def _keys(words, language):
    """Name the entries of the catalogue that hold these words, whole."""
    whole = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    return {key for key, wording in catalogue.entries().items() if whole.search(wording[language])}


@pytest.mark.parametrize(("half", "language"), [(0, "vi"), (1, "en")])
def test_every_word_the_guide_quotes_is_the_catalogue_s(half, language):
    quoted = _quoted(_halves()[half])
    assert len(quoted) >= 40
    assert [words for words in quoted if not _keys(words, language)] == []


def test_both_languages_quote_the_same_entries_in_the_same_order():
    vietnamese, english = map(_parts, _halves())
    assert len(vietnamese) == len(english)
    for one, other in zip(vietnamese, english, strict=True):
        pairs = list(zip(_quoted(one), _quoted(other), strict=True))
        apart = [pair for pair in pairs if not _keys(pair[0], "vi") & _keys(pair[1], "en")]
        assert apart == []


def test_both_languages_have_the_same_points():
    vietnamese, english = map(_parts, _halves())
    points = re.compile(r"^(?:- |\d\. )", re.MULTILINE)
    assert [len(points.findall(part)) for part in vietnamese] == [
        len(points.findall(part)) for part in english
    ]


def test_words_that_no_page_prints_are_seen():
    assert _keys("chưa đủ căn cứ", "vi") >= {"label.grade.none"}
    assert not _keys("rất cao", "vi")
    assert not _keys("căn c", "vi")


@pytest.mark.parametrize("kind", ["grade", "option", "evidence"])
def test_every_grade_option_and_class_of_evidence_is_explained(kind):
    for half, language in zip(_halves(), ("vi", "en"), strict=True):
        quoted = {words.lower() for words in _quoted(half)}
        every = {
            wording[language].lower()
            for key, wording in catalogue.entries().items()
            if key.startswith(f"label.{kind}.")
        }
        assert every <= quoted


def test_the_guide_leads_nowhere_that_a_reader_without_the_repository_lacks():
    assert "](" not in GUIDE.read_text(encoding="utf-8")


def test_the_title_is_what_the_list_calls_it():
    titles = [half.splitlines()[0] for half in _halves()]
    assert titles == [catalogue.text("briefing.reading.link", lang) for lang in ("vi", "en")]
