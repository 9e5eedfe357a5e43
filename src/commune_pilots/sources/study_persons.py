"""Whether a text names a person: a form of address and two words in capitals after it.

A name without a form of address cannot be told from a place or an office, so it is not looked for.
"""

from __future__ import annotations

import re

_ADDRESS = (
    r"(?i:ông|bà|anh|chị|cô|chú|thầy|đồng chí|đ/c|đ\.c\.?|mr\.?|mrs\.?|ms\.?)"
    r"(?:\s*[/(,]\s*(?i:ông|bà|anh|chị)\)?)?"
)
_WORD = r"[^\W\d_]+"
_NAMED = re.compile(rf"(?<!\w){_ADDRESS}\s*:?\s+(?=(?P<first>{_WORD})\s+(?P<second>{_WORD}))")
# Places and countries that begin like a form of address, told by the word before them.
_PLACE = re.compile(
    r"(?:xã|phường|thị trấn|thị xã|thành phố|huyện|quận|tỉnh|đặc khu|đường|phố|thôn|ấp|bản|khóm|"
    r"khu phố|tổ dân phố|cầu|chợ|núi|chùa|đền|trường|đảo|tiếng|nước|tt|tx|tp|[pxhq])[\s.]*\Z",
    re.IGNORECASE,
)
# First words of offices, and of the one province that begins with a form of address.
_OFFICES = frozenset(
    ("phó", "chủ", "bí", "giám", "trưởng", "thứ", "bộ", "cán", "ủy", "uỷ", "tổng", "thủ", "phòng",
     "sở", "ban", "công", "tổ", "ubnd", "hđnd", "rịa")
)  # fmt: skip


def names_person(text: str) -> bool:
    """Tell whether a text names a person after a form of address ("ông Nguyễn Văn A")."""
    for found in _NAMED.finditer(text):
        capitals = found["first"][0].isupper() and found["second"][0].isupper()
        office = found["first"].casefold() in _OFFICES
        if capitals and not office and not _PLACE.search(text[: found.start()]):
            return True
    return False
