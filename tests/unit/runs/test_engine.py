"""The papermill engine: what it keeps, what it stops, and that others can use it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from built import copy_project
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.exceptions import PapermillExecutionError
from warmed import (
    alive,
    environment,
    eventually,
    execute,
    gone,
    kernel,
    outputs,
    prepared,
    printed,
    templates,
)

from commune_pilots.runs import engine, kernels
from commune_pilots.runs.engine import Engine, NotebookTimeoutError, OutputLimitError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("templates_at")]
PID = (
    "import os\nfrom pathlib import Path\n"
    "_ = Path('new').write_text(str(os.getpid())), Path('new').rename('pid')"
)
TIMES = ("start_time", "end_time", "duration")


def written(path, *sources, **metadata):
    """Write a notebook as a person would."""
    cells = [new_markdown_cell("# Title"), *(new_code_cell(source) for source in sources)]
    cells[1].metadata["tags"] = ["parameters"]
    for place, cell in enumerate(cells):
        cell.id = f"c{place}"
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec, **metadata}), path)
    return str(path)


def run(path, out, **given):
    """Execute a notebook through papermill with our engine, or the one named."""
    given = {"engine_name": engine.NAME, "progress_bar": False, **given}
    return papermill.execute_notebook(path, str(out), **given)


def kernel_gone(folder):
    """Say whether the kernel that wrote its number in a folder is gone."""
    return eventually(lambda: gone(int((folder / "pid").read_text())))


def metadata_of(notebook):
    """Take what papermill records, with times replaced by their kind."""
    found = []
    for part in (notebook, *notebook.cells):
        told = dict(part.metadata.get("papermill", {}))
        told |= {name: type(told[name]).__name__ for name in TIMES if name in told}
        found.append({k: v for k, v in told.items() if k not in ("output_path", "version")})
    return found


@pytest.mark.parametrize("sources", [["x = 1", "print(x)", "x"], ["x = 1", "1 / 0", "print(2)"]])
def test_what_is_recorded_and_shown_is_what_papermill_records_and_shows(tmp_path, sources):
    path, found = written(tmp_path / "in.ipynb", *sources), []
    for name in (engine.NAME, None):
        try:
            made = run(path, tmp_path / f"{name}.ipynb", engine_name=name, parameters={"x": 2})
        except PapermillExecutionError as failed:
            made = nbformat.read(tmp_path / f"{name}.ipynb", as_version=4)
            made.metadata["failed"] = [failed.ename, failed.evalue, failed.exec_count]
        for cell in made.cells:
            if cell.id not in ("c0", "c1", "c2", "c3"):
                cell.id = "made by papermill"
        found.append(made)
    own, stock = found
    assert metadata_of(own) == metadata_of(stock)
    for one, other in zip(own.cells, stock.cells, strict=True):
        assert (one.id, one.source) == (other.id, other.source)
        assert one.get("execution_count") == other.get("execution_count")
        shown = [
            [{k: v for k, v in out.items() if k != "traceback"} for out in cell.get("outputs", [])]
            for cell in (one, other)
        ]
        assert shown[0] == shown[1]
    assert own.metadata.get("failed") == stock.metadata.get("failed")
    assert own.metadata.language_info == stock.metadata.language_info


def test_a_failing_cell_keeps_its_error_and_what_ran_before_it(tmp_path):
    path = written(tmp_path / "in.ipynb", "print('first')", "raise ValueError('told')", "print(3)")
    with pytest.raises(PapermillExecutionError, match="told"):
        run(path, tmp_path / "out.ipynb")
    cells = [c for c in nbformat.read(tmp_path / "out.ipynb", 4).cells if c.cell_type == "code"]
    first, second, third = cells[-3:]
    assert first.outputs[0].text == "first\n"
    assert second.outputs[0].evalue == "told"
    assert (third.execution_count, third.outputs) == (None, [])


def test_a_progress_bar_is_drawn_only_if_asked(capfd):
    execute("1")
    assert "cell" not in capfd.readouterr().err
    Engine.execute_notebook(prepared("1", "2"), "python3", progress_bar={"ascii": True})
    assert "2/2" in capfd.readouterr().err


def test_a_slow_cell_and_a_slow_notebook_are_told_apart(tmp_path):
    sources = [PID, "import time; time.sleep(1000)"]
    for limit, error in (
        ({"execution_timeout": 1}, CellTimeoutError),
        ({"notebook_timeout": 1}, NotebookTimeoutError),
    ):
        kept = []
        with pytest.raises(error):
            execute(*sources, folder=tmp_path, abandoned=kept.append, **limit)
        assert kernel_gone(tmp_path)
        (notebook,) = kept
        assert notebook.cells[1].metadata.papermill.status == "failed"


@pytest.mark.parametrize(
    "flood",
    [
        "print('x' * 5000)",
        "for _ in range(1000): print('x' * 10)",
        "from IPython.display import HTML\nHTML('x' * 5000)",
        "import sys\n_ = sys.stderr.write('x' * 5000)",
    ],
    ids=["at once", "little by little", "shown", "as errors"],
)
def test_a_flood_of_output_is_stopped(monkeypatch, tmp_path, flood):
    monkeypatch.setattr(engine, "MOST_OUTPUT", 4000)
    execute("print('x' * 2000)")
    with pytest.raises(OutputLimitError):
        execute(PID, flood, "import time; time.sleep(1000)", folder=tmp_path)
    assert kernel_gone(tmp_path)


def test_a_kernel_that_never_starts_is_given_up_and_ended(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "sleeps"
    spec.mkdir(parents=True)
    code = f"{PID}; __import__('time').sleep(1000)".replace("\n", "; ")
    argv = [sys.executable, "-c", code, "{connection_file}"]
    told = {"argv": argv, "display_name": "Sleeps", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(told))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="2 seconds"):
        Engine.execute_notebook(
            prepared("1"), "sleeps", progress_bar=False, start_timeout=2, folder=str(tmp_path)
        )
    assert kernel_gone(tmp_path)


def test_a_kernel_that_ends_while_it_starts_is_seen_to_be_dead(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "ends"
    spec.mkdir(parents=True)
    told = {"argv": [sys.executable, "-c", "1"], "display_name": "Ends", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(told))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="died"):
        Engine.execute_notebook(prepared("1"), "ends", progress_bar=False)


def test_a_prologue_leaves_no_trace_and_its_failure_ends_the_run(tmp_path):
    notebook = execute("print(before)", prologue="before = 'set'; print('unseen')")
    assert printed(notebook) == "set\n"
    assert notebook.cells[0].execution_count == 1
    kept, failing = [], f"{PID}\n1 / 0"
    with pytest.raises(RuntimeError, match="prologue failed"):
        execute("1", prologue=failing, abandoned=kept.append, folder=tmp_path)
    assert kept[0].cells[0].execution_count is None
    assert kernel_gone(tmp_path)


def test_a_kernel_that_is_late_to_start_is_ended_with_its_notebook(tmp_path):
    slow = f"{PID}\n__import__('time').sleep(1000)"
    with pytest.raises(NotebookTimeoutError):
        execute("1", prologue=slow, notebook_timeout=3, folder=tmp_path)
    assert kernel_gone(tmp_path)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize(
    "death", ["os._exit(3)", "__import__('ctypes').string_at(0)", "os.kill(os.getpid(), 9)"]
)
def test_a_dead_kernel_is_noticed_and_the_notebook_handed_over(tmp_path, cold, death):
    kept = []
    with pytest.raises(DeadKernelError):
        execute("print(1)", f"import os; {death}", cold=cold, abandoned=kept.append)
    assert printed(kept[0]) == "1\n"
    assert kept[0].cells[1].metadata.papermill.status == "failed"


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_another_thread_can_end_the_kernel(tmp_path, cold):
    def later(kill):
        threading.Thread(
            target=lambda: (eventually(lambda: (tmp_path / "pid").exists()), kill())
        ).start()

    started = time.monotonic()
    with pytest.raises((DeadKernelError, RuntimeError)):
        execute(PID, "__import__('time').sleep(1000)", cold=cold, folder=tmp_path, started=later)
    assert time.monotonic() - started < 60
    assert kernel_gone(tmp_path)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_a_kernel_ended_before_it_was_started_runs_no_cell(tmp_path, cold):
    with pytest.raises(RuntimeError):
        execute(PID, cold=cold, folder=tmp_path, started=lambda kill: kill())
    assert not (tmp_path / "pid").exists()


def test_what_ends_a_kernel_keeps_no_notebook_in_memory():
    import gc

    kills = []
    execute("1", started=kills.append)
    gc.collect()
    held = [cell.cell_contents for cell in kills[0].__closure__]
    assert [found() for found in held] == [None]
    kills[0]()


def test_it_runs_inside_a_running_event_loop():
    async def within():
        return printed(execute("print('here')"))

    assert asyncio.run(within()) == "here\n"


def test_outputs_are_logged_and_copied_as_papermill_does(tmp_path, caplog):
    out, err = io.StringIO(), io.StringIO()
    with caplog.at_level(logging.INFO, logger="papermill"):
        execute(
            "import sys\nprint('to out')\nprint('to err', file=sys.stderr)\n'shown'",
            log_output=True,
            stdout_file=out,
            stderr_file=err,
        )
    assert (out.getvalue(), err.getvalue()) == ("to out\n", "to err\n")
    said = {record.getMessage().strip() for record in caplog.records}
    assert {"to out", "to err", "'shown'"} <= said


def test_every_kernel_has_private_sockets_and_none_is_left(templates_at):
    look = (
        "import json, os, stat, sys\nfrom pathlib import Path\n"
        "told = json.loads(Path(sys.argv[2]).read_text())\n"
        "folder = Path(sys.argv[2]).parent\n"
        "print(told['transport'], folder, oct(folder.stat().st_mode)[-3:])"
    )
    transport, folder, mode = printed(execute(look)).split()
    assert (transport, mode) == ("ipc", "700")
    assert Path(folder).parent == templates_at
    assert not Path(folder).exists()


def test_a_folder_for_sockets_that_cannot_be_had_costs_only_warmth(short_path, monkeypatch):
    short_path.chmod(0o755)
    monkeypatch.setenv(kernels.FOLDER_VARIABLE, str(short_path))
    assert printed(execute("import os; print(os.getppid())")) == f"{os.getpid()}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy the project and execute notebook 01 by hand, in a cold kernel."""
    layout = copy_project(tmp_path_factory.mktemp("project"))
    run(
        str(layout.notebooks / "01_clean_data.ipynb"),
        layout.root / "01.ipynb",
        engine_name=None,
        cwd=str(layout.notebooks),
    )
    return layout


