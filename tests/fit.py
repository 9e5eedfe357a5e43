"""A tiny project whose run is fit to be released: true tables, sound pages, a commit, an index.

`make` publishes the run `long_an` as official with stand-in kernels; tests then break one thing.
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import tiny

from commune_pilots import store
from commune_pilots.runs import pages
from commune_pilots.runs.inventory import Inventory
from commune_pilots.runs.run import execute_run

RUN, APPROVER, TODAY = "long_an", "Nguyễn Thị Bình, Phó Giám đốc", date(2026, 11, 25)
FOLDER = "reports/released/long_an-2026-11-22"
RECORD = "data/raw/released/long_an-2026-11-22.json"
ALT = "Biểu đồ quả tạ: thị trấn Cần Giuộc từ 16,8% lên 98,08%, có khoảng tin cậy."
BRIEFING = (
    '<html lang="vi"><body><main><h1>Phát hiện</h1>'
    f'<svg role="img"><title id="f-t">{ALT}</title></svg>'
    '<a href="01_clean.html#in">01</a></main></body></html>'
)
FORM = '<html lang="vi"><body><main><h1>Phiếu đề nghị</h1></main></body></html>'
SHEET = "\ufeffa;b\n1;2\n"
TABLES = {
    "units": {"unit": ["28159"]},
    "sources": {"source": ["001"], "kind": ["press"]},
    "observations": {
        "source": ["001"], "indicator": ["online_share"], "value": [16.8], "note": ["in báo"],
        "numerator": [3], "denominator": [18],
    },
    "candidates": {"source": ["001"], "population": [9000], "dossiers": [700]},
    "levels": {"value": [1.0]},
    "contrasts": {"grade": ["low"]},
    "effects": {"grade": ["none"], "primary": [True]},
    "verdicts": {"option": ["extend"]},
    "results": {
        "data": ["press"], "quantity": ["change"], "subject": ["c-1"], "definition": ["d"],
        "indicator": ["online_share"], "unit": ["28159"], "unit_name": ["x"], "value": [81.28],
        "low": [None], "high": [None], "interval": [None], "confidence": [None],
        "measured_in": ["points"], "grade": ["low"],
    },
}  # fmt: skip
_WRITTEN = {
    "01_clean": ("units", "sources", "observations", "candidates"),
    "02_measure": ("levels", "contrasts", "effects"),
    "03_write": ("verdicts", "results"),
}


def parquet(table: dict[str, list[object]]) -> bytes:
    """Write columns as a Parquet file."""
    buffer = io.BytesIO()
    pd.DataFrame(table).to_parquet(buffer)
    return buffer.getvalue()


def make(
    layout: store.Layout,
    kernels: tiny.Kernels,
    monkeypatch: pytest.MonkeyPatch,
    *settings: str,
    run: str = RUN,
    tables: dict[str, dict[str, list[object]]] | None = None,
    briefing: str = BRIEFING,
) -> Inventory:
    """Publish one run at a commit of its own; what is given replaces what is sound."""
    held = {**TABLES, **(tables or {})}

    def write(step: str):
        def also(setting):
            for name in _WRITTEN[step]:
                (setting.staging / "data" / f"{name}.parquet").write_bytes(parquet(held[name]))

        return also

    def make_pages(run, executed, tables, origin, **names):
        sheet = Path(names["request"]).with_suffix(".csv").name
        made = {names["briefing"]: briefing, names["request"]: FORM, sheet: SHEET}
        analysis = [f"{name}.html" for name in [*executed][:-1]]
        made |= dict.fromkeys(analysis, '<html><body><p id="in">1</p></body></html>')
        return {name: text.encode() for name, text in made.items()}

    def made(step, folder, root, parameters):
        name = _WRITTEN[step][0]
        read = {"02_measure": "units", "03_write": "levels"}.get(step)
        return name, b"text", folder / f"{read}.parquet" if read else root / tiny.NUMBERS

    monkeypatch.setattr(tiny, "_make", made)
    kernels.also |= {step: write(step) for step in tiny.STEPS}
    monkeypatch.setattr(pages, "make_pages", make_pages)
    (layout.root / ".gitignore").write_text("data/processed/*\nreports/*\n", encoding="utf-8")
    inventory = commit(layout)
    execute_run(inventory, tiny.job(layout, run, *(settings or ("status=official",))))
    page = next(layout.reports(run).glob("briefing*.html"))
    listed = f'<a href="{run}/{page.name}">x</a>'
    (layout.root / "reports" / "index.html").write_text(listed, encoding="utf-8")
    return inventory


def commit(layout: store.Layout) -> Inventory:
    """Commit everything and read the project as it then stands."""
    if not (layout.root / ".git").exists():
        git(layout, "init", "--quiet")
    git(layout, "add", "--all")
    git(layout, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "x")
    return replace(tiny.read(layout), commit=git(layout, "rev-parse", "HEAD"), dirty=False)


def git(layout: store.Layout, *words: str) -> str:
    """Ask git in the project; gives what it prints."""
    command = ["git", "-C", str(layout.root), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
