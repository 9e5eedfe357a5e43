"""The parameter form on the screen: widgets that ask, tell what is wrong, and save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from commune_pilots import params
from commune_pilots.catalogue import Language, chosen_languages, text
from commune_pilots.desk import form_fields
from commune_pilots.desk.at_hand import take_up
from commune_pilots.desk.form_fields import KEYS, FormField
from commune_pilots.desk.run_file import write_run
from commune_pilots.errors import DefectError, PilotsError
from commune_pilots.params import Run
from commune_pilots.store import Layout

STYLE = resources.files("commune_pilots.desk").joinpath("form.css").read_text(encoding="utf-8")
_WRONG = "pilots-wrong"


@dataclass(kw_only=True)
class View:
    """What one form shows and holds: its run, the widgets of its keys, and what it said last.

    `put` hands the values of a run to the notebook, `check` tells what only the tables can tell.
    """

    layout: Layout
    declared: Sequence[str]
    languages: Sequence[Language]
    notice: Mapping[Language, str]
    put: Callable[[Run], None]
    check: Callable[[str], PilotsError | None]
    held: Run | None = None
    controls: dict[str, widgets.Widget] = field(default_factory=dict)
    notes: dict[str, widgets.HTML] = field(default_factory=dict)
    fields: dict[str, FormField] = field(default_factory=dict)
    told: widgets.HTML = field(default_factory=widgets.HTML)
    save: widgets.Button = field(default_factory=widgets.Button)
    body: widgets.VBox = field(default_factory=widgets.VBox)
    box: widgets.VBox = field(default_factory=widgets.VBox)


def show(
    layout: Layout,
    run: str,
    *,
    declared: Sequence[str],
    notice: Mapping[Language, str],
    put: Callable[[Run], None],
    check: Callable[[str], PilotsError | None],
    typed: Mapping[str, str] | None = None,
) -> View:
    """Build the form of a run; a run that cannot be read is told instead of its fields.

    `typed` is what an earlier form of the run held unsaved: it is typed anew.
    """
    languages = chosen_languages() or ("vi",)
    view = View(layout=layout, declared=declared, languages=languages, notice=notice, put=put,
                check=check)  # fmt: skip
    known = params.known_runs(layout.params)
    runs = widgets.Dropdown(options=known, value=run if run in known else None)
    runs.description = _both(view, "form.run")
    runs.observe(lambda change: _guarded(view, lambda: _choose(view, change["new"])), names="value")
    view.save.description = _both(view, "form.save")
    view.save.button_style = "primary"
    view.save.on_click(lambda _: _guarded(view, lambda: _save(view)))
    title = Markup("<h4>{}</h4>").format(_both(view, "form.title"))
    foot = [view.body, view.save, view.told]
    view.box.children = [widgets.HTML(str(title)), runs, *foot]
    view.box.add_class("pilots-form")
    _guarded(view, lambda: _fill(view, run))
    if typed and view.held:
        _guarded(view, lambda: _retype(view, typed))
    return view


def unsaved(view: View) -> dict[str, str]:
    """Tell what was typed into a form and not saved, right or wrong."""
    if view.held is None:
        return {}
    typed = _typed(view)
    return {key: typed[key] for key in form_fields.changes(view.held, typed)}


def _retype(view: View, typed: Mapping[str, str]) -> None:
    if not typed.keys() <= view.controls.keys():
        view.body.children[1].selected_index = 0
    for key, value in typed.items():
        view.controls[key].value = value


def close(view: View) -> None:
    """Take a form and every widget of it off the screen; nothing in it can be pressed again."""
    for widget in _inside(view.box):
        widget.close()


def _inside(widget: widgets.Widget) -> list[widgets.Widget]:
    return [each for child in getattr(widget, "children", ()) for each in _inside(child)] + [widget]


def _choose(view: View, run: str) -> None:
    take_up(view.layout, run)
    view.notice = {}
    _fill(view, run)


def _fill(view: View, run: str) -> None:
    """Show the values of a run and hand them to the notebook."""
    view.held = None
    view.controls, view.notes, view.fields = {}, {}, {}
    view.body.children, view.save.disabled = (), True
    view.held = params.load_run(run, view.layout.params)
    view.put(view.held)
    others = widgets.Accordion(children=[widgets.VBox()], selected_index=None)
    others.set_title(0, _both(view, "form.others"))
    others.observe(
        lambda change: _guarded(view, lambda: _unfold(view, others)), names="selected_index"
    )
    view.body.children = (_grid(view, view.declared), others)
    _say(view, {name: text("form.held", name, run=run) for name in view.languages})
    if view.notice:
        _say(view, view.notice, role="alert")


def _unfold(view: View, others: widgets.Accordion) -> None:
    """Build the fields of the other keys once somebody looks for them."""
    if not others.children[0].children:
        rest = [key for key in KEYS if key not in view.declared]
        others.children = (widgets.VBox([_grid(view, rest)]),)


def _grid(view: View, keys: Sequence[str]) -> widgets.Box:
    assert view.held is not None
    made = []
    for shown in form_fields.fields_of(keys, view.held, view.languages):
        described = " / ".join(shown.labels)
        control = (
            widgets.Dropdown(options=shown.choices, value=shown.shown, description=described)
            if shown.choices
            else widgets.Text(value=shown.shown, description=described, continuous_update=True)
        )
        control.observe(lambda _: _guarded(view, lambda: _look(view)), names="value")
        note = widgets.HTML(_note(shown, None, view.languages))
        view.controls[shown.key], view.notes[shown.key] = control, note
        view.fields[shown.key] = shown
        each = widgets.VBox([control, note])
        each.add_class("pilots-field").add_class(f"pilots-key-{shown.key}")
        made.append(each)
    return widgets.VBox(made).add_class("pilots-fields")


def _note(shown: FormField, error: PilotsError | None, languages: Sequence[Language]) -> str:
    """Write what stands below a field: its error first, then what the key means."""
    lines = [Markup("<small>{}: {}</small>").format(shown.key, shown.helps[0])]
    lines += [Markup('<small lang="en">{}</small>').format(each) for each in shown.helps[1:]]
    if error:
        sentences = [error.sentence(name) for name in languages]
        lines.insert(
            0, Markup('<span role="alert" aria-live="polite">{}</span>').format(sentences[0])
        )
    return str(Markup("").join(lines))


def _typed(view: View) -> dict[str, str]:
    return {key: control.value for key, control in view.controls.items()}


def _look(view: View) -> None:
    """Hold what is typed against the contract; saving waits until nothing is wrong."""
    if view.held is None:
        return
    typed, file = _typed(view), f"params/runs/{view.held.run}.yml"
    wrong = form_fields.problems(view.held, typed, file=file)
    for key, note in view.notes.items():
        note.value = _note(view.fields[key], wrong.get(key), view.languages)
        (view.controls[key].add_class if key in wrong else view.controls[key].remove_class)(_WRONG)
    changed = form_fields.changes(view.held, typed)
    view.save.disabled = bool(wrong) or not changed
    if "" in wrong:
        _say(view, _sentences(view, wrong[""]), role="alert")
    elif wrong:
        _say(view, {name: text("form.wrong", name, count=len(wrong)) for name in view.languages})
    elif changed:
        keys = ", ".join(changed)
        _say(view, {name: text("form.unsaved", name, keys=keys) for name in view.languages})
    else:
        _say(view, {name: text("form.unchanged", name) for name in view.languages})


def _save(view: View) -> None:
    """Write what was changed, hand it to the notebook, then ask the tables."""
    if view.held is None:
        return
    run = view.held.run
    keys = write_run(view.layout, run, form_fields.changes(view.held, _typed(view)))
    view.held = params.load_run(run, view.layout.params)
    view.put(view.held)
    view.save.disabled = True
    told: dict[str, Any] = {"keys": ", ".join(keys), "file": f"params/runs/{run}.yml"}
    saved = {name: text("form.saved", name, **told) for name in view.languages}
    _say(view, saved)
    if error := view.check(run):
        refused = {
            name: text("form.refused", name, sentence=error.sentence(name))
            for name in view.languages
        }
        _say(view, saved, role="status", warning=refused)


def _guarded(view: View, do: Callable[[], None]) -> None:
    """Do something for the form; whatever goes wrong becomes a sentence in it."""
    try:
        do()
    except PilotsError as error:
        _say(view, _sentences(view, error), role="alert")
    except Exception as error:
        _say(view, _sentences(view, DefectError.of(error)), role="alert")


def _say(
    view: View,
    sentences: Mapping[Language, str],
    *,
    role: str = "status",
    warning: Mapping[Language, str] | None = None,
) -> None:
    """Tell something below the button, Vietnamese first, and a warning under it."""
    lines = [(role, name, said) for name, said in sentences.items()]
    lines += [("alert", name, said) for name, said in (warning or {}).items()]
    view.told.value = str(
        Markup("").join(
            Markup('<span role="{}" lang="{}">{}</span>').format(*line) for line in lines
        )
    )


def _sentences(view: View, error: PilotsError) -> dict[Language, str]:
    return {name: error.sentence(name) for name in view.languages}


def _both(view: View, key: str) -> str:
    return " / ".join(text(key, name) for name in view.languages)