def command(*words, folder, **given):
    """Run a command of the environment; gives what it said."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name(words[0])), *words[1:]],
        cwd=folder,
        env=environment(**given),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_papermill_command_shows_the_same_with_our_engine_and_its_own(project):
    made = []
    for name, words in (("own", ["--engine", engine.NAME]), ("stock", [])):
        out = project.root / f"{name}.ipynb"
        inside = project.notebooks
        command("papermill", "02_describe_pilots.ipynb", str(out), *words, folder=inside)
        notebook = nbformat.read(out, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        made.append(outputs(notebook))
    own, stock = made
    assert any(own)
    assert own == stock


def test_jupyter_execute_uses_warm_kernels_by_a_variable(tmp_path, templates_at):
    written(tmp_path / "in.ipynb", "import os", "print(os.getppid())")
    with kernel():  # so that there is a template, whatever ran before
        command(
            "jupyter", "execute", "--inplace", "in.ipynb",
            folder=tmp_path, JUPYTER_DEFAULT_PROVISIONER_NAME=kernels.NAME,
        )  # fmt: skip
        made = nbformat.read(tmp_path / "in.ipynb", as_version=4)
        assert int(made.cells[2].outputs[0].text) in templates(templates_at)


def test_a_kernel_with_a_provisioner_of_its_own_keeps_it(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "local"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    told = {"argv": argv, "display_name": "Local", "language": "python"}
    told["metadata"] = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}
    (spec / "kernel.json").write_text(json.dumps(told))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = prepared("import os; print(os.getppid())")
    Engine.execute_notebook(notebook, "local", progress_bar=False)
    assert printed(notebook) == f"{os.getpid()}\n"
    assert alive(os.getpid())


def test_the_engine_names_kernel_and_language_as_papermill_does():
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = new_notebook(metadata={"kernelspec": spec})
    assert Engine.nb_kernel_name(notebook) == "python3"
    assert Engine.nb_kernel_name(notebook, "other") == "other"
    assert Engine.nb_language(notebook) == "python"
