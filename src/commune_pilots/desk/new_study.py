"""A new study from nothing: the run's file and the workbook to fill in, both or neither."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from commune_pilots import params, store
from commune_pilots.catalogue import LANGUAGES, Language, text
from commune_pilots.contracts import workbook
from commune_pilots.desk.checklist import checklist
from commune_pilots.desk.known_units import known_rows
from commune_pilots.desk.run_file import written
from commune_pilots.desk.run_schema import MODELINE
from commune_pilots.desk.workbook_template import Cells, Contents, workbook_bytes
from commune_pilots.errors import Bilingual, ParameterError, WriteError
from commune_pilots.keys import read_mapping, unaccented
from commune_pilots.numerals import day
from commune_pilots.runs.table import batch_names
from commune_pilots.sources.study_units import kind_of
from commune_pilots.sources.unit_names import name_key

_NEAREST = 3
_SOME_PROVINCE = "Long An, 80"
FIRST_SOURCE = "nguon-1"
"""Code of the first source, which the decision names before anybody has filled it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province by its code, and the name it is called by."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStudy:
    """What is asked about a study before it starts; no `indicators` means every one."""

    run: str
    province: Province
    decider: str
    briefing_date: str
    indicators: tuple[str, ...] = ()


def check_free(layout: store.Layout, run: str) -> None:
    """Refuse a name that no run can have, or that something of the project has already.

    Raises ParameterError naming what stands there.
    """
    params.check_name(run)
    if run in batch_names(layout.params):
        raise ParameterError("new_run_taken", run=run, place="params/batches")
    for path in (parameters_of(layout, run), layout.study(run).parent):
        if path.exists():
            place = path.relative_to(layout.root).as_posix()
            raise ParameterError("new_run_taken", run=run, place=place)


def parameters_of(layout: store.Layout, run: str) -> Path:
    """Place the file of a run."""
    return layout.params / "runs" / f"{run}.yml"


def find_province(given: str, units: pd.DataFrame) -> Province:
    """Find a province by its code or its name, today's or a former one; a code has today's name.

    Raises ParameterError for one that is not known, with the nearest, and for a name that two
    codes have had.
    """
    rows = units[units["level"] == "province"]
    rows = rows.sort_values("valid_to", na_position="last", kind="stable")
    asked = given.strip()
    found = rows[rows["code"] == asked]
    if found.empty:
        keys = rows["name"].map(lambda name: name_key(name)[1])
        plain, wanted = keys.map(unaccented), unaccented(name_key(asked)[1])
        exact = rows[keys == name_key(asked)[1]]
        bare = unaccented(asked) == asked.lower()  # wrong marks are a slip, none at all a habit
        alike = (plain == wanted) | (rows["name"].map(unaccented) == asked.lower())
        found = rows[alike] if exact.empty and bare else exact
        if found.empty:
            close = get_close_matches(wanted, dict.fromkeys(plain), n=_NEAREST, cutoff=0.4)
            names = dict(zip(plain, rows["name"], strict=True))
            raise ParameterError(
                "new_province",
                value=given,
                known=", ".join(names[key] for key in close) or _SOME_PROVINCE,
            )
        if found["code"].nunique() > 1:
            raise ParameterError("new_province_two", value=given, known=_told_apart(found))
    last = found.iloc[-1]
    return Province(code=str(last["code"]), name=str(last["name"]))


def default_decider(province: Province) -> str:
    """Name who decides where nobody says otherwise: the People's Committee of the province."""
    return text("new_study.decider", "vi", province=_lower_first(province.name))


