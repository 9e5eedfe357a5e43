"""One ladder of designs, the grade each carries, and the words a grade may use.

The design is the one that is actually there (docs/methods.md, M5). A verb of cause needs a
comparison; a pooled figure or a ranking needs one definition. Code refuses the sentence otherwise,
unless it denies, asks or makes a condition.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Literal, get_args

from commune_pilots.catalogue import Language
from commune_pilots.errors import ClaimError
from commune_pilots.vocabulary import Answer, Design, Grade

GRADES: tuple[Grade, ...] = get_args(Grade)
DESIGNS: tuple[Design, ...] = get_args(Design)
GRADE_FOR_CAUSE: Grade = "medium"
_GRADE_OF: dict[Design, Grade] = {
    "after_only": "none",
    "before_after_without_n": "low",
    "before_after_with_n": "low",
    "trend_adjusted": "low",
    "comparison": "medium",
    "series_comparison": "high",
    "randomised_order": "high",
}

_CAUSE: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"tác động|tác dụng|hiệu quả của|(?:có|đạt) hiệu quả|góp phần|dẫn đến|dẫn tới|gây ra|"
        r"(?:mang|đem) lại|thúc đẩy|"
        r"cải thiện|nhờ|do (?:có )?thí điểm|là kết quả của|bắt nguồn từ|nguyên nhân|phát huy|"
        r"thành công|(?:chứng tỏ|thí điểm) hiệu quả|ảnh hưởng (?:\S+ )?đến|"
        r"tạo ra (?:\S+ )?thay đổi|"
        r"đã nâng|đóng góp vào|vì (?:có )?thí điểm|"
        r"(?:làm|giúp|khiến)(?: cho)?(?: \S+){0,8}? (?:tăng|giảm|thay đổi|nâng)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:effects?|impacts?|caus(?:e[sd]?|al|ing)|rais(?:e[sd]?|ing)|reduc(?:e[sd]?|ing)|"
        r"improv(?:e[sd]?|ing|ements?)|boost(?:s|ed|ing)?|led to|leads? to|thanks to|due to|"
        r"because|(?:as a )?result(?:s|ed)? (?:in|from|of)|help(?:s|ed|ing)?|brought about|"
        r"driv(?:es?|en|ing)|drove|owing to|lift(?:s|ed|ing)?|push(?:es|ed|ing)?|"
        r"contribut(?:e[sd]?|ing)|succe(?:ss(?:ful(?:ly)?)?|eded)|effective(?:ly|ness)?|"
        r"attribut(?:ed|able) to|(?:the )?pilots? increased)\b",
        re.IGNORECASE,
    ),
}
# Terms of statistics, and a commune's name, that hold a causal word and claim nothing.
_TERMS: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"hiệu ứng thiết kế|(?-i:\b(?:[Xx]ã|[Pp]hường|[Tt]hị trấn) Thành Công\b)", re.IGNORECASE
    ),
    "en": re.compile(r"\bdesign effects?\b", re.IGNORECASE),
}
# Praise that no before/after pair carries, and words that set units above each other or pool them.
_PRAISE: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"đột phá|vượt (?:bậc|trội)|ấn tượng|bứt phá|kỷ lục|ngoạn mục|nhảy vọt", re.IGNORECASE
    ),
    "en": re.compile(
        r"\b(?:dramatic(?:ally)?|remarkabl[ey]|impressive(?:ly)?|breakthrough|spectacular(?:ly)?|"
        r"outstanding|soar(?:s|ed|ing)?|surg(?:es?|ed|ing)|skyrocket(?:s|ed|ing)?)\b",
        re.IGNORECASE,
    ),
}
_MIXTURE: dict[Language, re.Pattern[str]] = {
    "vi": re.compile(
        r"(?:cao|thấp|tốt|kém|nhanh|chậm) nhất (?:trong|tỉnh|cả|các|so)|dẫn đầu|"
        r"đứng (?:đầu|cuối|thứ)|tính chung|"
        r"(?:trung bình|bình quân)(?: chung)? (?:các|của|mỗi|\d+|hai|ba|bốn|năm|tám|"
        r"chung|toàn)|"
        r"xếp (?:trên|dưới|thứ) ",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:the )?(?:highest|lowest|best|fastest|slowest) (?:of|among|in)\b|"
        r"\b(?:on average|the average is|leads the (?:province|country))\b|"
        r"\b(?:average|mean) (?:of|over|across)\b|\branks? (?:above|below|first|last|\d)|"
        r"\b(?:ahead of|outperform\w*)\b",
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


def design_before_after(*, counts_known: bool) -> Design:
    """Name the design of a before/after pair without a comparison."""
    return "before_after_with_n" if counts_known else "before_after_without_n"


def grade_of(design: Design, *, denominators: Answer = "decided") -> tuple[Grade, str]:
    """Grade a design; returns the grade and the key of the reason (label.reason).

    Where an admissible denominator leaves the pair to chance the grade is none, whatever the
    design above it (docs/decisions/0004).
    """
    if denominators == "decisive" and design == "before_after_without_n":
        return "none", "denominators_decisive"
    if denominators == "decisive":
        return "none", "chance_not_excluded"
    return _GRADE_OF[design], design


def refuse_mixture(definitions: Collection[str], *, purpose: Literal["pooled", "ranked"]) -> None:
    """Refuse to pool or rank figures under more than one definition.

    Raises ClaimError naming the definitions and the reason.
    """
    different = sorted(set(definitions))
    if len(different) > 1:
        raise ClaimError(f"mixture_{purpose}", definitions=", ".join(different))


def at_least(grade: Grade, needed: Grade) -> bool:
    """Say whether a grade reaches another on the ladder."""
    return GRADES.index(grade) >= GRADES.index(needed)


def best(grades: list[Grade]) -> Grade:
    """Take the highest grade among several contrasts; none where there is none."""
    return max(grades, key=GRADES.index, default="none")


def weakest(grades: list[Grade]) -> Grade:
    """Take the lowest grade: nothing built on several is stronger; none where there is none."""
    return min(grades, key=GRADES.index, default="none")


def causal_sentences(text: str, language: Language) -> list[str]:
    """List the sentences that claim a cause: a causal word with no denial, question or condition.

    The denial must stand before the causal word, in the same sentence.
    """
    return _claims(text, _CAUSE[language], language)


def mixing_sentences(text: str, language: Language) -> list[str]:
    """List the sentences that pool or rank units, with no denial, question or condition."""
    return _claims(text, _MIXTURE[language], language)


def refuse_overclaim(
    text: str, grade: Grade, language: Language, *, one_definition: bool = False
) -> str:
    """Hand a text back if its grade carries its words.

    Raises ClaimError quoting the first sentence that claims a cause or praises below the grade for
    it, or that pools or ranks where the figures are not known to share one definition.
    """
    if not at_least(grade, GRADE_FOR_CAUSE):
        praise = _claims(text, _PRAISE[language], language)
        for sentence in causal_sentences(text, language) + praise:
            raise ClaimError("overclaim", sentence=sentence[:200], grade=grade)
    if not one_definition:
        for sentence in mixing_sentences(text, language):
            raise ClaimError("mixture", sentence=sentence[:200])
    return text


def _claims(text: str, words: re.Pattern[str], language: Language) -> list[str]:
    found = []
    plain = _TERMS[language].sub(" ", unicodedata.normalize("NFC", text))
    for sentence in _SENTENCE.split(plain):
        for claim in words.finditer(sentence):
            upto = _EMPHASIS[language].sub(" ", sentence[: claim.end()])
            asked = sentence.rstrip().endswith("?")
            if not asked and not _HEDGE[language].search(upto):
                found.append(sentence.strip())
                break
    return found
