"""Briefings built without a kernel: the notebooks' calls in-process, and copies of the project.

`findings_of` runs the pure pipeline of notebooks 01 to 05 for one run; `page_of` takes the blocks
that notebook 06 shows, in its order, and exports them as the runner does.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from kept import kept
from nbformat.v4 import new_code_cell, new_notebook, new_output

from commune_pilots import store
from commune_pilots.briefing import advice, annexes, sections
from commune_pilots.briefing.export import Provenance, export_briefing
from commune_pilots.briefing.findings import Findings, Settings
from commune_pilots.briefing.origins import cells_of
from commune_pilots.clean import corrections, scope
from commune_pilots.effects import (
    checks,
    contrast,
    counted,
    coverage,
    design_checks,
    designs,
    levels,
    pairing,
    sensitivity,
)
from commune_pilots.effects.series import project_series
from commune_pilots.params import Run, load_corrections, load_indicators, load_run
from commune_pilots.scaling import (
    candidates,
    costs,
    next_commune,
    outlook,
    results,
    rollout,
    targets,
)  # fmt: skip
from commune_pilots.scaling.decision import Case, Rule, decide
from commune_pilots.scaling.next_gain import next_gain
from commune_pilots.scaling.stress import stress_verdict
from commune_pilots.scenario import load_scenario
from commune_pilots.sources import raw

ROOT = Path(__file__).resolve().parents[1]
LAYOUT = store.Layout(ROOT)
PRESS_RUNS = ("long_an", "bac_kan", "hau_giang", "cao_bang")
BRIEFING_NOTEBOOK = ROOT / "notebooks" / "06_write_briefing.ipynb"
_ROOMS = {"sections": sections, "advice": advice, "annexes": annexes}
_SHOWN = re.compile(r"(sections|advice|annexes)\.(\w+)\(found\)")


@cache
def findings_of(name: str) -> Findings:
    """Give what notebooks 01 to 05 find in one run of params/runs, found once while they stand."""
    return kept(f"findings-{name}", lambda: _find(name))


def _find(name: str) -> Findings:
    """Run the pipeline of notebooks 01 to 05 for one run of params/runs."""
    run = load_run(name, LAYOUT.params)
    indicators = load_indicators(LAYOUT.params / "indicators.yml")
    tables = raw.read_raw(
        LAYOUT, data=run.data, simulation=run.simulation, seed=run.seed, study=run.study
    )
    mended = corrections.correct_all(tables, load_corrections(LAYOUT.params / "corrections.yml"))
    scope.check_scope(run, mended, indicators)
    kept, _ = scope.keep_scope(mended, sources=run.sources, units=run.units, province=run.province)
    seen = kept["observations"]
    names = coverage.unit_names(kept["units"])
    terms = contrast.Terms(
        rounding=run.rounding, least_dossiers=run.least_dossiers, alpha=run.alpha
    )
    contrasts = pairing.contrast_all(seen, names, terms, indicators=run.indicators)
    alternatives = pairing.alternatives_all(contrasts, seen, terms)
    sizes = sensitivity.sensitivities(
        contrasts, seen, kept["pilots"], rounding=run.rounding, alpha=run.alpha
    )
    covered = coverage.cover_pilots(kept["pilots"], seen, names)
    paired = [*contrasts["before_observation"], *contrasts["after_observation"]]
    found = {
        **kept,
        "coverage": covered,
        "contrasts": contrasts,
        "alternatives": alternatives,
        "floors": pairing.floors_all(contrasts, seen, terms),
        "counted": counted.counted_all(contrasts, seen, terms),
        "series": project_series(kept["panel"], kept["pilots"], names, alpha=run.alpha),
        "effects": designs.estimate_effects(
            kept["panel"],
            kept["units"],
            kept["pilots"],
            kept["events"],
            kept["days"],
            indicators=run.indicators,
            alpha=run.alpha,
            seed=run.seed,
        ),
        "levels": levels.levels_alone(
            seen, names, indicators, paired=paired, rounding=run.rounding
        ),
        "sensitivities": sizes,
        "checks": checks.check_contrasts(
            contrasts,
            seen,
            kept["events"],
            kept["pilots"],
            indicators,
            alternatives=alternatives,
            sensitivities=sizes,
        ),
        "targets": targets.attain_targets(seen, names),
        "pooled": next_commune.pool_all(
            contrasts,
            covered,
            seen,
            terms,
            indicators=indicators,
            target_share=run.target_share,
            least_change=run.least_change,
        ),
    }
    tested = design_checks.check_effects(
        found["effects"],
        kept["panel"],
        kept["units"],
        kept["pilots"],
        kept["events"],
        alpha=run.alpha,
        least_change=run.least_change,
        seed=run.seed,
    )
    found["checks"] = pd.concat([found["checks"], tested], ignore_index=True)
    found |= _projected(run, found)
    found["results"] = results.run_results(
        name,
        run.data,
        **{
            table: found[table]
            for table in (
                "contrasts", "counted", "levels", "pooled", "targets", "stages", "economics",
            )
        },
        observations=seen,
        indicators=indicators,
        alpha=run.alpha,
    )  # fmt: skip
    settings = Settings(**{key: getattr(run, key) for key in Settings.__dataclass_fields__})
    return Findings(settings, found, indicators)


def _projected(run: Run, found: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Make the tables of notebook 05 that lead to the decision."""
    plan = load_scenario(run.scenario, LAYOUT.params)
    pilots, register = found["pilots"], found["candidates"]
    expected = next_gain(
        found["pooled"], found["contrasts"], trend=plan.common_trend, alpha=run.alpha
    )
    beside = candidates.project(
        register, pilots, definition=expected.definition, gain=expected.range
    )
    projections = rollout.draw(beside, stages=plan.stages, seed=run.seed)
    stages = rollout.stage_table(
        projections, plan, alpha=run.alpha, gain=run.least_change, seed=run.seed
    )
    rule = Rule(**{name: getattr(run, name) for name in Rule.__dataclass_fields__})
    case = Case(
        contrasts=found["contrasts"],
        pilots=pilots,
        pooled=found["pooled"],
        rule=rule,
        trend=plan.common_trend,
    )
    return {
        "projections": projections,
        "stages": stages,
        "outlook": outlook.outlook(stages, plan, gain=expected.gain),
        "economics": costs.economics(
            expected.gain,
            plan,
            candidates=int(stages["candidates"].sum()),
            pilots=expected.pilots,
            more_pilots=int(stages["candidates"].max()),
        ),
        "verdicts": decide(case, decision=run.decision, plan=plan),
        "stress": stress_verdict(case, found["alternatives"], plan),
    }


