"""Whether text reads as Vietnamese: the share of its accented words that are possible syllables.

A Vietnamese word of one syllable is an onset, a vowel group that carries at most one tone, and one
of eight finals. Text that was decoded wrongly keeps hardly any such word, so the share decides
between two readings of the same bytes without a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_NO_TONES = dict.fromkeys(map(ord, _TONES))
_STOPPED = ("c", "ch", "p", "t")  # a syllable that ends so carries the acute or the dot, or none
_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
_VOWELS = (
    "a|ă|â|e|ê|i|o|ô|ơ|u|ư|y|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oai|oao|oay|oă|oe|oeo|oi|oo|"
    "ôi|ơi|ua|uâ|uây|uê|ui|uô|uôi|uơ|uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu"
)
_FINAL = r"(?P<final>ch|ng|nh|[cmnpt])?"
_SYLLABLE = re.compile(rf"{_ONSET}(?P<vowels>{_VOWELS}){_FINAL}")
_FALLING = frozenset(
    "ai ao au ay âu ây eo êu iu oi ôi ơi ui ưi ưu iêu oai oay uôi ươi ươu yêu".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W\d_]+")


def is_syllable(word: str) -> bool:
    """Tell whether one word, in any case and form, is a possible Vietnamese syllable."""
    letters = [unicodedata.normalize("NFD", letter) for letter in _composed(word.lower())]
    toned = [at for at, letter in enumerate(letters) for part in letter if part in _TONES]
    bare = [letter.translate(_NO_TONES) for letter in letters]
    found = _SYLLABLE.fullmatch("".join(map(_composed, bare)))
    if found is None or len(toned) > 1:
        return False
    if not toned:
        return True
    last = toned[0] == found.end("vowels") - 1
    if last and found["vowels"] in _FALLING:
        return False  # a tone never stands on the glide that ends a vowel group
    return found["final"] not in _STOPPED or any(
        tone in letters[toned[0]] for tone in "\u0301\u0323"
    )


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def accented(texts: Iterable[str]) -> list[str]:
    """List the words that hold a letter outside ASCII: only they tell one reading from another."""
    return [word for text in texts for word in _WORD.findall(text) if not word.isascii()]


def reads_as_vietnamese(texts: Iterable[str]) -> float:
    """Give the share, 0 to 1, of accented words that are possible syllables; 1 if there is none."""
    words = accented(texts)
    return sum(map(is_syllable, words)) / len(words) if words else 1.0
