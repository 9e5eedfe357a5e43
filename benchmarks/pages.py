"""What a reader gets: our briefings beside nbconvert's own templates, in a real browser.

All sides export the same executed notebooks, made by the production runner in a copy of the
project; the measures are those of the gates (tests/browser). Ends with an error if a page of ours
breaks one. See benchmarks/README.md for what is measured.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Page, sync_playwright

from commune_pilots import store
from commune_pilots.briefing import export
from commune_pilots.params import load_run
from commune_pilots.runs import plan
from commune_pilots.runs.exports import export_run
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.run import BRIEFINGS, Job, execute_run
from commune_pilots.vocabulary import Paper

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from built import PRESS_RUNS, copy_project  # noqa: E402  # found on the path just set
from chromium import find_chromium, is_outside, open_file  # noqa: E402
from measured import (  # noqa: E402
    image_names,
    labels_of,
    paint_with_requests_held,
    show,
    sticking_out,
    text_without_scripts,
    violations,
)

RUNS = (*PRESS_RUNS, "smoke")
ORDINARY_RUN = "long_an"
OURS = "ours"
STOCK: dict[str, dict[str, Any]] = {
    "lab (default)": {"template_name": "lab"},
    "lab, no input": {"template_name": "lab", "exclude_input": True},
    "classic": {"template_name": "classic"},
    "basic": {"template_name": "basic"},
}
MOST_SECONDS, MOST_BYTES = 0.15, 150_000
LEAST_ALT, LEAST_LETTERS = 40, 12.0  # letters; px
LEAST_TITLE, MOST_TITLE = 20, 90  # letters
PHONE, DESK = 360, 1280  # px
PATIENCE, PROMPT = 5000, 1000  # ms
IMPACTS = ("minor", "moderate", "serious", "critical")

# What an analyst writes without us: tables of pandas, two figures of matplotlib, no HTML.
DPI, SMALLEST = 100, 10  # points: matplotlib's default for every label
ORDINARY = (
    "import matplotlib.pyplot as plt\nimport pandas as pd\n"
    "found = {{name: pd.read_parquet(f'{folder}/{{name}}.parquet')"
    " for name in ('contrasts', 'levels', 'targets', 'results')}}",
    "contrasts = found['contrasts']\n"
    "contrasts[['unit_name', 'before', 'after', 'change', 'change_low', 'change_high', 'grade']]",
    "fig, ax = plt.subplots(figsize=(8, 4), dpi={dpi})\n"
    "ax.hlines(contrasts['unit_name'], contrasts['before'], contrasts['after'])\n"
    "ax.plot(contrasts['before'], contrasts['unit_name'], 'o', mfc='white', label='before')\n"
    "ax.plot(contrasts['after'], contrasts['unit_name'], 'o', label='after')\n"
    "ax.set(xlim=(0, 100), xlabel='%')\nax.legend()\nplt.show()",
    "found['levels'][['unit_name', 'indicator', 'definition', 'value', 'low', 'high']]",
    "changes = found['results'].query(\"quantity == 'change'\").dropna(subset='value')\n"
    "sides = [changes['value'] - changes['low'], changes['high'] - changes['value']]\n"
    "fig, ax = plt.subplots(figsize=(8, 3), dpi={dpi})\n"
    "ax.errorbar(changes['value'], changes['unit_name'], xerr=sides, fmt='o')\n"
    "ax.axvline(0)\nax.set(xlabel='points')\nplt.show()",
    "found['targets']",
)
_SCALES = "() => [...document.images].map((one) => one.clientWidth / one.naturalWidth)"
_RULE = re.compile(r"\S+ \((\w+)\) x(\d+):")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """Median seconds of one call."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One page of one side, and how long its export took in one process."""

    run: str
    side: str
    file: Path
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a browser made of a page."""

    size: int
    requests: int
    rules: int
    nodes: int
    worst: str
    language: str
    title: str
    alts: int
    pictures: int
    label: float | None
    wider: str
    painted: float | None
    same: bool


def main() -> None:
    """Make the pages, time their exports, look at each, print Markdown; exit 1 on a broken gate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="timed exports of a page (>= 5)")
    parser.add_argument("--commands", type=int, default=3, help="timed calls of a command; 0: none")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} before\n")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        layout = copy_project(Path(folder) / "project")
        os.environ |= {store.ROOT_VARIABLE: str(layout.root), **plan.SWITCHES}
        pages = Path(folder) / "pages"
        made, executed = export_all(layout, pages, given.rounds)
        plain = ordinary(layout, pages, executed[ORDINARY_RUN], given.rounds)
        seen = look_at([*made, *plain])
        own = [one for one in made if (one.run, one.side) == (ORDINARY_RUN, OURS)]
        compare("The same executed notebook", made, seen)
        compare("The same figures in an ordinary notebook", [*own, *plain], seen)
        durations(made, layout, given.commands, pages)
        papers(layout)
        broken = [
            f"{one.run}: {name}"
            for one in made
            if one.side == OURS
            for name in broken_gates(seen[one.file], one.seconds)
        ]
    if broken:
        sys.exit("A page of ours breaks a gate: " + "; ".join(broken))


