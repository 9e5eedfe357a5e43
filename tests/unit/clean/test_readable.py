"""Texts of files: all a reader or a copy can see, with places, and no drawing."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from commune_pilots.clean.readable import text_of_html, texts_of
from commune_pilots.sources.privacy import scan_text

PHONE = "0912345678"


def _found(name, content):
    return [
        (place, hit.kind, hit.line)
        for place, text in texts_of(name, content)
        for hit in scan_text(text)
    ]


@pytest.mark.parametrize(
    "page",
    [
        f"<p>{PHONE}</p>", "<p>0912<b>345</b>678</p>", f"<!-- {PHONE} -->",
        f'<svg><title>{PHONE}</title></svg>', f'<a href="tel:{PHONE}">gọi</a>',
        f'<td data-note="{PHONE}">x</td>', f"<style>/* {PHONE} */</style>", "<p>&#48;912345678</p>",
        f'<img alt="{PHONE}">', f"<pre><code>n = '{PHONE}'</code></pre>",
    ],
)  # fmt: skip
def test_nothing_of_a_page_is_out_of_sight(page):
    assert _found("a.html", page.encode()) == [("", "phone", 1)]


@pytest.mark.parametrize(
    "page",
    [
        f'<path d="M {PHONE} 1"/>', f'<polyline points="1,1 {PHONE}"/>',
        "<tr><td>0912</td><td>345678</td></tr>", "<p>0912</p><p>345678</p>",
        '<text x="0912">345678</text>',
    ],
)  # fmt: skip
def test_drawings_and_numbers_that_stand_apart_are_no_text(page):
    assert _found("a.html", page.encode()) == []


def test_lines_of_a_page_keep_their_numbers():
    page = (
        f"<html>\n<body>\n<p>x\ny</p>\n<!-- z\n -->\n<p>{PHONE}</p>\n<p>an@x.vn</p></body></html>"
    )
    assert _found("a.html", page.encode()) == [("", "phone", 7), ("", "email", 8)]


def test_words_inside_a_sentence_stay_together():
    assert "một hai ba" in text_of_html("<p>một <em>hai</em> ba</p>")


def test_every_text_of_a_notebook_is_read_cell_by_cell():
    shown = {"text/html": [f"<p>{PHONE[:4]}", f"<b>{PHONE[4:]}</b></p>"], "text/plain": "an@x.vn"}
    cells = [
        {"cell_type": "markdown", "source": ["tel ", PHONE]},
        {"cell_type": "code", "source": "x = 1", "outputs": [{"data": shown}]},
    ]
    content = json.dumps({"cells": cells, "metadata": {}}).encode()
    assert _found("a.ipynb", content) == [
        ("cell 1", "phone", 1), ("cell 2", "phone", 1), ("cell 2", "email", 1),
    ]  # fmt: skip


def test_texts_of_json_are_read_and_numbers_are_not():
    content = json.dumps({"seed": 912345678, "note": PHONE, "an@x.vn": ["0912", "345678"]})
    assert _found("manifest.json", content.encode()) == [("", "phone", 1), ("", "email", 1)]


def test_text_columns_of_a_table_are_read_once_a_value_with_column_and_row():
    table = pd.DataFrame({"n": [912345678] * 3, "note": ["x", None, PHONE], "of": [PHONE] * 3})
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    assert _found("t.parquet", buffer.getvalue()) == [
        ("note, row 3", "phone", 1), ("of, row 1", "phone", 1),
    ]  # fmt: skip


def test_a_file_for_a_spreadsheet_is_read_without_its_mark():
    content = f"a;b\nx;{PHONE}\n".encode("utf-8-sig")
    assert _found("data_request.csv", content) == [("", "phone", 2)]
    assert next(texts_of("a.csv", content))[1].startswith("a;b")


@pytest.mark.parametrize("name", ["t.parquet", "a.ipynb", "m.json", "a.html"])
def test_a_file_that_is_not_what_its_name_says_is_refused(name):
    with pytest.raises(ValueError):  # whatever its reader says
        list(texts_of(name, b"\xff\xfe not that"))
