"""A project with deliveries of raw files: offices write them, tests hand them over."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import openpyxl
import yaml
from built import ROOT

from commune_pilots import store
from commune_pilots.runs.code import read_code

HEADER = (
    "STT",
    "Tên xã",
    "Tháng",
    "Tiếp nhận",
    "Trực tuyến",
    "Đã giải quyết",
    "Đúng hạn",
    "Quá hạn",
)
# Half of a small ingest is to read the package, which stands still while it is tested.
read_code_once = cache(read_code)
SHEET = {"label_vi": "Sổ theo tháng", "label_en": "Months", "layout": "commune_months"}


def project(folder: Path) -> store.Layout:
    """Make a project that has parameters and registers, and nothing published."""
    for name in ("params", "data/raw/press"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.rmtree(folder / "params/deliveries", ignore_errors=True)
    shutil.copyfile(ROOT / "uv.lock", folder / "uv.lock")
    return store.Layout(folder)


def deliver(layout: store.Layout, name: str = "so_thang", /, **keys: object) -> Path:
    """Describe a delivery of counts by month and make its folder; `keys` go before others."""
    told = {**SHEET, "as_of": "2023-01-31", "province": "80", **keys}
    place = layout.params / "deliveries" / f"{name}.yml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    folder = layout.deliveries / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def month_row(unit: str, month: str, received: object, online: object) -> list[object]:
    """Write one row of counts as an office does."""
    return ["", unit, month, received, online, 90, 80, 10]


def write_sheet(path: Path, rows: list[list[object]], *, header: tuple[str, ...] = HEADER) -> None:
    """Write a workbook with a title, a header and rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["BÁO CÁO THÁNG"], [], header, *rows):
        sheet.append(list(row))
    book.save(path)


def tree(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


LOG_HEADER = (
    "Số hồ sơ", "Tên TTHC", "Chủ hồ sơ", "Số điện thoại", "Hình thức nộp", "Mức độ", "Xã/phường",
    "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Trạng thái",
)  # fmt: skip
PERSON, PHONE = "Nguyễn Thị Bí Mật", "0912345678"


def dossier(number: int, day: str, *, channel: str = "Trực tuyến", **other: str) -> list[str]:
    """Write one row of an office's list of dossiers, with a person in it."""
    told = {
        "code": f"000.00.53.H80-220{day[4]}{day[:2]}-{number:04d}",
        "unit": "Thị trấn Cần Giuộc",
        "due": day,
        "done": day,
        **other,
    }
    return [
        told["code"], "Đăng ký khai sinh", PERSON, PHONE, channel, "Toàn trình", told["unit"],
        day, told["due"], told["done"], "Đã hoàn thành",
    ]  # fmt: skip


def write_log(path: Path, rows: list[list[str]], *, header: tuple[str, ...] = LOG_HEADER) -> None:
    """Write an office's list of dossiers as a CSV file with semicolons."""
    lines = [header, *rows]
    path.write_text("\n".join(";".join(line) for line in lines) + "\n", encoding="utf-8-sig")
