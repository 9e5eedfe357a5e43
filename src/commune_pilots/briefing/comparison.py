"""What the designs that compare say: one sentence for each question, no stronger than its grade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
from markupsafe import Markup

from commune_pilots import catalogue
from commune_pilots.briefing.assumed import marks_of
from commune_pilots.briefing.charts import level_of
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.origins import traced
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, inside, linked
from commune_pilots.catalogue import Language

Kind = Literal["communes", "series", "weekday"]
MOST_DESIGNS = 8
DECIMALS = 1  # of points: months of a commune carry no more
BY_MONTH = "event_time"
_KEY = ["indicator", "definition"]


def kind_of(row: Mapping[Any, Any]) -> Kind:
    """Say what a design compares with: communes, the months before, the other weekdays."""
    if row["method"] == "weekday":
        return "weekday"
    return "communes" if row["n_comparison"] else "series"


def writer_of(findings: Findings, row: Mapping[Any, Any], language: Language) -> Writer:
    """Make the writer of one design, held to its own grade and not to that of the pairs."""
    return Writer(language, row["grade"], simulated=findings.run.data == "simulated")


def heading(findings: Findings, write: Writer) -> Markup:
    """Head what designs find by what they compare with; nothing without one."""
    return Markup("").join(
        Markup("<h3>{}</h3>").format(write.say(f"effects.heading.{kind_of(row)}"))
        for row in findings.primary[:1]
    )


def lines(findings: Findings, write: Writer) -> Markup:
    """Say what the primary designs find, one sentence a question."""
    if not findings.primary:
        return Markup()
    told = Markup("").join(
        Markup("<li>{}</li>").format(sentence(findings, row, write.language))
        for row in findings.primary
    )
    return Markup("<ul>{}</ul>").format(told)


def designs_tables(findings: Findings, write: Writer) -> list[Markup]:
    """Set every design of each question out, the strongest first, weaker ones marked as such."""
    return [traced(_designs_table(findings, row, write), "effects") for row in findings.primary]


def sentence(findings: Findings, row: Mapping[Any, Any], language: Language = "vi") -> Markup:
    """Word a primary design: estimate, interval, communes and assumption in one sentence.

    A cause is named from the grade that carries one, with its assumption. Raises ClaimError for
    words above the grade.
    """
    write = writer_of(findings, row, language)
    answer = row["answer"]
    grade = "low" if row["grade"] == "none" else row["grade"]
    key = f"{answer}.{grade}" if answer == "told_apart" else answer
    named = key in ("told_apart.low", "told_apart.high")
    smallest = row["smallest_p"]
    least = ""
    if pd.notna(smallest):
        least = str(
            write.say(
                "effects.smallest",
                smallest=write.number(smallest, decimals=2 if smallest >= 0.1 else 3),
                alpha=write.number(findings.run.alpha, decimals=2),
            )
        )
    return write.say(
        f"effects.{key}",
        label=label_of(findings, row, write, start=not named),
        whom=_whom(findings, row, write),
        number=_number(findings, row, write),
        against=against(row, write),
        assumes=assumes(row, write.language),
        smallest=least,
        reason=refusal(row, language),
    )


def title(
    findings: Findings, row: Mapping[Any, Any], language: Language = "vi", *, most: int = 90
) -> Markup:
    """Say a primary design as a headline of at most so many letters; a name too long is left out.

    Below the grade for it no cause is named, and at the lowest a first indication is all there is.
    """
    write = writer_of(findings, row, language)
    told = "told_low" if row["grade"] in ("none", "low") else "told"
    said = {"told_apart": told, "refused": "not_decidable"}.get(row["answer"], row["answer"])
    known = write.label(findings.indicators[row["indicator"]], start=True)
    unnamed = str(write.say("effects.title.label"))
    full, short = (
        write.say(
            f"effects.title.{said}",
            label=inside(label) if said == "told_low" else label,
            estimate=_points(row, write),
            against=write.say(f"effects.short.{kind_of(row)}"),
        )
        for label in (known, unnamed)
    )
    return full if len(full.unescape()) <= most else short


def tile_of(
    findings: Findings, row: Mapping[Any, Any], language: Language = "vi"
) -> list[Markup | str]:
    """Give the key figure of a primary design: the estimate, what it is, its interval, answer."""
    write = writer_of(findings, row, language)
    told = {
        "level": level_of(findings, write),
        "answer": answered(row, write.language),
    }
    limits = _limits(row, write) if pd.notna(row["conf_low"]) else None
    return [
        linked(_signed(row, write), anchor(row)),
        write.say(
            "effects.tile",
            label=label_of(findings, row, write),
            against=against(row, write),
        ),
        write.say("effects.tile_interval", **told, **limits) if limits else told["answer"],
    ]


def caused(findings: Findings, row: Mapping[Any, Any], write: Writer) -> Markup:
    """Answer whether it was the pilot: the design, what it told, what it rests on."""
    return write.say(
        "effects.caused",
        method=named(findings, row, write),
        answer=answered(row, write.language),
        assumes=assumes(row, write.language),
    )


def limit(findings: Findings, row: Mapping[Any, Any], write: Writer) -> Markup:
    """Say what a primary design assumes, and which of its checks failed."""
    checks = findings["checks"]
    own = checks[(checks["contrast"] == row["effect"]) & (checks["outcome"] == "failed")]
    names = [inside(str(write.say(f"check.{name}"))) for name in own["check"].unique()]
    failed = write.say("effects.failed", names=", ".join(names)) if names else ""
    return write.say(
        "effects.limit",
        against=against(row, write),
        assumes=assumes(row, write.language),
        failed=failed,
    )


def assumes(row: Mapping[Any, Any], language: Language) -> str:
    """Word what a design rests on, the line of its step of the ladder, to stand in a sentence."""
    line = catalogue.text(f"effect.assumption.{row['level']}", language)
    return inside(line.removesuffix("."))


def answered(row: Mapping[Any, Any], language: Language) -> str:
    """Word what a design can tell."""
    return catalogue.text(f"effect.answer.{row['answer']}", language)


def method(row: Mapping[Any, Any], language: Language) -> str:
    """Name the method of a design in words."""
    return catalogue.text(f"effect.method.{row['method']}", language)


def refusal(row: Mapping[Any, Any], language: Language) -> str:
    """Word why a design gives no estimate or no interval; empty where it does."""
    missing = pd.isna(row["refused"])
    return "" if missing else catalogue.text(f"effect.refused.{row['refused']}", language)


def with_interval(row: Mapping[Any, Any], write: Writer) -> Markup | str:
    """Write an estimate with its limits, in points without their unit; a dash if there is none."""
    if pd.isna(row["estimate"]):
        return "–"
    shown = write.number(row["estimate"], decimals=DECIMALS)
    if pd.isna(row["conf_low"]):
        return shown
    return write.say("value.with_range", value=shown, **_limits(row, write))


def anchor(row: Mapping[Any, Any]) -> str:
    """Name the row of the annex that holds a design."""
    return f"e-{row['effect']}"


def designs_of(findings: Findings, row: Mapping[Any, Any]) -> list[dict[Any, Any]]:
    """List every overall estimate of one question, the primary first, then by strength."""
    return list(overall(of_question(findings, row)).to_dict("records"))


def of_question(findings: Findings, row: Mapping[Any, Any]) -> pd.DataFrame:
    """Take the estimates of one indicator under one definition."""
    effects = findings["effects"]
    return effects[(effects[_KEY] == [row[name] for name in _KEY]).all(axis=1)]


def overall(effects: pd.DataFrame) -> pd.DataFrame:
    """Leave out the estimates of single months: those of the event study."""
    return effects[effects["method"] != BY_MONTH]


def named(findings: Findings, row: Mapping[Any, Any], write: Writer) -> str:
    """Name a design: its method, the one unit and the month since the start that it speaks of."""
    parts = [method(row, write.language)]
    if pd.notna(row["unit"]):
        parts.append(findings.names[row["unit"]])
    if pd.notna(row["at"]):
        parts.append(str(write.say("effects.month", at=write.number(row["at"])).unescape()))
    return ", ".join(parts)


def _designs_table(findings: Findings, primary: Mapping[Any, Any], write: Writer) -> Markup:
    rows = []
    for row in designs_of(findings, primary)[:MOST_DESIGNS]:
        design = named(findings, row, write)
        if row["primary"] or row["answer"] != "refused":
            kind = "primary" if row["primary"] else "weaker"
            design = str(write.say(f"effects.{kind}", method=design).unescape())
        answer = answered(row, write.language)
        rows.append(
            Row(
                cells=[
                    design,
                    linked(with_interval(row, write), anchor(row)),
                    refusal(row, write.language) or answer,
                    write.term("grade", row["grade"]),
                ]
            )
        )
    level = level_of(findings, write)
    header = header_of_effects(write, "method", "estimate", "answer", "grade", level=level)
    label = label_of(findings, primary, write, start=True)
    caption = write.caption("effects.caption.designs", label=label)
    return html_table(caption, header, rows, numeric=(1,))


def header_of_effects(write: Writer, *names: str, **values: object) -> list[str]:
    """Name columns of a table of designs."""
    return [str(write.say(f"effects.column.{name}", **values)) for name in names]


def label_of(
    findings: Findings, row: Mapping[Any, Any], write: Writer, *, start: bool = False
) -> str:
    """Name the indicator, with its definition where the page compares more than one."""
    indicator = findings.indicators[row["indicator"]]
    label = write.label(indicator, start=start)
    definitions = {one["definition"] for one in findings.primary}
    if len(definitions) < 2:
        return label
    definition = getattr(indicator.definitions[row["definition"]], write.language)
    return str(write.say("effects.defined", label=label, definition=definition).unescape())


def _whom(findings: Findings, row: Mapping[Any, Any], write: Writer) -> Markup | str:
    """Say where, and how long after the start if one month is meant."""
    if pd.notna(row["unit"]):
        where: Markup | str = inside(findings.names[row["unit"]])
    else:
        where = write.say("effects.treated", count=write.number(row["n_treated"]))
    if pd.isna(row["at"]):
        return where
    return write.say("effects.whom_at", whom=where, at=write.number(row["at"]))


def against(row: Mapping[Any, Any], write: Writer) -> Markup:
    """Word what a design compares with."""
    count = write.number(row["n_comparison"])
    return write.say(f"effects.against.{kind_of(row)}", comparison=count)


def _number(findings: Findings, row: Mapping[Any, Any], write: Writer) -> Markup:
    """Write an estimate with its interval, marked with the red assumptions it rests on."""
    shown = linked(_points(row, write), anchor(row))
    marks = marks_of(write, row["assumptions"].split(";"))
    if pd.isna(row["conf_low"]):
        return write.say("effects.bare", estimate=shown + marks)
    level = level_of(findings, write)
    return write.say("effects.number", estimate=shown + marks, level=level, **_limits(row, write))


def _limits(row: Mapping[Any, Any], write: Writer) -> dict[str, str]:
    return {end: write.number(row[f"conf_{end}"], decimals=DECIMALS) for end in ("low", "high")}


def _points(row: Mapping[Any, Any], write: Writer) -> str:
    if pd.isna(row["estimate"]):
        return str(write.say("value.missing"))
    return write.points(row["estimate"], decimals=DECIMALS, signed=True)


def _signed(row: Mapping[Any, Any], write: Writer) -> str:
    """Write an estimate as short as a key figure is, with a plus where it is a rise."""
    if pd.isna(row["estimate"]):
        return "–"
    sign = "+" if row["estimate"] > 0 else ""
    return f"{sign}{write.number(row['estimate'], decimals=DECIMALS)}"
