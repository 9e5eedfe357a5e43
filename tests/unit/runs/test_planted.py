"""What an office wrote of people comes back nowhere: no error, no traceback, no file, no page."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from delivered import deliver, project, read_code_once

from commune_pilots import screen, store
from commune_pilots.errors import PilotsError
from commune_pilots.runs import ingest as module
from commune_pilots.runs.ingest import ingest

pytestmark = pytest.mark.slow  # every test reads a file in a project of its own

NAME, CLERK, PHONE, CITIZEN = "Hoàng Thị Diễm Khuê", "Tạ Bửu Kỳ", "0987654321", "080190654321"
EMAIL, STREET = "diem.khue@example.vn", "17 hẻm Cây Vông"
PLANTED = (NAME, CLERK, PHONE, PHONE[1:], CITIZEN, EMAIL, STREET, "Diễm", "Bửu")
HEADER = (
    "Số hồ sơ", "Mã TTHC", "Chủ hồ sơ", "Số điện thoại", "Số CCCD", "Email", "Địa chỉ",
    "Người nộp", "Mã xã", "Ngày tiếp nhận", "Ngày hẹn trả", "Trạng thái", "Hình thức nộp",
    "Cán bộ xử lý hiện tại",
)  # fmt: skip
GOOD = (
    "000.00.53.H48-220921-0099", "1.001612", NAME, PHONE, CITIZEN, EMAIL, STREET, NAME, "28159",
    "21/09/2022", "28/09/2022", "Đang xử lý", "Trực tuyến", CLERK,
)  # fmt: skip


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read_code", read_code_once)
    return project(tmp_path)


def _row(**changed):
    """Give a good row with some columns changed, by their place."""
    return [changed.get(f"c{at}", cell) for at, cell in enumerate(GOOD)]


def _ingested(layout, rows, capsys, *, header=HEADER, tail=""):
    """Ingest one file of rows; returns all that anybody could read afterwards."""
    folder = deliver(layout, "mot_cua", as_of="2022-12-31")
    described = layout.params / "deliveries" / "mot_cua.yml"
    told_so = described.read_text(encoding="utf-8").replace("commune_months", "office_list")
    described.write_text(told_so, encoding="utf-8")
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([header, *rows])
    (folder / "thang_9.csv").write_text(written.getvalue() + tail, encoding="utf-8")
    refused = None
    try:
        ingest(layout, "mot_cua")
    except PilotsError as error:
        refused = error
        screen.show_error(error)
    seen = capsys.readouterr()
    files = [
        path
        for top in (layout.root / "data" / "processed", layout.root / "reports")
        for path in sorted(top.rglob("*"))
        if path.is_file()
    ]
    told = [seen.out, seen.err, *(str(path) for path in files)]
    return refused, told, {path.name: path.read_bytes() for path in files}


def _leaks(told, files):
    """Name what of the planted stands anywhere; Parquet files are looked into value by value."""
    texts = list(told)
    for name, content in files.items():
        if name.endswith(".parquet"):
            table = pd.read_parquet(io.BytesIO(content))
            texts += [table.astype("string").to_csv(), str(content)]
        else:
            texts.append(content.decode("utf-8", errors="replace"))
    flat = " ".join(" ".join(text.split()) for text in texts)
    return sorted({planted for planted in PLANTED if planted in flat})


@pytest.fixture(autouse=True)
def debugging(monkeypatch):
    monkeypatch.setenv("PILOTS_DEBUG", "1")


def test_a_sound_export_leaves_its_people_in_its_file(layout, capsys):
    refused, told, files = _ingested(layout, [_row(), _row(c0="000.00.53.H48-220921-0100")], capsys)
    assert refused is None
    table = pd.read_parquet(io.BytesIO(files["panel.parquet"]))
    assert table["denominator"].max() == 2
    assert _leaks(told, files) == []


@pytest.mark.parametrize(
    ("rows", "tail"),
    [
        ([_row(c2=f"=HYPERLINK({NAME})")], ""),
        ([_row(), [*_row(), NAME, PHONE]], ""),
        ([_row()], f'000.00.53.H48-220921-0101;1.001612;"{NAME};{PHONE};{CITIZEN}\n'),
        ([_row()], f"Người lập biểu: {CLERK}, {PHONE}\n{NAME};1;2;3;4;5;6;7;8;9;1;1;1;1\n"),
        ([_row(c9=PHONE)], ""),
    ],
    ids=["formula", "width", "quote", "below", "phone_for_day"],
)
def test_what_spoils_a_file_is_told_without_its_people(layout, capsys, rows, tail):
    good = _row(c0="000.00.53.H48-220921-0102")
    _, told, files = _ingested(layout, [*rows, good], capsys, tail=tail)
    assert any("thang_9.csv" in text for text in told) or "findings.parquet" in files
    assert _leaks(told, files) == []


def test_what_spoils_rows_is_told_without_their_people(layout, capsys):
    rows = [
        _row(c9="13/13/2022"), _row(c0=CITIZEN), _row(c0="H48-2", c11="Không rõ"),
        _row(c0="H48-3", c1=PHONE, c8=CITIZEN), _row(c0="000.00.53.H48-220921-0102"),
    ]  # fmt: skip
    _, told, files = _ingested(layout, rows, capsys)
    assert len(pd.read_parquet(io.BytesIO(files["rejected.parquet"]))) >= 4
    assert _leaks(told, files) == []


def test_a_header_nobody_knows_is_refused_without_the_rows_below_it(layout, capsys):
    refused, told, files = _ingested(layout, [_row()], capsys, header=("A", *HEADER[1:]))
    assert refused is not None
    assert _leaks(told, files) == []


def test_what_is_kept_of_an_account_is_undone_by_nobody_without_the_key(layout, capsys):
    _, _, files = _ingested(layout, [_row()], capsys)
    key = layout.root / store.DELIVERIES / ".key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert not any(key.read_bytes() in content for content in files.values())