def blocks_shown() -> list[str]:
    """Name the blocks that notebook 06 shows, in its order, as `room.function`."""
    shown = []
    for cell in nbformat.read(BRIEFING_NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code" and (found := _SHOWN.fullmatch(cell.source.strip())):
            shown.append(f"{found[1]}.{found[2]}")
    return shown


def notebook_of(findings: Findings) -> nbformat.NotebookNode:
    """Make the executed notebook 06: one cell a block, carrying the block's HTML."""
    cells = []
    for name in blocks_shown():
        room, _, function = name.partition(".")
        cells.append(executed_cell(getattr(_ROOMS[room], function)(findings)._repr_html_()))
    return new_notebook(cells=cells)


def executed_cell(html: str) -> nbformat.NotebookNode:
    """Make a code cell that has shown this HTML."""
    shown = new_output("execute_result", data={"text/html": html, "text/plain": "Block"})
    return new_code_cell("...", outputs=[shown], execution_count=1)


def provenance(run: str) -> Provenance:
    """Give a page a provenance that does not depend on the machine."""
    return Provenance(
        run=run,
        commit="0" * 40,
        dirty=False,
        parameters={"alpha": 0.05},
        inputs={"params/indicators.yml": "f" * 64},
        versions={"python": "3.11.7"},
        notebooks=["01_clean_data", "02_describe_pilots"],
        cells=cells_of({name: node.cells for name, node in analysis().items()}, written()),
    )


@cache
def analysis() -> dict[str, nbformat.NotebookNode]:
    """Read notebooks 01 to 05, whose cells compute every table."""
    return {
        path.stem: nbformat.read(path, as_version=4)
        for path in sorted((ROOT / "notebooks").glob("0[1-5]_*.ipynb"))
    }


def written() -> dict[str, list[str]]:
    """Say which tables each of them writes, as its title tells."""
    found = {}
    for name, node in analysis().items():
        line = re.search(r"^Writes: (.*)$", node.cells[0].source, re.MULTILINE)
        found[name] = re.findall(r"`(\w+)`", line[1])
    return found


def write_page(findings: Findings, *, name: str = "x") -> str:
    """Export the findings' briefing afresh, as the run of this name."""
    origin = replace(provenance(name), simulated=findings.run.data == "simulated")
    return export_briefing(notebook_of(findings), origin, grade=findings.page_grade)


@cache
def page_of(name: str) -> str:
    """Export the briefing of one run, once for all tests."""
    return kept(f"page-{name}", lambda: write_page(findings_of(name), name=name))


@cache
def parsed(name: str) -> BeautifulSoup:
    """Parse the page of one run, once for all tests."""
    return BeautifulSoup(page_of(name), "html.parser")


@cache
def words_of(page: str) -> dict[str, str]:
    """Read a page's text by its nearest language, a line a block, apart from the code's reader."""
    inline = {"a", "span", "strong", "em", "b", "small"}
    found: dict[str, list[str]] = {"vi": [], "en": []}
    for string in BeautifulSoup(page, "html.parser").find_all(string=True):
        if isinstance(string, PreformattedString) or string.find_parent(["style", "code"]):
            continue
        language = string.find_parent(lang=True)
        joined = string.parent.name in inline or string.previous_sibling is not None
        before = string.previous_sibling
        broken = getattr(before, "name", None) is not None and before.name not in inline
        found[language["lang"] if language else "vi"].append(
            f"{'' if joined and not broken else chr(10)}{string}"
        )
    return {language: "".join(parts) for language, parts in found.items()}


def text_of(part: object) -> str:
    """Read the text of a parsed part with single spaces, a block apart from the next."""
    return " ".join(part.get_text(" ", strip=True).split())  # type: ignore[attr-defined]


def table_rows(table: object) -> list[list[str]]:
    """Read the body of a parsed table, cell by cell."""
    return [
        [text_of(cell) for cell in row.find_all(["th", "td"])]
        for row in table.find("tbody").find_all("tr")  # type: ignore[attr-defined]
    ]


def table_called(page: BeautifulSoup, start: str) -> object:
    """Find the table whose caption starts with these words."""
    for caption in page.find_all("caption"):
        if text_of(caption).startswith(start):
            return caption.parent
    raise AssertionError(f"no table whose caption starts with {start!r}")


def copy_project(folder: Path, *, notebooks: Iterable[str] | None = None) -> store.Layout:
    """Copy what a run reads (params, raw data, notebooks, lock) into a folder of its own."""
    shutil.copytree(ROOT / "params", folder / "params")
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    (folder / "notebooks").mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if notebooks is None or path.stem in notebooks:
            shutil.copy(path, folder / "notebooks" / path.name)
    shutil.copy(ROOT / "uv.lock", folder / "uv.lock")
    return store.Layout(folder)
