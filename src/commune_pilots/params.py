"""Typed contract of every parameter: what a run may ask for, checked before any kernel starts.

`params/base.yml` holds every key with its default, `params/runs/<run>.yml` only what differs, and
`--set key=value` comes last. The catalogue of indicators is a parameter file too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from commune_pilots import catalogue, strict_yaml
from commune_pilots.errors import NOTHING, ParameterError
from commune_pilots.keys import describe, names_in, near, parameter_error, read_mapping, unaccented
from commune_pilots.vocabulary import Data, Rounding, Simulation

CORRECTIONS = "params/corrections.yml"
Cell = str | int | float | None
# reports/released holds what was released, so it is no name of a run.
_RUN_NAME = r"^(?!released$)[a-z][a-z0-9_]{0,39}$"
RunName = Annotated[str, Field(pattern=_RUN_NAME)]
_STUDY_NAME = r"^(?:(?!released$)[a-z][a-z0-9_]{0,39})?$"  # "": the run has no study
ScenarioName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,20}$")]


class Run(BaseModel):
    """Every parameter of one run; one run is one briefing.

    What each key means is worded in the catalogue: `parameter.<key>.label` and `.help`.
    """

    # The pattern of a run's name looks ahead, which only Python's own engine can.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, regex_engine="python-re")

    run: RunName
    data: Data
    simulation: Simulation
    province: Code
    sources: list[Code]
    deliveries: list[Code]
    study: Annotated[str, Field(pattern=_STUDY_NAME)]
    indicators: list[Code]
    units: list[Code]
    decision: Code
    briefing_date: str
    status: Literal["draft", "official"]
    since: str
    rounding: Rounding
    alpha: Annotated[float, Field(gt=0, lt=0.5)]
    least_dossiers: Annotated[int, Field(ge=1, le=10_000_000)]
    grade_for_scaling: Literal["medium", "high"]
    grade_for_stages: Literal["low", "medium", "high"]
    least_change: Annotated[float, Field(gt=0, le=100)]
    least_share: Annotated[float, Field(gt=0, le=100)]
    least_chance: Annotated[float, Field(gt=0.5, lt=1)]
    target_share: Annotated[float, Field(gt=0, lt=100)]
    scenario: ScenarioName
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    cell_timeout: Annotated[int, Field(ge=1, le=3600)]
    notebook_timeout: Annotated[int, Field(ge=1, le=86_400)]

    @field_validator("briefing_date", "since")
    @classmethod
    def _iso_date(cls, value: str, about: ValidationInfo) -> str:
        if about.field_name == "since" and not value:
            return value
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError("iso_date")
        date.fromisoformat(value)
        return value


class Definition(BaseModel):
    """One way to count an indicator; two definitions never enter one comparison.

    A definition that says no more than that its rule is unknown is not `asked` for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    vi: str
    en: str
    assisted: Literal["counted", "left_out", "unknown"] = "unknown"
    period: Literal["received", "completed", "cumulative"] | None = None
    asked: bool = True


class Indicator(BaseModel):
    """One measured quantity: unit, bounds, direction, pillar and its definitions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    label_vi: str
    label_en: str
    unit: Literal["percent", "count", "rank", "points", "score", "text"]
    minimum: float | None
    maximum: float | None
    better: Literal["up", "down", "none"]
    pillar: Literal["government", "economy", "society"]
    definitions: dict[str, Definition]


class Correction(BaseModel):
    """One known error: the rows it is in, the column, the value expected and the right one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: str
    where: dict[str, Cell]
    action: Literal["override", "drop"]
    column: str | None = None
    value: Cell = None
    expect: Cell = None
    reason: str
    reported: str


def load_run(
    name: str,
    folder: Path,
    *,
    like: str | None = None,
    settings: Sequence[str] = (),
    place: str = "--set",
) -> Run:
    """Merge base.yml, runs/<like>.yml and `key=value` settings into one checked Run.

    `like` is the run's own name unless it starts from another's file; `place` says where the
    settings stand. Raises ParameterError for an unknown run or key (with the nearest known one), a
    wrong type or a value out of range, naming file, key, value and what is accepted, and for
    press figures that would be simulated.
    """
    like = like or name
    check_known_run(like, folder)
    path = folder / "runs" / f"{like}.yml"
    layers = [
        ("params/base.yml", read_mapping(folder / "base.yml", "params/base.yml")),
        (f"params/runs/{like}.yml", read_mapping(path, f"params/runs/{like}.yml")),
        (place, dict(_setting(entry, folder, place) for entry in settings)),
    ]
    merged: dict[str, Any] = {"run": name}
    origin: dict[str, str] = {"run": place if like != name else f"params/runs/{name}.yml"}
    for file, layer in layers:
        for key, value in layer.items():
            if key == "run":
                raise ParameterError("key_not_yours", file=file, key=key)
            _check_key(key, file, folder)
            merged[key], origin[key] = value, file
    missing = [key for key in Run.model_fields if key not in merged]
    if missing:
        raise ParameterError("missing_key", file="params/base.yml", key=missing[0])
    return checked(merged, origin=origin)


