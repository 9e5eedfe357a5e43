"""The parameter form below the parameters cell: `%load_ext commune_pilots.desk.form`.

After somebody runs the parameters cell of a notebook by hand, the values of the run at hand are put
over those of the cell, as papermill does in a batch, and a form shows them. A batch never loads
this. Loading it costs nothing: widgets are imported when the first form is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from IPython.display import display

from commune_pilots import params, store
from commune_pilots.catalogue import LANGUAGES, Language, chosen_languages, text
from commune_pilots.desk import form_fields
from commune_pilots.desk.at_hand import at_hand
from commune_pilots.errors import DefectError, PilotsError
from commune_pilots.keys import read_mapping
from commune_pilots.params import Run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

    from commune_pilots.desk.form_view import View

_HOOK, _VIEW = "_commune_pilots_form_hook", "_commune_pilots_form"
_FIRST_RUN = "smoke"  # what the first line of every parameters cell names (style of notebooks)
_WIDGET = "application/vnd.jupyter.widget-view+json"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Watch for the parameters cell, once however often this is loaded."""
    unload_ipython_extension(shell)

    def hook(result: ExecutionResult) -> None:
        after_cell(shell, result)

    setattr(shell, _HOOK, hook)
    shell.events.register("post_run_cell", hook)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Watch no longer, and take the form off the screen."""
    hook: Callable[..., None] | None = getattr(shell, _HOOK, None)
    if hook is not None:
        shell.events.unregister("post_run_cell", hook)
        delattr(shell, _HOOK)
    _close(shell)


def after_cell(shell: InteractiveShell, result: ExecutionResult) -> None:
    """Show the form where the cell that ran declares parameters; what goes wrong is a sentence."""
    info = getattr(result, "info", None)
    cell = form_fields.parameters_of(info.raw_cell) if info and result.success else None
    if cell is None:
        return
    try:
        _show(shell, cell)
    except PilotsError as error:
        _tell(error)
    except Exception as error:
        _tell(DefectError.of(error))


def _show(shell: InteractiveShell, cell: Mapping[str, Any]) -> None:
    layout = store.find_root()
    run = at_hand(layout) or str(cell["run"])
    keys = [key for key in cell if key != "run"]

    def put(held: Run) -> None:
        values = {key: deepcopy(getattr(held, key)) for key in cell}
        shell.user_ns.update(values)

    base = read_mapping(layout.params / "base.yml", "params/base.yml")
    by_hand = form_fields.edited(cell, base, run=run, first=_FIRST_RUN)
    notice = {
        name: text("form.edited", name, keys=", ".join(by_hand), run=run)
        for name in chosen_languages()
        if by_hand
    }
    if getattr(shell, "kernel", None) is None:
        held = params.load_run(run, layout.params)
        put(held)
        display(_Text(_as_text(held, keys, notice)))
        return
    from commune_pilots.desk import form_view

    def check(name: str) -> PilotsError | None:
        return _refusal(layout, name)

    earlier: View | None = getattr(shell, _VIEW, None)
    same = earlier is not None and earlier.held is not None and earlier.held.run == run
    typed = form_view.unsaved(earlier) if earlier and same else None
    _close(shell)
    view = form_view.show(
        layout, run, declared=keys, notice=notice, put=put, check=check, typed=typed
    )
    setattr(shell, _VIEW, view)
    table = _as_text(view.held, keys, notice) if view.held else run
    shown = {_WIDGET: {"version_major": 2, "version_minor": 0, "model_id": view.box.model_id}}
    style = f"<style>{form_view.STYLE}</style>"  # widgets show a style sheet as text
    display({"text/html": style, "text/plain": ""}, raw=True)
    display({**shown, "text/plain": table}, raw=True)


def _close(shell: InteractiveShell) -> None:
    """Take the form of an earlier cell off the screen, so that only one can write."""
    view: View | None = getattr(shell, _VIEW, None)
    if view is not None:
        from commune_pilots.desk import form_view

        form_view.close(view)
        delattr(shell, _VIEW)


def _refusal(layout: store.Layout, run: str) -> PilotsError | None:
    """Say whether a batch would refuse the run: only raw tables know sources, units, decisions."""
    from commune_pilots.runs.check import check_rows
    from commune_pilots.runs.inventory import read_inventory
    from commune_pilots.runs.table import Row

    (found,) = check_rows(read_inventory(layout), [Row(run=run)])
    return found.error


def _as_text(held: Run, keys: list[str], notice: Mapping[Language, str]) -> str:
    """Write the form where nothing can be typed into it: values, and where to change them."""
    languages = chosen_languages()
    table = form_fields.as_table(form_fields.fields_of(keys, held, languages))
    lines = [
        text(f"form.{key}", name, run=held.run) for key in ("held", "text") for name in languages
    ]
    return "\n".join([table, *lines, *notice.values()])


def _tell(error: PilotsError) -> None:
    languages = chosen_languages() or LANGUAGES
    display(_Text("\n".join(error.sentence(name) for name in languages)))


class _Text(str):
    """Text that is shown as it stands, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
