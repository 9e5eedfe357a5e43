"""How fast runs are, against the plain papermill command, its API in a loop and `xargs -P2`.

Both sides execute this project's own notebooks with the same parameters, in turn, in one invocation
of this script; see benchmarks/README.md for what is measured and how to install for it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import yaml

from commune_pilots import store
from commune_pilots.params import load_run
from commune_pilots.runs import kernels, plan
from commune_pilots.runs.code import read_code

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
WITHOUT_GRAMMAR = (
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "from papermill.__main__ import papermill; papermill()"
)


OWN_WORK = "floor: one process, warm (W)"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
REFERENCE = (
    "import pandas as pd\nimport pandera.pandas as pa\nimport statsmodels.api as sm\n"
    "from matplotlib.figure import Figure",
    "table = pd.DataFrame({'a': [1.0, 2.0], 'b': [3.0, 5.0]})\ntable",
    "drawn = Figure()\ndrawn.subplots().plot(table['a'], table['b'])\ndrawn",
)
LOOP = """
import sys, time
sys.modules["rfc3987_syntax"] = None
from papermill import execute_notebook
one, two, engine = sys.argv[1:]
def call():
    given = {"engine_name": engine, "request_save_on_cell_execute": False} if engine else {}
    execute_notebook(one, two, progress_bar=False, **given)
call()
started = time.monotonic()
for _ in range(5):
    call()
print((time.monotonic() - started) / 5)
"""


def main() -> None:
    """Run every comparison that was asked for and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="long_an", help="run compared notebook by notebook")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=40, help="runs in the batch; 0: leave it out")
    parser.add_argument("--standing", type=int, default=1000, help="runs in the no-op batch")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} before\n")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ[kernels.FOLDER_VARIABLE] = f"{folder}/t"
        project = copy_project(Path(folder) / "project")
        os.environ[store.ROOT_VARIABLE] = str(project)
        try:
            one_notebook(project, given.rounds)
            one_run(project, given.run, given.rounds)
            memory(project)
            if given.batch:
                batch(project, given.batch)
            if given.standing:
                standing(project, given.run, given.standing)
        finally:
            subprocess.run(["pkill", "-f", f"runs.template.*{folder}/t"], check=False)


def copy_project(folder: Path) -> Path:
    """Copy what runs read, so that nothing of the checkout is touched."""
    for part in ("params", "data/raw", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "uv.lock", folder / "uv.lock")
    return folder


def one_run(project: Path, run: str, rounds: int) -> None:
    """Time the notebooks of one run: our command against papermill's, and the floors below us."""
    sides: dict[str, Callable[[], object]] = {
        "papermill command, each notebook": lambda: command_run(project, run),
        "the same without rfc3987_syntax": lambda: command_run(project, run, grammar=False),
        "papermill API, one process": lambda: papermill_loop(project, [run]),
        "`pilots run --force`": lambda: pilots("run", run, "--force"),
        "`pilots run --force --cold`": lambda: pilots("run", run, "--force", "--cold"),
        "floor: fork a notebook, no kernel": lambda: floor(project, run, isolated=True),
        OWN_WORK: lambda: floor(project, run, isolated=False),
    }
    pilots("run", run, "--force")  # not counted: the template starts
    times = interleaved(sides, rounds)
    ours, own = times["`pilots run --force`"], times[OWN_WORK]
    rows = [
        [
            name,
            f"{statistics.median(wall for wall, _ in found):.2f}",
            f"{statistics.median(cpu for _, cpu in found):.2f}",
            ratio(found, ours, 0),
            ratio(found, ours, 1),
            ratio(found, ours, 0, without=own),
        ]
        for name, found in times.items()
    ]
    print(f"### One run ({run}, six notebooks and the pages)\n")
    header = ["side", "wall, s", "CPU, s", "wall / ours", "CPU / ours", "wall / ours, W taken off"]
    table(header, rows)


