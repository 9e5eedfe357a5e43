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
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.errors import Bilingual, ParameterError
from commune_pilots.keys import describe, near, parameter_error, read_mapping
from commune_pilots.vocabulary import Rounding, Simulation

CORRECTIONS = "params/corrections.yml"
Cell = str | int | float | None
# reports/released holds what was released, so it is no name of a run.
_RUN_NAME = r"^(?!released$)[a-z][a-z0-9_]{0,39}$"
RunName = Annotated[str, Field(pattern=_RUN_NAME)]
ScenarioName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,20}$")]


class Run(BaseModel):
    """Every parameter of one run; one run is one briefing."""

    # The pattern of a run's name looks ahead, which only Python's own engine can.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, regex_engine="python-re")

    run: RunName = Field(description="Name of the run: its folder under data/processed and reports")
    data: Literal["press", "simulated"] = Field(
        description="Press figures from data/raw/press, or simulated figures with a known truth"
    )
    simulation: Simulation = Field(
        description="Which invented province is drawn; only with data: simulated"
    )
    province: Code = Field(description="Code of the province whose pilots are judged (old units)")
    sources: list[Code] = Field(description="Source ids read for this run")
    deliveries: list[Code] = Field(
        description="Deliveries of office files whose counts join this run (params/deliveries); "
        "read by pilots ingest"
    )
    indicators: list[Code] = Field(
        description="Indicator ids compared before and after; empty: every one with such a pair"
    )
    units: list[Code] = Field(
        description="Commune codes to judge; empty: every pilot commune of the sources"
    )
    decision: Code = Field(description="Id of the decision at stake (data/raw/press/decisions.csv)")
    briefing_date: str = Field(description="Date printed on the briefing, quoted ISO")
    status: Literal["draft", "official"] = Field(description="Status printed on the briefing")
    since: str = Field(
        description="Date of the released briefing that this one is compared with, quoted ISO; "
        "empty: none"
    )
    rounding: Rounding = Field(
        description="How the sources are assumed to round; any: no convention is assumed"
    )
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = Field(description="Error level of every test")
    least_dossiers: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        description="Known floor on the yearly dossiers of one commune; 1: nothing is known"
    )
    grade_for_scaling: Literal["medium", "high"] = Field(
        description="Least grade of evidence at which province-wide scaling may be recommended"
    )
    grade_for_stages: Literal["low", "medium", "high"] = Field(
        description="Least grade of evidence at which stages in randomised order may be recommended"
    )
    least_change: Annotated[float, Field(gt=0, le=100)] = Field(
        description="Smallest change worth acting on, percentage points"
    )
    least_share: Annotated[float, Field(gt=0, le=100)] = Field(
        description="Per cent of the pilot communes that must show that change before any scaling"
    )
    least_chance: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        description="Chance of it in the next commune, needed to scale; 1 minus it: to stop"
    )
    target_share: Annotated[float, Field(gt=0, lt=100)] = Field(
        description="Share whose chance in the next commune is shown, per cent, each under its "
        "own definition"
    )
    scenario: ScenarioName = Field(
        description="Planning values of a roll-out: a file of params/scenarios"
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        description="Seed of simulated data, of the drawn order and of every other draw"
    )
    cell_timeout: Annotated[int, Field(ge=1, le=3600)] = Field(
        description="Seconds one notebook cell may take"
    )
    notebook_timeout: Annotated[int, Field(ge=1, le=86_400)] = Field(
        description="Seconds one notebook may take"
    )

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
    path = folder / "runs" / f"{like}.yml"
    known = sorted(found.stem for found in (folder / "runs").glob("*.yml"))
    if like not in known:  # a name, never a way out of the folder
        raise ParameterError(
            "unknown_run", run=like, known=", ".join(known), hint=near(like, known)
        )
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
    try:
        run = Run.model_validate(merged)
    except ValidationError as invalid:
        raise parameter_error(invalid, Run, origin=origin) from invalid
    if run.data == "press" and run.simulation != "press_figures":
        raise ParameterError(
            "simulation_of_press",
            file=origin["simulation"],
            value=run.simulation,
            place=origin["data"],
        )
    return run


def check_name(run: str) -> None:
    """Refuse what cannot be the name of a run, and so of its folders; raises ParameterError."""
    if not re.match(_RUN_NAME, run):
        accepted = Bilingual(*(_accepts_name(at) for at in LANGUAGES))
        raise ParameterError("bad_value", file="RUN", key="run", value=repr(run), accepted=accepted)


def _accepts_name(language: catalogue.Language) -> str:
    return catalogue.text("accepted.string_pattern_mismatch", language, pattern=_RUN_NAME)


def key_table(folder: Path) -> str:
    """Describe every key in Markdown: type, default in base.yml, meaning (params/README.md)."""
    defaults = read_mapping(folder / "base.yml", "params/base.yml")
    told = {
        name: f"`{json.dumps(defaults[name])}`" if name in defaults else "the file's name"
        for name in Run.model_fields
    }
    return describe(Run, told)


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
    return key, _typed(text, Run.model_fields[key].annotation)


def _typed(text: str, annotation: Any) -> Any:
    if get_origin(annotation) is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    for number in (int, float):
        if plain is number:
            try:
                return text if "_" in text else number(text)
            except ValueError:
                return text  # the contract refuses it and says what is accepted
    return text