def export_all(
    layout: store.Layout, folder: Path, rounds: int
) -> tuple[list[Made], dict[str, nbformat.NotebookNode]]:
    """Run the notebooks of each run as `pilots run --cold` does, then export by every side."""
    inventory = read_inventory(layout)
    exporters = {side: HTMLExporter(**options) for side, options in STOCK.items()}
    made, executed = [], {}
    for run in RUNS:
        job = Job(run=load_run(run, layout.params), cold=True)
        with mock.patch.object(export, "export_briefing", wraps=export.export_briefing) as asked:
            published = execute_run(inventory, job).briefing
        call = asked.call_args  # the runner's own: its notebook, its provenance
        executed[run] = call.args[0]
        sides: dict[str, Callable[[], str]] = {
            OURS: lambda call=call: export.export_briefing(*call.args, **call.kwargs),
            **stock_sides(exporters, executed[run]),
        }
        if sides[OURS]().encode() != published.read_bytes():
            raise RuntimeError(f"{run}: the export timed here is not the page that was published")
        made += [written(run, *side, folder, rounds) for side in sides.items()]
    return made, executed


def stock_sides(
    exporters: Mapping[str, HTMLExporter], notebook: nbformat.NotebookNode
) -> dict[str, Callable[[], str]]:
    """Give the call of each warm exporter; the title is the file's name, as in the command."""
    named = {"metadata": {"name": "06_write_briefing"}}
    return {
        side: lambda one=exporter: one.from_notebook_node(notebook, resources=dict(named))[0]
        for side, exporter in exporters.items()
    }


def ordinary(
    layout: store.Layout, folder: Path, ours: nbformat.NotebookNode, rounds: int
) -> list[Made]:
    """Execute and export a notebook as it is written without us: outputs as they come."""
    sources = [one.format(folder=layout.processed(ORDINARY_RUN), dpi=DPI) for one in ORDINARY]
    cells = [new_markdown_cell(f"# {export.headline(ours)}"), *map(new_code_cell, sources)]
    notebook = new_notebook(cells=cells)
    # The switches of our runs draw no picture of a figure: an analyst's kernel does.
    plain = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    NotebookClient(notebook, kernel_name="python3").execute(env=plain)
    exporters = {f"ordinary, {side}": HTMLExporter(**options) for side, options in STOCK.items()}
    sides = stock_sides(exporters, notebook)
    return [written(ORDINARY_RUN, *side, folder, rounds) for side in sides.items()]


def written(run: str, side: str, call: Callable[[], str], folder: Path, rounds: int) -> Made:
    """Time one export after one that is not counted, and keep its page."""
    place = folder / run / re.sub(r"\W+", "-", side)
    place.mkdir(parents=True)
    file = place / "page.html"
    file.write_text(call(), encoding="utf-8")
    return Made(run=run, side=side, file=file, seconds=timed(call, rounds))


