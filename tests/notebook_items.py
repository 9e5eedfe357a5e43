"""Notebooks as tests: `pytest notebooks/03_estimate_effects.ipynb` says whether it runs.

A pytest plugin, loaded by the root's conftest.py. All notebooks of a session share one execution of
the run `smoke` (tests/smoked.py). What fails is told as an analyst needs it: notebook, cell, source
and error, without the machinery's traceback.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat
import pytest
from smoked import Smoked, smoked

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
RENEW = "--renew-golden"


class NotRun(Exception):
    """A notebook did not run to its end; the message is all there is to say."""


class NotebookFile(pytest.File):
    """One notebook, which is one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give the notebook as its only test."""
        item: pytest.Item = NotebookItem.from_parent(self, name=self.path.stem)
        item.add_marker(pytest.mark.slow)
        yield item


class NotebookItem(pytest.Item):
    """One notebook in the run that the session's notebooks share."""

    def runtest(self) -> None:
        """Pass if the notebook ran to its end (judge)."""
        # A fixture would be the public way to this factory, and items of one's own have none.
        ran = smoked(self.config._tmp_path_factory)  # type: ignore[attr-defined]
        judge(self.path, ran, asked={item.name for item in self.session.items})

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style=None):  # type: ignore[no-untyped-def]
        """Show what a notebook has to say; a traceback only where none is to blame."""
        if isinstance(excinfo.value, NotRun):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the notebook."""
        return self.path, None, f"{self.path.parent.name}/{self.path.name}"


def judge(notebook: Path, ran: Smoked, *, asked: Collection[str]) -> None:
    """Hand back a notebook that ran to its end; raises NotRun for the one that stopped the run.

    One behind that is skipped as not reached, or NotRun where what stopped it was not asked for.
    """
    stopped = ran.stopped_at
    if ran.error is None or (stopped and notebook.stem < stopped):
        return
    if stopped in (None, notebook.stem):
        raise NotRun(told(ran, notebook))
    if stopped in asked:
        pytest.skip(f"not reached: {stopped} failed")
    raise NotRun(f"not reached: {told(ran, notebook.with_name(f'{stopped}.ipynb'))}")


def told(ran: Smoked, notebook: Path) -> str:
    """Tell of a failed cell: where it stands, its source with the line marked, and its error."""
    error = ran.error
    assert error is not None
    if error.key != "cell_failed":
        return "\n".join(error.sentence(language) for language in ("vi", "en"))
    cell, line = str(error.values["cell"]), str(error.values["line"])
    cells = nbformat.read(notebook, as_version=4).cells
    source = next((each.source for each in cells if each.id == cell), str(error.values["text"]))
    marked = [
        f"{'>' if str(at) == line else ' '} {at:>3}  {text}"
        for at, text in enumerate(source.splitlines(), start=1)
    ]
    return "\n".join(
        [
            f"notebooks/{notebook.name}, cell {cell}, line {line}:",
            "",
            *marked,
            "",
            f"{error.values['name']}: {error.values['message']}",
            "",
            f"executed up to there: {ran.root / str(error.values['kept'])}",
        ]
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the numbered notebooks, which are those that runs execute."""
    if file_path.parent == NOTEBOOKS and file_path.match("[0-9][0-9]_*.ipynb"):
        collector: pytest.Collector = NotebookFile.from_parent(parent, path=file_path)
        return collector
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to write golden numbers anew (tests/golden.py)."""
    text = "write tests/notebooks/golden anew; CHANGELOG then says which numbers moved, and why"
    parser.addoption(RENEW, action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to write golden numbers anew where nobody looks at what moved."""
    if config.getoption(RENEW) and os.environ.get("CI"):
        raise pytest.UsageError(f"{RENEW} is for people: a golden number moves by a commit")
