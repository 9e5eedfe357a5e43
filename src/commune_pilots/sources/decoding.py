"""Bytes of a text file to Unicode text: which encoding, what was repaired, what is refused.

UTF-8 is believed when it is strict. Anything else is decided on the whole file by how much of it
reads as Vietnamese, and only where one reading is clearly right and no other comes near.
"""

from __future__ import annotations

import codecs
import gzip
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Found
from commune_pilots.sources.legacy_fonts import from_tcvn3, from_vni, legacy_font
from commune_pilots.sources.syllables import accented, reads_as_vietnamese

MOST_UNPACKED = 2_000_000_000  # bytes: a few kilobytes can be made to unpack into any size
SAMPLE = 400_000  # characters: enough words to decide, few enough to decide at once
_LEAST, _AHEAD = 0.9, 0.1
_LEAST_ZEROS = 0.25  # of all bytes; half of them are in plain letters and digits
_MISREADINGS = 3  # times a file may have been saved in the wrong encoding
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the next
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text in NFC, the encoding it came in, and what was done to read it."""

    text: str
    encoding: str
    found: tuple[Found, ...] = ()


def decode(raw: bytes, *, file: str) -> Decoded:
    """Decode a whole text file; says every repair.

    Raises InputError for an empty file, one cut inside a character, and bytes that read as
    Vietnamese in no known encoding or in two equally well.
    """
    found: list[Found] = []
    if not raw.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise InputError("file_empty", file=file)
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return _unicode(raw, encoding, file, found, marked=True)
    if b"\x00" in raw[:4000]:
        if max(raw[:4000:2].count(0), raw[1:4000:2].count(0)) < _LEAST_ZEROS * len(raw[:4000]):
            raise InputError("file_encoding", file=file)
        return _unmarked_utf16(raw, file, found)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        if broken.reason == "unexpected end of data" and broken.start >= len(raw) - 3:
            raise InputError("file_truncated", file=file, position=broken.start) from broken
        return _legacy(raw, file, found)
    return _unicode(raw, "utf-8", file, found, marked=False)


def _unmarked_utf16(raw: bytes, file: str, found: list[Found]) -> Decoded:
    """Decode UTF-16 without its mark: of each pair of bytes one is mostly zero.

    Text of another encoding holds no zero byte.
    """
    sample = raw[:4000]
    high_first = sample[::2].count(0) > sample[1::2].count(0)
    encoding = "utf-16-be" if high_first else "utf-16-le"
    told = _repaired(file, "utf16_unmarked")
    try:
        return _unicode(raw, encoding, file, [*found, told], marked=False)
    except InputError as broken:
        raise InputError("file_encoding", file=file) from broken


def _unicode(raw: bytes, encoding: str, file: str, found: list[Found], *, marked: bool) -> Decoded:
    """Decode Unicode, undo one wrong reading as cp1252, and convert text of old fonts."""
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as broken:
        raise InputError("file_truncated", file=file, position=broken.start) from broken
    text, repairs = repaired_text(text, file=file)
    return Decoded(
        text=unicodedata.normalize("NFC", text),
        encoding=f"{encoding}{'-sig' if marked and encoding == 'utf-8' else ''}",
        found=(*found, *repairs),
    )


def repaired_text(text: str, *, file: str, sheet: str = "") -> tuple[str, tuple[Found, ...]]:
    """Undo what happened to Unicode text as a whole: misread UTF-8, letters of an old font.

    A repair is made only if it is lossless and the outcome clearly reads better.
    """
    sample = text[:SAMPLE]
    reads = reads_as_vietnamese([sample])
    undone = text
    for _ in range(_MISREADINGS if reads < _LEAST else 0):
        before = _unmisread(undone)
        if before is None:
            break
        undone = before
        if reads_as_vietnamese([undone[:SAMPLE]]) >= _LEAST:
            return undone, (_repaired(file, "mojibake", sheet),)
    font = legacy_font([sample])
    if font is None:
        return text, ()
    convert = {"tcvn3": from_tcvn3, "vni": from_vni}[font]
    return convert(text), (_repaired(file, font, sheet),)


def _unmisread(text: str) -> str | None:
    """Read text again whose UTF-8 bytes were once taken for cp1252; None where that loses any."""
    try:
        return b"".join(map(_byte, text)).decode("utf-8")
    except UnicodeError:
        return None


def _byte(letter: str) -> bytes:
    """Give the byte that was taken for a letter; five have none and came through as controls."""
    return bytes([ord(letter)]) if 0x80 <= ord(letter) <= 0x9F else letter.encode("cp1252")


def _legacy(raw: bytes, file: str, found: list[Found]) -> Decoded:
    """Decide between the encodings of before Unicode by which reading is Vietnamese."""
    latin = raw.decode("latin-1")
    readings: dict[str, Callable[[], str]] = {
        "cp1258": lambda: unicodedata.normalize("NFC", raw.decode("cp1258")),
        "tcvn3": lambda: from_tcvn3(latin),
        "vni": lambda: from_vni(latin),
    }
    scores: dict[str, float] = {}
    texts: dict[str, str] = {}
    for name, read in readings.items():
        try:
            texts[name] = read()
        except UnicodeDecodeError:
            continue
        sample = [texts[name][:SAMPLE]]
        scores[name] = reads_as_vietnamese(sample) if accented(sample) else 0.0
    ranked = sorted(scores, key=lambda name: -scores[name])
    best, second = ranked[0], scores[ranked[1]] if len(ranked) > 1 else 0.0
    if scores[best] < _LEAST or scores[best] - second < _AHEAD:
        raise InputError("file_encoding", file=file)
    return Decoded(text=texts[best], encoding=best, found=(*found, _repaired(file, best)))


def unpack(raw: bytes, *, file: str) -> bytes:
    """Unpack a gzip file; raises InputError for one cut off, damaged, or beyond all measure."""
    try:
        unpacked = zlib.decompressobj(wbits=31)
        content = unpacked.decompress(raw, MOST_UNPACKED)
        if unpacked.unconsumed_tail:
            raise InputError("file_too_large", file=file, most=MOST_UNPACKED // 1_000_000)
        if not unpacked.eof:
            raise InputError("file_truncated", file=file, position=len(raw))
    except (zlib.error, gzip.BadGzipFile) as broken:
        raise InputError("file_damaged", file=file, reason=str(broken)) from broken
    return content


def _repaired(file: str, rule: str, sheet: str = "") -> Found:
    return Found(file=file, sheet=sheet, rule=rule, outcome="repaired")