def timed(call: Callable[[], object], rounds: int) -> Seconds:
    """Time a call several times: wall and CPU, of this process and of those it waited for."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), cpu_seconds()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    return Seconds(wall=statistics.median(walls), cpu=statistics.median(cpus))


def cpu_seconds() -> float:
    """Add up the CPU of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def look_at(made: Sequence[Made]) -> dict[Path, Seen]:
    """Look at every page in the machine's Chromium, by file."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # requests held on purpose never end
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium())
        seen = {one.file: look(browser, one.file) for one in made}
        browser.close()
    return seen


def look(browser: Browser, file: Path) -> Seen:
    """Measure one page: on a phone and a desk, with the network cut or held, without scripts."""
    with open_file(browser, file) as opened:
        page = opened.page
        show(page, width=PHONE)
        rules = [found for rule in violations(page) if (found := _RULE.match(rule))]
        names = image_names(page)
        label, wider = smallest_label(page), sticking_out(page)
        show(page, width=DESK)
        return Seen(
            size=file.stat().st_size,
            requests=sum(map(is_outside, opened.asked)),
            rules=len(rules),
            nodes=sum(int(rule[2]) for rule in rules),
            worst=max((rule[1] for rule in rules), key=IMPACTS.index, default=""),
            language=page.evaluate("document.documentElement.lang"),
            title=page.title(),
            alts=sum(len(name) >= LEAST_ALT and bool(re.search(r"\d", name)) for name in names),
            pictures=len(names),
            label=label,
            wider=how_wide(wider),
            painted=paint_with_requests_held(browser, file, within=PATIENCE),
            same=text_without_scripts(browser, file) == page.inner_text("body"),
        )


def smallest_label(page: Page) -> float | None:
    """Height of the smallest letters in a drawing, px; in a picture by how far it is shrunk."""
    sizes = [label.size for label in labels_of(page)]
    sizes += [SMALLEST / 72 * DPI * scale for scale in page.evaluate(_SCALES)]
    return min(sizes, default=None)


def how_wide(parts: Sequence[str]) -> str:
    """Say how far a page or how many parts of it stick out of the window; empty if nothing does."""
    whole = next((part for part in parts if part.startswith("page: ")), "")
    inside = len(parts) - bool(whole)
    cut = f"{inside} parts" if inside else ""
    return whole or cut


def broken_gates(seen: Seen, seconds: Seconds) -> Iterator[str]:
    """Name the gates that a page of ours breaks."""
    held = {
        "G1 requests": seen.requests == 0,
        "G2 axe": seen.rules == 0,
        "G3 alternative texts": 0 < seen.alts == seen.pictures,
        "G4 wider than a phone": not seen.wider,
        "G5 labels below 12 px": seen.label is not None and seen.label >= LEAST_LETTERS,
        "G6 size": seen.size <= MOST_BYTES,
        "G7 language and title": seen.language == "vi"
        and LEAST_TITLE <= len(seen.title) <= MOST_TITLE,
        "G8 first words": seen.painted is not None and seen.painted < PROMPT,
        "G9 text without scripts": seen.same,
        f"export takes {seconds.cpu:.3f} s": seconds.cpu < MOST_SECONDS,
    }
    yield from (name for name, kept in held.items() if not kept)


def compare(title: str, made: Sequence[Made], seen: Mapping[Path, Seen]) -> None:
    """Print one row a page."""
    rows = []
    for page in made:
        one = seen[page.file]
        named = "headline" if len(one.title) >= LEAST_TITLE else one.title or "none"
        rows.append(
            [
                page.run,
                page.side,
                f"{one.size / 1000:,.0f}",
                f"{one.requests}",
                f"{one.rules}/{one.nodes}" + (f", {one.worst}" if one.worst else ""),
                f"{one.language or 'none'} / {named}",
                f"{one.alts} of {one.pictures}",
                "-" if one.label is None else f"{one.label:.1f}",
                one.wider or "0",
                "blank" if one.painted is None else f"{one.painted / 1000:.2f}",
                "yes" if one.same else "no",
                f"{page.seconds.cpu:.3f}",
            ]
        )
    print(f"### {title}\n")
    table(
        [
            "run", "side", "KB", "requests", "axe rules/nodes", "lang / title", "useful alts",
            "label, px", "wider than 360", "words after, s", "same without scripts", "export, s",
        ],
        rows,
    )  # fmt: skip


def durations(made: Sequence[Made], layout: store.Layout, rounds: int, folder: Path) -> None:
    """Print how long exports take: in one process, and as the command for one notebook."""
    notebook = layout.reports(ORDINARY_RUN) / "06_write_briefing.ipynb"
    rows = []
    for side in dict.fromkeys(one.side for one in made):
        own = [one.seconds for one in made if one.side == side]
        spread = [
            f"{min(v):.3f} .. {max(v):.3f}" for v in ([s.cpu for s in own], [s.wall for s in own])
        ]
        rows.append([side, *spread, "-", "-"])
        if rounds and side in STOCK:
            words = [str(BIN / "jupyter-nbconvert"), "--to", "html", str(notebook)]
            words += ["--template", STOCK[side]["template_name"], "--output-dir", str(folder)]
            words += ["--no-input"] if "exclude_input" in STOCK[side] else []
            run = timed(lambda w=words: subprocess.run(w, check=True, capture_output=True), rounds)
            rows[-1][3:] = [f"{run.wall:.1f}", f"{run.cpu:.1f}"]
    print("### Seconds of an export\n")
    header = ["in one process: CPU", "in one process: wall", "command: wall", "command: CPU"]
    table(["side", *header], rows)


def papers(layout: store.Layout) -> None:
    """Print how long `pilots export` takes in one process, and what its files weigh."""
    rows = []
    for run in RUNS:
        page = layout.reports(run) / BRIEFINGS[load_run(run, layout.params).data]
        row = [run, f"{page.stat().st_size:,}"]
        for kind in Paper:
            call = lambda run=run, kind=kind: export_run(layout, run, to=[kind])  # noqa: E731
            call()
            took, size = timed(call, 3), page.with_suffix(f".{kind}").stat().st_size
            row += [f"{took.wall:.2f}", f"{took.cpu:.2f}", f"{size:,}"]
        rows.append(row)
    kinds = [f"{kind} {what}" for kind in Paper for what in ("wall, s", "CPU, s", "bytes")]
    print("### Our papers\n")
    table(["run", "page, bytes", *kinds], rows)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    for cells in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(cells) + " |")
    print(flush=True)


if __name__ == "__main__":
    main()