def study_files(
    layout: store.Layout, study: NewStudy, *, units: pd.DataFrame, candidates: pd.DataFrame
) -> dict[Path, bytes]:
    """Make the files of a study: its workbook and then its run, by their places.

    `units` and `candidates` are tables; units may be those of the whole country. Raises
    ParameterError for a value that the contract of runs refuses, or an unknown indicator.
    """
    indicators = params.load_indicators(layout.params / "indicators.yml")
    for name in study.indicators:
        params.check_known(
            name, list(indicators), "--indicator", key="indicators", kind="indicator"
        )
    values = {
        "data": "press",
        "study": study.run,
        "province": study.province.code,
        "sources": [],
        "decision": workbook.FIRST_DECISION,
        "briefing_date": study.briefing_date,
        **({"indicators": list(study.indicators)} if study.indicators else {}),
    }
    base = read_mapping(layout.params / "base.yml", "params/base.yml")
    origin = {**dict.fromkeys([*base, *values, "run"], "pilots new"), "briefing_date": "--date"}
    run = params.checked({**base, **values, "run": study.run}, origin=origin)
    ordered = dict.fromkeys([*study.indicators, *indicators])
    place = layout.study(study.run)
    told = {
        "run": study.run,
        "province": study.province.name,
        "source": FIRST_SOURCE,
        "workbook": place.relative_to(layout.root).as_posix(),
    }
    contents = Contents(
        rows=known_rows(units, candidates, province=study.province.code)
        | {"decisions": [_decision(study)]},
        indicators={name: indicators[name] for name in ordered},
        asked=checklist(alpha=run.alpha),
        values=told,
    )
    return {
        place: workbook_bytes(contents),
        parameters_of(layout, study.run): _run_file(values, told).encode("utf-8"),
    }


def write_study(files: Mapping[Path, bytes]) -> None:
    """Write the files of a study, each whole, all of them or none.

    The folder of the first file is made here, so that two who start one study cannot both. Raises
    ParameterError where it is there already and WriteError where anything cannot be written.
    """
    folder = next(iter(files)).parent
    try:
        folder.mkdir(parents=True)
    except FileExistsError as taken:
        raise ParameterError("new_run_taken", run=folder.name, place=folder.name) from taken
    except OSError as refused:
        raise WriteError(
            "cannot_write", file=folder.as_posix(), reason=refused.strerror
        ) from refused
    try:
        for path, content in files.items():
            store.write_bytes(path, content)
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()
        raise


def _decision(study: NewStudy) -> Cells:
    """Word the decision at stake, for people to mend."""
    sheet = workbook.sheet_of("decisions")
    kind = next(column for column in sheet.columns if column.name == "kind")
    name = study.province.name
    plain = {"vi": _lower_first(name), "en": name[len(kind_of(name)) :].strip()}
    said = {
        f"{part}_{language}": text(f"new_study.{part}", language, province=plain[language])
        for part in ("question", "evidence")
        for language in LANGUAGES
    }
    if study.decider == default_decider(study.province):
        said["decider_en"] = text("new_study.decider", "en", province=plain["en"])
    return {
        "source": FIRST_SOURCE,
        "unit": workbook.shown_reference(study.province.code, study.province.name),
        "kind": workbook.shown_choice(kind, "scale"),
        "decider_vi": study.decider,
        **said,
    }


def _run_file(values: Mapping[str, object], told: Mapping[str, object]) -> str:
    """Write the run's file: a comment in plain words above each key."""
    lines = [f"# {_both('study_of', told)}"]
    for key, value in values.items():
        lines += [f"# {_both(key, told)}", f"{key}: {written(value)}"]
    return MODELINE + "\n".join(lines) + "\n"


def _both(key: str, told: Mapping[str, object]) -> str:
    return " / ".join(text(f"new_study.file.{key}", language, **told) for language in LANGUAGES)


def _told_apart(rows: pd.DataFrame) -> Bilingual:
    """Name provinces with their codes and the days until or since when each has been."""
    last = rows.drop_duplicates("code", keep="last").to_dict("records")
    return Bilingual(*("; ".join(_with_days(row, at) for row in last) for at in LANGUAGES))


def _with_days(row: Mapping[Hashable, Any], language: Language) -> str:
    until = pd.notna(row["valid_to"])
    moment = row["valid_to"] if until else row["valid_from"]
    if pd.isna(moment):
        return f"{row['code']} {row['name']}"
    key = f"new_study.province.{'until' if until else 'since'}"
    named = {"code": row["code"], "name": row["name"]}
    return text(key, language, **named, day=day(moment.date(), language))


def _lower_first(name: str) -> str:
    """Write "Tỉnh Long An" as it stands inside a sentence."""
    return name[:1].lower() + name[1:]