def one_notebook(project: Path, rounds: int) -> None:
    """Time one notebook with hardly any work of its own: what is left is the machinery."""
    path = project / "reference.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in REFERENCE]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), path)
    out = str(project / "reference_out.ipynb")
    shell = [str(BIN / "papermill"), str(path), out, "--no-progress-bar"]
    bare = [sys.executable, "-c", WITHOUT_GRAMMAR, *shell[1:]]

    def looped(engine: str) -> tuple[float, float]:
        done = subprocess.run(
            [sys.executable, "-c", LOOP, str(path), out, engine],
            check=True, capture_output=True, text=True, env=environment(), cwd=project,
        )  # fmt: skip
        return float(done.stdout.splitlines()[-1]), float("nan")

    sides: dict[str, Callable[[], object]] = {
        "papermill command": lambda: quiet(shell, project),
        "the same without rfc3987_syntax": lambda: quiet(bare, project),
        "`papermill --engine commune-pilots`": lambda: quiet(
            [*shell, "--engine", "commune-pilots"], project
        ),
        "papermill API, one process, a call": lambda: looped(""),
        "our engine, one process, a call": lambda: looped("commune-pilots"),
    }
    times = interleaved(sides, rounds)
    ours = times["our engine, one process, a call"]
    rows = [
        [name, f"{statistics.median(wall for wall, _ in found):.3f}", ratio(found, ours, 0)]
        for name, found in times.items()
    ]
    print("### One notebook that imports the libraries and draws one figure\n")
    table(["side", "wall, s", "wall / our engine"], rows)


def quiet(command: Sequence[str], project: Path) -> None:
    """Run one command whose output nobody reads."""
    subprocess.run(command, check=True, capture_output=True, env=environment(), cwd=project)


def batch(project: Path, size: int) -> None:
    """Time a batch of simulated runs, 1 and 2 at a time, against the loop and `xargs -P2`."""
    names = [f"b{number:02d}" for number in range(size)]
    rows = "".join(f"{name},smoke,{number}\n" for number, name in enumerate(names, start=1))
    (project / "params" / "batches" / "bench.csv").write_text("run,like,seed\n" + rows)
    sides: dict[str, Callable[[], object]] = {
        "`pilots batch --jobs 1`": lambda: pilots("batch", "bench", "--force", "--jobs", "1"),
        "`pilots batch --jobs 2`": lambda: pilots("batch", "bench", "--force", "--jobs", "2"),
        "`pilots batch`": lambda: pilots("batch", "bench", "--force"),
        "papermill API loop": lambda: papermill_loop(project, names),
        "`xargs -P2 papermill`": lambda: xargs(project, names),
    }
    times = interleaved(sides, 1)
    rows_shown = [
        [
            name,
            f"{found[0][0]:.0f}",
            f"{found[0][1]:.0f}",
            *(f"{found[0][0] / times[f'`pilots batch --jobs {n}`'][0][0]:.1f}" for n in (1, 2)),
        ]
        for name, found in times.items()
    ]
    print(f"### A batch of {size} simulated runs ({size * 6} notebooks)\n")
    table(["side", "wall, s", "CPU, s", "wall / ours, 1 job", "wall / ours, 2 jobs"], rows_shown)


def standing(project: Path, run: str, size: int) -> None:
    """Time a batch in which nothing is to be done; copies of one published run stand for it."""
    names = [f"n{number:04d}" for number in range(size)]
    rows = "".join(f"{name},{run}\n" for name in names)
    (project / "params" / "batches" / "standing.csv").write_text("run,like\n" + rows)
    layout = store.Layout(project)
    pilots("run", run)
    for name in names:
        adopt(layout, run, name)
    wall, cpu = timed(lambda: pilots("batch", "standing"))
    again, cpu_again = timed(lambda: pilots("batch", "standing"))
    print(f"### Nothing to do, {size} runs\n")
    megabytes = sum(path.stat().st_size for path in layout.reports(run).iterdir()) / 1e6
    table(
        ["what", "wall, s", "CPU, s"],
        [
            [
                f"first time: results and RO-Crate gathered ({megabytes:.1f} MB a run hashed)",
                f"{wall:.1f}",
                f"{cpu:.1f}",
            ],
            ["again", f"{again:.1f}", f"{cpu_again:.1f}"],
        ],
    )


