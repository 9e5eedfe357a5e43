"""Failure reports: what broke, where it stands and what was kept, readable without programming."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from commune_pilots import store
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.errors import ContractError, PilotsError

NAME = "failures.html"
CELL_NAME = "failure.html"
_TOLD = {
    "notebook": "Sổ tay / Notebook",
    "cell": "Ô / Cell",
    "line": "Dòng trong ô / Line of the cell",
    "text": "Mã nguồn / Source line",
    "name": "Lỗi / Exception",
    "message": "Nội dung / Message",
    "kept": "Sổ tay được giữ / Notebook kept",
}
_SPOKEN = {"vi": "Tiếng Việt", "en": "English"}
_HEADER = ("Tệp / File", "Dòng / Row", "Cột / Column", "Giá trị / Value", "Quy tắc", "Rule")


def write_contract(folder: Path, error: ContractError) -> Path:
    """Write every value that breaks a contract as one page in both languages; returns its path."""
    rows = [
        Row(
            cells=[
                failure.file,
                "-" if failure.row is None else failure.row,
                failure.column,
                failure.value,
                failure.sentence("vi"),
                failure.sentence("en"),
            ]
        )
        for failure in error.failures
    ]
    caption = f"{len(rows)} giá trị sai quy định / values that break the contract"
    return _write(folder / NAME, caption, html_table(caption, _HEADER, rows))


def write_failure(folder: Path, error: PilotsError) -> Path:
    """Write what stopped a run: notebook, cell, line, exception, and the notebook that was kept."""
    told = {name: error.values[name] for name in _TOLD if name in error.values}
    kept = Path(str(told.get("kept", ""))).name
    if (folder / kept).is_file() and kept:
        told["kept"] = Markup('<a href="{}">{}</a>').format(kept, kept)
    rows = [Row(cells=[_TOLD[name], value]) for name, value in told.items()]
    sentences = [Row(cells=[_SPOKEN[at], error.sentence(at)]) for at in LANGUAGES]
    caption = "Lượt chạy dừng lại / The run stopped"
    table = html_table(caption, ("Mục / Item", "Nội dung / Content"), [*sentences, *rows])
    return _write(folder / CELL_NAME, caption, table)


def _write(path: Path, caption: str, table: Markup) -> Path:
    page = Markup(
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{caption}</title>'
        "<style>body{{font:16px/1.5 sans-serif;margin:1rem}}td,th{{border:1px solid #999;"
        "padding:.3rem .5rem;text-align:left;vertical-align:top}}table{{border-collapse:collapse}}"
        "</style></head><body><main><h1>{caption}</h1>{table}</main></body></html>\n"
    ).format(caption=caption, table=table)
    store.write_bytes(path, page.encode())
    return path
