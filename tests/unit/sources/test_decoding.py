from __future__ import annotations

import gzip

import pytest
from bad_files import decomposed, misread, text_of_rows, written
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.errors import InputError
from commune_pilots.sources import decoding
from commune_pilots.sources.decoding import decode, repaired_text, unpack

TEXT = text_of_rows(written())


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
        (b"a,b\n1,2\n", "utf-8"),
    ],
)
def test_unicode_is_read_in_every_form(raw, encoding):
    read = decode(raw, file="a.csv")
    assert read.text in (TEXT, "a,b\n1,2\n")
    assert read.encoding == encoding


@given(
    st.text(
        alphabet=st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"]),
        min_size=1,
    )
)
def test_utf8_comes_back_composed_or_told_apart(text):
    if not text.strip():
        return
    read = decode(text.encode(), file="a.csv")
    assert decomposed(read.text) == decomposed(text) or read.found


def test_decomposed_text_is_composed():
    assert decode(decomposed(TEXT).encode(), file="a.csv").text == TEXT


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf \r\n", "file_empty"),
        (b"\x00\x00", "file_empty"),
        ("Xã".encode()[:-1], "file_truncated"),
        (TEXT.encode("utf-16")[:-1], "file_truncated"),
        (bytes(range(128, 256)) * 9, "file_encoding"),
        ("été".encode("latin-1"), "file_encoding"),
        (b"a\x00b,c\xff\xdf", "file_encoding"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_kind(raw, key):
    with pytest.raises(InputError) as refused:
        decode(raw, file="a.csv")
    assert refused.value.key == key
    assert refused.value.sentence("vi").startswith("a.csv: ")


def test_gzip_is_unpacked():
    assert unpack(gzip.compress(TEXT.encode()), file="a.csv") == TEXT.encode()


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (gzip.compress(TEXT.encode())[:-9], "file_truncated"),
        (b"\x1f\x8bxxxx", "file_damaged"),
    ],
)
def test_broken_gzip_is_refused_by_its_kind(raw, key):
    with pytest.raises(InputError) as refused:
        unpack(raw, file="a.csv")
    assert refused.value.key == key


def test_gzip_that_unpacks_beyond_measure_is_refused(monkeypatch):
    monkeypatch.setattr(decoding, "MOST_UNPACKED", 10)
    with pytest.raises(InputError, match="unpacks to more than"):
        unpack(gzip.compress(b"x" * 11), file="a.csv")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_utf8_misread_up_to_three_times_is_restored(times):
    text = TEXT
    for _ in range(times):
        text = misread(text)
    repaired, told = repaired_text(text, file="a.csv")
    assert repaired == TEXT
    assert [one.rule for one in told] == ["mojibake"]


@pytest.mark.parametrize("text", [TEXT, "no accents at all", "café déjà vu", ""])
def test_text_that_reads_well_or_cannot_be_told_stays(text):
    assert repaired_text(text, file="a.csv") == (text, ())


def test_a_repair_names_the_sheet():
    _, told = repaired_text(misread(TEXT), file="a.xlsx", sheet="T4")
    assert (told[0].file, told[0].sheet) == ("a.xlsx", "T4")