def adopt(layout: store.Layout, run: str, name: str) -> None:
    """Publish a copy of a run under another name, its manifest rewritten to fit."""
    shutil.copytree(layout.processed(run), layout.processed(name))
    shutil.copytree(layout.reports(run), layout.reports(name))
    path = layout.reports(name) / "manifest.json"
    told = path.read_text(encoding="utf-8")
    for folder in ("reports", "data/processed"):
        told = told.replace(f'"{folder}/{run}/', f'"{folder}/{name}/')
    content = json.loads(told)
    content["run"] = content["parameters"]["run"] = name
    for step in content["steps"].values():
        if "run" in step["parameters"]:
            step["parameters"]["run"] = name
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def memory(project: Path) -> None:
    """Weigh kernels that have imported what notebook 06 imports: PSS for each further kernel."""
    code = next(
        cell
        for cell in cells_of(project / "notebooks" / "06_write_briefing.ipynb")
        if cell["id"] == "setup"
    )
    source = "run = 'smoke'\n" + "".join(code["source"]) + "\nproject.layout"
    found = {}
    for kind, cold in (("warm", ""), ("cold", "1")):
        os.environ[kernels.COLD_VARIABLE] = cold
        found[kind] = pss_each(source)
    os.environ.pop(kernels.COLD_VARIABLE)
    print("### Memory of each further kernel (PSS, 1 against 5 kernels)\n")
    rows = [[kind, f"{value:.0f}"] for kind, value in found.items()]
    table(["kernel", "MiB"], [*rows, ["warm / cold", f"{found['warm'] / found['cold']:.2f}"]])


def pss_each(source: str) -> float:
    """Start one, then four more kernels, run a text in each, and divide what they add."""
    import asyncio

    from jupyter_client.manager import AsyncKernelManager

    async def start() -> Any:
        manager = AsyncKernelManager(kernel_name="python3")
        manager.provisioner = kernels.WarmProvisioner(
            kernel_id="", kernel_spec=manager.kernel_spec, parent=manager
        )
        await manager.start_kernel(env={**os.environ, **plan.SWITCHES})
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=120)
        await client.execute_interactive(source, output_hook=lambda message: None)
        return manager, client

    async def weigh() -> float:
        started = [await start()]
        first = total_pss()
        started += [await start() for _ in range(4)]
        added = total_pss() - first
        for manager, client in started:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)
        return added / 4

    return asyncio.run(weigh())


def total_pss() -> float:
    """Add up the PSS of every kernel and template of this benchmark, MiB."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            if os.environ[kernels.FOLDER_VARIABLE].encode() not in environment:
                continue
            if int(process.name) == os.getpid():
                continue
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def command_run(project: Path, run: str, *, grammar: bool = True) -> None:
    """Execute the notebooks of a run with the papermill command, one after the other."""
    for command in commands(project, run, grammar=grammar):
        subprocess.run(command, check=True, capture_output=True, env=environment(), cwd=project)


def commands(project: Path, run: str, *, grammar: bool = True) -> Iterator[list[str]]:
    """Give the papermill commands of a run, its parameters in a file each."""
    begin = [str(BIN / "papermill")] if grammar else [sys.executable, "-c", WITHOUT_GRAMMAR]
    for notebook, values in asked(project, run):
        folder = project / "papermill" / run
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / f"{notebook.stem}.yml"
        told.write_text(yaml.safe_dump(values))
        yield [
            *begin,
            str(notebook),
            str(folder / notebook.name),
            "-f",
            str(told),
            "--no-progress-bar",
        ]


def xargs(project: Path, runs: Sequence[str]) -> None:
    """Execute runs two at a time: xargs starts a shell a run, which calls papermill six times."""
    lines = "\n".join(
        shlex.quote(" && ".join(shlex.join(command) for command in commands(project, run)))
        for run in runs
    )
    subprocess.run(
        ["xargs", "-P2", "-I{}", "sh", "-c", "{}"],
        input=lines, text=True, check=True, capture_output=True, env=environment(), cwd=project,
    )  # fmt: skip


def papermill_loop(project: Path, runs: Sequence[str]) -> None:
    """Execute runs through papermill's API in one process of its own."""
    jobs = [
        [str(notebook), str(project / "papermill" / run / notebook.name), values]
        for run in runs
        for notebook, values in asked(project, run)
    ]
    for run in runs:
        (project / "papermill" / run).mkdir(parents=True, exist_ok=True)
    script = (
        "import json, sys\nfrom papermill import execute_notebook\n"
        "for one, two, values in json.load(sys.stdin):\n"
        "    execute_notebook(one, two, parameters=values, progress_bar=False)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(jobs), text=True, check=True, capture_output=True,
        env=environment(), cwd=project,
    )  # fmt: skip