def checked(values: Mapping[str, Any], *, origin: Mapping[str, str]) -> Run:
    """Hold merged values against the contract of a run, and keys against one another.

    `origin` says in which file each key stands. Raises ParameterError as `load_run` does.
    """
    try:
        run = Run.model_validate(values)
    except ValidationError as invalid:
        raise parameter_error(invalid, Run, origin=origin) from invalid
    if run.data == "press" and run.simulation != "press_figures":
        raise ParameterError(
            "simulation_of_press",
            file=origin["simulation"],
            value=run.simulation,
            place=origin["data"],
        )
    if run.data == "simulated" and run.study:
        raise ParameterError(
            "study_simulated", file=origin["study"], value=run.study, place=origin["data"]
        )
    return run


def known_runs(folder: Path) -> list[str]:
    """Name the runs that have a file under params/runs, in the order of their names."""
    return names_in(folder / "runs")


def check_known_run(run: str, folder: Path) -> None:
    """Refuse a run without a file, and any way out of the folder; raises ParameterError."""
    known = known_runs(folder)
    if run not in known:
        raise ParameterError("unknown_run", run=run, known=", ".join(known), hint=near(run, known))


def check_name(run: str) -> None:
    """Refuse what cannot be the name of a run, and so of its folders; raises ParameterError.

    Proposes the name that is left of it in plain letters.
    """
    if not re.match(_RUN_NAME, run):
        letters = re.sub(r"[^a-z0-9]+", "_", unaccented(run))
        proposed = letters.lstrip("_0123456789")[:40].rstrip("_")
        hint = near(proposed, [proposed]) if re.match(_RUN_NAME, proposed) else NOTHING
        raise ParameterError("bad_run_name", value=run, hint=hint)


def key_table(folder: Path, language: catalogue.Language = "en") -> str:
    """Describe every key in Markdown: type, default in base.yml, meaning (params/README.md)."""
    defaults = read_mapping(folder / "base.yml", "params/base.yml")
    own_name = catalogue.text("accepts.own_name", language)
    told = {
        name: f"`{json.dumps(defaults[name])}`" if name in defaults else own_name
        for name in Run.model_fields
    }
    meanings = {name: catalogue.text(f"parameter.{name}.help", language) for name in told}
    return describe(Run, told, meanings, language=language)


def load_indicators(path: Path) -> dict[str, Indicator]:
    """Read the catalogue of indicators; raises ParameterError naming file, key and value."""
    shown = "params/indicators.yml"
    raw = read_mapping(path, shown)
    catalogue: dict[str, Indicator] = {}
    for key, value in raw.items():
        try:
            catalogue[key] = Indicator.model_validate(value)
        except ValidationError as invalid:
            raise parameter_error(invalid, Indicator, file=shown, prefix=f"{key}.") from invalid
    return catalogue


def lower_is_better(catalogue: Mapping[str, Indicator]) -> list[str]:
    """Name the indicators whose target is a ceiling."""
    return [name for name, indicator in catalogue.items() if indicator.better == "down"]


def load_corrections(path: Path) -> list[Correction]:
    """Read corrections.yml; raises ParameterError naming the entry and the key at fault."""
    raw = strict_yaml.load(path, shown=CORRECTIONS)
    if not isinstance(raw, list | None):
        raise ParameterError("not_a_list", file=CORRECTIONS)
    found = []
    for number, entry in enumerate(raw or [], start=1):
        try:
            correction = Correction.model_validate(entry)
        except ValidationError as invalid:
            problem = invalid.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            raise ParameterError(
                "bad_correction", file=CORRECTIONS, entry=number, key=key, reason=problem["msg"]
            ) from invalid
        if correction.action == "override" and correction.column is None:
            raise ParameterError(
                "bad_correction", file=CORRECTIONS, entry=number, key="column", reason="missing"
            )
        found.append(correction)
    return found


def check_known(value: str, known: Sequence[str], file: str, *, key: str, kind: str) -> None:
    """Refuse a name that is not known, with the nearest known one as a suggestion.

    `kind` is the catalogue's word for what is named: indicator, unit, source, decision.
    """
    if value not in known:
        shown = ", ".join(sorted(known)[:40]) + (", …" if len(known) > 40 else "")
        raise ParameterError(
            f"unknown_{kind}", file=file, key=key, value=value, hint=near(value, known), known=shown
        )


def _check_key(key: str, place: str, folder: Path) -> None:
    """Refuse an unknown key; the name of an indicator gets the advice where it belongs."""
    if key in Run.model_fields:
        return
    names = list(Run.model_fields)
    hint = near(key, names)
    path = folder / "indicators.yml"
    if path.is_file():
        indicators = list(read_mapping(path, "params/indicators.yml"))
        if near(key, [*names, *indicators]) != hint:
            hint = near(key, indicators, key="indicator")
    raise ParameterError(
        "unknown_key",
        file=place,
        value=key,
        hint=hint,
        known=", ".join(name for name in names if name != "run"),
    )


def _setting(entry: str, folder: Path, place: str) -> tuple[str, Any]:
    """Read one `key=value`: the contract's type of the key decides what the text means."""
    key, separator, text = entry.partition("=")
    if not separator:
        raise ParameterError("setting_syntax", value=entry)
    _check_key(key, place, folder)
    return key, read_value(key, text)


def read_value(key: str, text: str) -> Any:
    """Read what was typed for a key as its type: a list by its commas, a number where it is one.

    What is no number stays text, which the contract refuses and says what is accepted.
    """
    annotation = Run.model_fields[key].annotation
    if get_origin(annotation) is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    for number in (int, float):
        if plain is number:
            try:
                return text if "_" in text else number(text)
            except ValueError:
                return text
    return text
