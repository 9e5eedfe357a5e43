"""One function for each criterion of a Reproducible Analytical Pipeline, given a project."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import counted

Verdict = Literal["met", "partly", "not met", "cannot be told"]


@dataclass(frozen=True)
class Fact:
    """What one criterion comes to here, and the fact that decides it."""

    verdict: Verdict
    because: str


def _verdict(*held: bool) -> Verdict:
    return "met" if all(held) else "partly" if any(held) else "not met"


def manual_steps(root: Path) -> Fact:
    """Judge how much is done by hand, and whether that is written down."""
    runs, (hashed, tables) = counted.batch_runs(root), counted.logged_hashes(root)
    one = "pilots batch press" in counted.text(root, "Makefile")
    asking = counted.asking_notebooks(root)
    by_hand = "Add a figure" in counted.text(root, "CONTRIBUTING.md")
    return Fact(
        _verdict(one and runs > 0, not asking, hashed == tables > 0, by_hand),
        f"`make briefings` executes {runs} runs from raw tables to briefings; notebooks that "
        f"ask for "
        f"input: {asking}. By hand figures are transcribed from print: each table's source, "
        f"day, terms and hash "
        f"are logged in `data/raw/README.md` ({counted.of_all(hashed, tables)}), the steps in "
        f"`CONTRIBUTING.md`",
    )


def open_source(root: Path) -> Fact:
    """Judge the language and what is needed to run it."""
    packages, _, index = counted.locked(root)
    python = counted.settings(root).get("project", {}).get("requires-python", "")
    return Fact(
        _verdict(bool(python), packages > 0 and index == packages),
        f"Python {python}; {counted.about(packages)} locked packages, from the Python Package "
        f"Index: "
        f"{counted.of_all(index, packages)}. Their licences are not looked at here",
    )


def peer_review(root: Path) -> Fact:
    """Say what there is for reviewers; whether anybody reviewed no file can tell."""
    points = re.findall(r"^- \[ \] ", counted.text(root, "CONTRIBUTING.md"), re.MULTILINE)
    return Fact(
        "cannot be told" if points else "not met",
        f"a checklist of {len(points)} points for each change stands in `CONTRIBUTING.md`; that "
        "somebody else went through it is recorded where changes are merged, not in the "
        "repository",
    )


def audit_trail(root: Path) -> Fact:
    """Judge whether code and results can be traced to a state of the code."""
    files = counted.has(root, ".gitignore", ".gitattributes", ".pre-commit-config.yaml")
    recorded = '"commit"' in counted.text(root, "src/commune_pilots/runs/run.py")
    gate = "dirty" in counted.text(root, "src/commune_pilots/runs/release_checks.py")
    return Fact(
        _verdict(len(files) == 3, recorded, gate),
        f"git, with {', '.join(f'`{name}`' for name in files) or 'nothing set up'}; the "
        f"manifest of a run "
        f"{'records' if recorded else 'lacks'} the commit and every hash, and `pilots release` "
        f"{'refuses' if gate else 'takes'} code that is not committed",
    )


def in_the_open(root: Path) -> Fact:
    """Say what openness a file can show; whether others can see the repository it cannot."""
    licence = counted.settings(root).get("project", {}).get("license", "")
    told = counted.addresses(root)
    because = f"licence {licence}" if licence and counted.has(root, "LICENSE") else "no licence"
    where = ", ".join(told) or "none in `pyproject.toml` or `CITATION.cff`"
    verdict: Verdict = "cannot be told" if licence else "not met"
    return Fact(
        verdict, f"{because}; address of the code: {where}; links from publications: unknown"
    )


def quality(root: Path) -> Fact:
    """Judge quality assurance; the office's own guidance is the office's."""
    listed = re.findall(r"^## A\d+\.", counted.text(root, "docs/assumptions.md"), re.MULTILINE)
    methods = re.findall(r"^## M\d+\.", counted.text(root, "docs/methods.md"), re.MULTILINE)
    followed = re.search(r"\b(?:AQuA|Aqua) Book\b", counted.text(root, "CONTRIBUTING.md"))
    return Fact(
        _verdict(bool(listed and methods), bool(followed)),
        f"{len(listed)} rated assumptions (`docs/assumptions.md`), {len(methods)} methods "
        f"with the tests "
        "that hold them (`docs/methods.md`); guidance of an office or department that is "
        "followed: "
        f"{'named' if followed else 'none is named'}",
    )


def documentation(root: Path) -> Fact:
    """Judge comments and documentation kept with the code."""
    told, every = counted.documented(root)
    tested = counted.has(root, "tests/docs/test_named.py", "tests/docs/test_architecture.py")
    pages = len(list((root / "docs").rglob("*.md")))
    return Fact(
        _verdict(told == every > 0, pages > 0, bool(tested)),
        f"modules, public functions and classes with a docstring: {counted.of_all(told, every)}; "
        f"{counted.about(pages)} pages under `docs`, every name on them held against the code "
        f"by `tests/docs`",
    )


def readme(root: Path) -> Fact:
    """Judge whether the README says how to make the results again."""
    text = counted.text(root, "README.md")
    commands = re.findall(r"^make (\w+)", text, re.MULTILINE)
    targets = re.findall(r"^(\w[\w-]*):", counted.text(root, "Makefile"), re.MULTILINE)
    needed = "Needed beforehand" in text
    return Fact(
        _verdict(bool(commands) and set(commands) <= set(targets), needed),
        f"`README.md` says what is needed and gives {len(commands)} commands, "
        f"{' and '.join(f'`make {one}`' for one in commands)}",
    )


def little_intervention(root: Path) -> Fact:
    """Judge whether outputs come from code and from nothing else."""
    clean, notebooks = counted.stripped_notebooks(root)
    proved = "pilots verify" in counted.text(root, ".ci/run")
    return Fact(
        _verdict(clean == notebooks > 0, proved),
        f"no output is committed in notebooks: {clean} of {notebooks}; `.ci/run` "
        f"{'executes a run again and compares bytes' if proved else 'proves no run'}",
    )


def guidance(root: Path) -> Fact:
    """Judge user guidance, structure, methodology and docstrings."""
    asked = ["docs/reading-a-briefing.md", "docs/architecture.md", "docs/methods.md",
             "docs/glossary.md"]  # fmt: skip
    there, (told, every) = counted.has(root, *asked), counted.documented(root)
    return Fact(
        _verdict(there == asked, told == every > 0),
        f"{', '.join(f'`{name}`' for name in there)}; docstrings: {counted.of_all(told, every)}",
    )


def directories(root: Path) -> Fact:
    """Judge the layout of folders."""
    asked = ["src/commune_pilots", "tests", "docs", "notebooks", "params", "data/raw"]
    there = counted.has(root, *asked)
    held = any(one["type"] == "layers" for one in _contracts(root))
    return Fact(
        _verdict(there == asked, held),
        f"{', '.join(f'`{name}`' for name in there)}; the order of imports is "
        f"{'held by import-linter' if held else 'held by nothing'}",
    )


def _contracts(root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        counted.settings(root).get("tool", {}).get("importlinter", {}).get("contracts", [])
    )
    return found


def reuse(root: Path) -> Fact:
    """Judge whether work is done in functions that notebooks share."""
    cells = [cell for path in (root / "notebooks").glob("*.ipynb")
             for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
             if cell["cell_type"] == "code"]  # fmt: skip
    defining = [cell for cell in cells
                if re.search(r"^\s*(?:def|class) ", "".join(cell["source"]), re.M)]  # fmt: skip
    functions = counted.typed(root)[1]
    return Fact(
        _verdict(functions > 0, bool(cells) and not defining),
        f"{counted.about(functions)} functions in the package; cells of notebooks that define "
        f"one: {len(defining)}",
    )


def standards(root: Path) -> Fact:
    """Judge the coding standards and what holds them."""
    tools = counted.settings(root).get("tool", {})
    rules = tools.get("ruff", {}).get("lint", {}).get("select", [])
    strict = tools.get("mypy", {}).get("strict", False)
    told, every = counted.typed(root)
    checked = "ruff check" in counted.text(root, "Makefile")
    return Fact(
        _verdict(len(rules) > 1, strict and told == every, checked),
        f"ruff with {counted.about(len(rules))} groups of rules, PEP 8 among them; mypy "
        f"{'strict' if strict else 'not strict'}, functions with types: "
        f"{counted.of_all(told, every)}; both "
        f"{'in' if checked else 'not in'} `make check`",
    )


def testing(root: Path) -> Fact:
    """Judge the tests."""
    kinds, (held, code) = counted.kinds_of_test(root), counted.mirrored(root)
    share = 100 * held // code // 5 * 5 if code else 0
    strict = "error" in counted.settings(root).get("tool", {}).get("pytest", {}).get(
        "ini_options", {}
    ).get("filterwarnings", [])
    back = {"reference", "recovery"} <= set(kinds)
    return Fact(
        _verdict("unit" in kinds and share >= 90, back, strict),
        f"kinds of test: {', '.join(kinds)}; modules with a test module at the same place: at "
        f"least "
        f"{share} in 100; published values and known truths are "
        f"{'worked out apart' if back else 'not compared'}; warnings are "
        f"{'errors' if strict else 'let pass'}",
    )


def dependencies(root: Path) -> Fact:
    """Judge whether the environment can be made again."""
    packages, hashed, _ = counted.locked(root)
    files = counted.has(root, "uv.lock", "requirements.lock", "environment.yml")
    return Fact(
        _verdict(packages > 0 and hashed == packages, len(files) == 3),
        f"{', '.join(f'`{name}`' for name in files)}; {counted.about(packages)} packages "
        f"locked, with hashes: "
        f"{counted.of_all(hashed, packages)}",
    )


def logs(root: Path) -> Fact:
    """Judge what a run writes down of itself."""
    run = counted.text(root, "src/commune_pilots/runs/run.py") + counted.text(
        root, "src/commune_pilots/runs/manifest.py"
    )
    files = [name for name in ("manifest.json", "run.json") if name in run]
    stores = counted.text(root, "src/commune_pilots/store.py")
    files += [
        name for name in ("manifest.json", "run.json") if name in stores and name not in files
    ]
    dropped = '"dropped"' in counted.text(root, "src/commune_pilots/clean/scope.py")
    return Fact(
        _verdict(len(files) == 2, dropped),
        f"each run writes {' and '.join(f'`{name}`' for name in files) or 'nothing'}, keeps "
        f"its executed "
        f"notebooks, and {'counts' if dropped else 'does not count'} rows left out, with the "
        f"reason",
    )


def tidy(root: Path) -> Fact:
    """Judge the form of data."""
    files = (root / "src/commune_pilots/contracts").glob("*.py")
    contracts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    strict = "strict" in contracts
    after = counted.text(root, "docs/architecture.md").partition("## Tables")[2]
    rows = re.findall(r"^\| `\w+` \| .* \|$", after.split("\n## ")[0], re.MULTILINE)
    return Fact(
        _verdict(bool(rows), strict),
        f"one table a thing, one row an observation of it: {counted.about(len(rows))} tables "
        f"with "
        f"{'strict' if strict else 'loose'} contracts in `src/commune_pilots/contracts`",
    )


def packaged(root: Path) -> Fact:
    """Judge whether it installs as a package."""
    about_it = counted.settings(root)
    backend = about_it.get("build-system", {}).get("build-backend", "")
    scripts = about_it.get("project", {}).get("scripts", {})
    marker = counted.has(root, "src/commune_pilots/py.typed")
    return Fact(
        _verdict(bool(backend), bool(scripts), bool(marker)),
        f"`pyproject.toml` builds with {backend or 'nothing'}; command "
        f"{', '.join(f'`{name}`' for name in scripts) or 'none'}; types "
        f"{'come with it' if marker else 'stay behind'}",
    )


def integration(root: Path) -> Fact:
    """Judge whether tests run by themselves when something changes."""
    script = counted.text(root, ".ci/run")
    steps = [one for one in ("make test", "make briefings", "pilots verify") if one in script]
    service = counted.has(root, ".github/workflows", ".gitlab-ci.yml", ".forgejo/workflows")
    return Fact(
        _verdict(len(steps) == 3, bool(service)),
        f"`.ci/run` holds {', '.join(f'`{one}`' for one in steps) or 'nothing'}; a file that "
        f"has a service start "
        f"it: {', '.join(service) or 'none'}, so what calls it is outside the repository",
    )


def triggers(root: Path) -> Fact:
    """Judge whether the process starts by an event or a schedule."""
    places = [path for name in (".github", ".forgejo") for path in (root / name).rglob("*.yml")]
    timed = [
        path for path in places if re.search(r"\b(?:schedule|cron)\b", path.read_text("utf-8"))
    ]
    timed += [root / name for name in counted.has(root, "crontab")]
    changed = "def why" in counted.text(root, "src/commune_pilots/runs/plan.py")
    return Fact(
        "met" if timed else "not met",
        f"schedules or triggers in the repository: {len(timed)}; somebody starts each batch, "
        f"which "
        f"then {'runs only what changed' if changed else 'runs everything'}",
    )


def changes(root: Path) -> Fact:
    """Judge whether changes are told."""
    told, versions = counted.versions_told(root)
    version = counted.settings(root).get("project", {}).get("version", "")
    semantic = re.fullmatch(r"\d+\.\d+\.\d+", version) and f"[{version}]" in counted.text(
        root, "CHANGELOG.md"
    )
    return Fact(
        _verdict(told == versions > 0, bool(semantic)),
        f"`CHANGELOG.md` has the version of `pyproject.toml`: {'yes' if semantic else 'no'}; "
        f"versions that "
        f"say whether a published number moves: {counted.of_all(told, versions)}",
    )