def floor(project: Path, run: str, *, isolated: bool) -> tuple[float, float]:
    """Call the notebooks' functions without a kernel; wall and CPU seconds, imports left out."""
    script = Path(__file__).with_name("floor.py")
    jobs = [[str(notebook), values] for notebook, values in asked(project, run)]
    done = subprocess.run(
        [sys.executable, str(script), "fork" if isolated else "same"],
        input=json.dumps(jobs), text=True, check=True, capture_output=True,
        env=environment(), cwd=project,
    )  # fmt: skip
    wall, cpu = json.loads(done.stdout.splitlines()[-1])
    return float(wall), float(cpu)


def asked(project: Path, run: str) -> list[tuple[Path, dict[str, Any]]]:
    """Pair each notebook with the parameters it declares."""
    layout = store.Layout(project)
    like = run if (project / "params" / "runs" / f"{run}.yml").is_file() else "smoke"
    loaded = load_run(run, layout.params, like=like)
    steps = plan.read_steps(layout, read_code())
    return [(step.notebook, plan.parameters_for(step, loaded)) for step in steps if step.notebook]


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """Read the cells of a notebook."""
    cells: list[dict[str, Any]] = json.loads(notebook.read_text())["cells"]
    return cells


def environment() -> dict[str, str]:
    """Give both sides the same steady environment."""
    return {**os.environ, **plan.SWITCHES}


def pilots(*words: str) -> None:
    """Call our command in a process of its own."""
    done = subprocess.run(
        [str(BIN / "pilots"), *words],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Time one call: wall, and CPU of all its children, kernels included once they are reaped."""
    before, started = cpu_seconds(), time.monotonic()
    found = call()
    if isinstance(found, tuple):
        return found
    return time.monotonic() - started, cpu_seconds() - before


def cpu_seconds() -> float:
    """Add up the CPU of reaped children and of templates, which reap the kernels they forked."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = used.ru_utime + used.ru_stime
    tick = os.sysconf("SC_CLK_TCK")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.environ[kernels.FOLDER_VARIABLE].encode() in (process / "cmdline").read_bytes():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15])) / tick
        except OSError:
            continue
    return total


def interleaved(
    sides: dict[str, Callable[[], object]], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Time every side in turn, in reversed order every other round."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name in list(sides) if turn % 2 == 0 else reversed(list(sides)):
            times[name].append(timed(sides[name]))
            print(f"<!-- {turn} {name} {times[name][-1]} -->", file=sys.stderr)
    return times


def ratio(
    theirs: Sequence[tuple[float, float]],
    ours: Sequence[tuple[float, float]],
    place: int,
    *,
    without: Sequence[tuple[float, float]] | None = None,
) -> str:
    """Compare round by round, with the notebooks' own work taken off where it is given."""
    off = [times[place] for times in without] if without else [0.0] * len(ours)
    found = [
        (one[place] - work) / (two[place] - work)
        for one, two, work in zip(theirs, ours, off, strict=True)
    ]
    return f"{statistics.median(found):.2f} ({min(found):.2f} .. {max(found):.2f})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    for cells in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(cells) + " |")
    print(flush=True)


if __name__ == "__main__":
    main()
