"""Grades of evidence, and the words each grade may use.

One ladder from the design that is actually there (docs/methods.md, M5). A verb of cause needs a
comparison; code refuses it below that grade, unless the sentence denies, asks or makes a condition.
"""

from __future__ import annotations

import re
import unicodedata
from typing import get_args

from commune_pilots.catalogue import Language
from commune_pilots.errors import ClaimError
from commune_pilots.schemas import Answer, Grade

GRADES: tuple[Grade, ...] = get_args(Grade)
GRADE_FOR_CAUSE: Grade = "medium"

_CAUSE: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"tác động|tác dụng|hiệu quả của|góp phần|dẫn đến|dẫn tới|gây ra|mang lại|thúc đẩy|"
        r"cải thiện|nhờ|do thí điểm|là kết quả của|bắt nguồn từ|nguyên nhân|phát huy|thành công|"
        r"(?:làm|giúp|khiến)(?: cho)?(?: \S+){0,8}? (?:tăng|giảm|thay đổi|nâng)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:effects?|impacts?|caus(?:e[sd]?|al|ing)|rais(?:e[sd]?|ing)|reduc(?:e[sd]?|ing)|"
        r"improv(?:e[sd]?|ing|ements?)|boost(?:s|ed|ing)?|led to|leads? to|thanks to|due to|"
        r"because of|result(?:s|ed)? (?:in|from)|brought about|driv(?:es?|en|ing)|drove|"
        r"contribut(?:e[sd]?|ing)|succe(?:ss(?:ful(?:ly)?)?|eded)|effective(?:ly|ness)?|"
        r"attribut(?:ed|able) to|(?:the )?pilots? increased)\b",
        re.IGNORECASE,
    ),
}
# A denial, question or condition must be one of these; anything else is taken as a claim.
_HEDGE: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"\b(?:chưa|không)(?: có)?(?: đủ)? (?:thể|rõ|biết|thấy|tách|loại|chứng|kết|nói|phải|"
        r"xác|căn|nghĩa|khẳng|làm|giúp|khiến|gây|dẫn|tác|đo|số liệu|còn|cho thấy|cho phép|do|là|"
        r"cải|thúc|góp)|\bkhông (?:con )?số liệu nào|\b(?:nếu|liệu|có phải)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|may|might|will|would|must)"
        r"(?: not|n't)|\bcannot\b|\bnothing\b|\bneither\b|\b(?:if|whether)\b"
        r"|\bno (?:evidence|figure|comparison|sign|effect|impact)"
        r"|\bnot (?:an?|the|show|known|clear|caused|due|because)\b",
        re.IGNORECASE,
    ),
}
# Words that only look like a denial are taken out before one is looked for.
_EMPHASIS: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"(?:không|chưa) (?:những|chỉ|còn nghi ngờ|thể phủ nhận|thể chối cãi|thể nghi ngờ|phải bàn|"
        r"ngừng|từng có|nghi ngờ)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:\w+(?: not|n't)|not) (?:only|just|merely|simply|least|long|alone|in doubt)"
        r"|(?:cannot|can't) be (?:denied|doubted)|no (?:doubt|question|less)",
        re.IGNORECASE,
    ),
}
_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n+")


def grade_before_after(answer: Answer, *, counts_known: bool = False) -> tuple[Grade, str]:
    """Grade a before/after pair without a comparison; returns the grade and the reason's key.

    A pair is low evidence at best. Where the denominators are unknown and decisive it is none.
    """
    if counts_known:
        return "low", "before_after_with_counts"
    if answer == "decisive":
        return "none", "denominators_decisive"
    return "low", "before_after_without_counts"


def at_least(grade: Grade, needed: Grade) -> bool:
    """Say whether a grade reaches another on the ladder."""
    return GRADES.index(grade) >= GRADES.index(needed)


def best(grades: list[Grade]) -> Grade:
    """Take the highest grade among several contrasts; none where there is none."""
    return max(grades, key=GRADES.index, default="none")


def causal_sentences(text: str, language: Language) -> list[str]:
    """List the sentences that claim a cause: a causal word with no denial, question or condition.

    The denial must stand before the causal word, in the same sentence.
    """
    found = []
    for sentence in _SENTENCE.split(unicodedata.normalize("NFC", text)):
        for cause in _CAUSE[language].finditer(sentence):
            upto = _EMPHASIS[language].sub(" ", sentence[: cause.end()])
            asked = sentence.rstrip().endswith("?")
            if not asked and not _HEDGE[language].search(upto):
                found.append(sentence.strip())
                break
    return found


def refuse_overclaim(text: str, grade: Grade, language: Language) -> str:
    """Hand a text back if its grade carries its words.

    Raises ClaimError quoting the first sentence that claims a cause below the grade for it.
    """
    if not at_least(grade, GRADE_FOR_CAUSE):
        for sentence in causal_sentences(text, language):
            raise ClaimError("overclaim", sentence=sentence[:200], grade=grade)
    return text
