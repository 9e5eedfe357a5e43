"""The failure report: every value that breaks a contract, readable without programming."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from commune_pilots import store
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.errors import ContractError

NAME = "failures.html"
_HEADER = ("Tệp / File", "Dòng / Row", "Cột / Column", "Giá trị / Value", "Quy tắc", "Rule")


def write(folder: Path, error: ContractError) -> Path:
    """Write the report as one page in both languages; returns its path."""
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
    page = Markup(
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{caption}</title>'
        "<style>body{{font:16px/1.5 sans-serif;margin:1rem}}td,th{{border:1px solid #999;"
        "padding:.3rem .5rem;text-align:left;vertical-align:top}}table{{border-collapse:collapse}}"
        "</style></head><body><main><h1>{caption}</h1>{table}</main></body></html>\n"
    ).format(caption=caption, table=html_table(caption, _HEADER, rows))
    path = folder / NAME
    store.write_bytes(path, page.encode())
    return path
