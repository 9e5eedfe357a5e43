"""Personal names in text that is shown: covered but for the surname, known by how they are written.

A clerk's slip puts a person into a column of units or of states. A name has no form that is its
own; one that starts with a common surname is taken for a person's unless the word before it is the
type of a unit or a street, for communes bear names of people. To cover too much costs little: the
place of the cell is told beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from commune_pilots.keys import unaccented

SURNAMES = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Đoàn|Trịnh|"
    "Trương|Lương|Lưu|Mai|Tô|Tạ|Chu|Triệu|Nông|Bế|Lò|Vàng|Giàng|Thào|Sùng|Quách|Thạch|Tống|"
    "Vương|Đào|Phùng|Lục|Hứa|Đàm|Tăng|Kiều|Khổng"
)
ALSO_PLACES = "Hà|Cao|Sơn|Kim|Lâm|Châu|Danh|Quan|Ma|Vi|Hậu"  # Hà Nội is a place, Hà Thị Lan is not
COVER = "•••"
_MOST_GIVEN = 4
_WORD = re.compile(r"[^\W\d_]+")
_PLACES = re.compile(
    r"(?:^|[\s,;:(/.-])(?:xã|phường|thị trấn|thị xã|thành phố|huyện|quận|tỉnh|đặc khu|ubnd|đường|"
    r"phố|thôn|ấp|bản|khóm|xa|phuong|thi tran|huyen|tinh|tt|tx|tp|[pxhq]\.)[\s.]*\Z",
    re.IGNORECASE,
)
# Words of offices that begin like a surname: hồ sơ (dossier), lý do (reason), lưu trữ (archive).
_NO_NAMES = frozenset(
    (
        "ho so", "ho chi", "ly do", "luu tru", "luu y", "dao tao", "luong huu", "mai tang",
        "chu ky", "vi pham", "cao tuoi", "doan the", "tang giam", "quan he", "danh sach",
        "danh muc", "kim loai", "chau thanh", "phan anh", "le phi", "vo ly",
    )
)  # fmt: skip


_SURE = frozenset(map(str.lower, SURNAMES.split("|")))
_DOUBTFUL = frozenset(map(str.lower, ALSO_PLACES.split("|")))
_WITHOUT_MARKS = frozenset(map(unaccented, SURNAMES.split("|")))


@lru_cache(maxsize=4096)
def cover_names(text: str) -> str:
    """Cover the names of persons in a text; their surnames stay.

    A name is a surname and one to four words in capitals after it (two at the least where the
    surname also begins names of places), or a whole text of two to five words, in any case, that
    starts with a surname. Surnames without their marks are known too.
    """
    text = unicodedata.normalize("NFC", text)
    words = list(_WORD.finditer(text))
    small = len(words) <= _MOST_GIVEN + 1 and text.islower() and "".join(text.split()).isalpha()
    out, end, at = "", 0, 0
    while at < len(words):
        given = _given(text, words, at, small=small and at == 0)
        if given:
            out += f"{text[end : words[at].end()]} {COVER}"
            end = words[at + given].end()
        at += given + 1
    return out + text[end:]


def _given(text: str, words: list[re.Match[str]], at: int, *, small: bool) -> int:
    """Count the words of a given name after a surname; 0 where no name starts.

    `small`: the text is in small letters and may be a name as a whole.
    """
    surname = words[at][0]
    key = surname.lower()
    doubtful = key in _DOUBTFUL
    unmarked = text.isascii() and key in _WITHOUT_MARKS
    if not (key in _SURE or doubtful or unmarked) or (small and doubtful):
        return 0
    if not (small or surname[0].isupper()) or _PLACES.search(text[: words[at].start()]):
        return 0
    given = 0
    for before, word in pairwise(words[at : at + _MOST_GIVEN + 1]):
        if text[before.end() : word.start()].strip() or not (small or word[0][0].isupper()):
            break
        given += 1
    if given and unaccented(f"{surname} {words[at + 1][0]}") in _NO_NAMES:
        return 0
    return given if given > doubtful else 0
