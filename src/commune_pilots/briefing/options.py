"""The decision record: option, basis, conditions, and what would give another option."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from commune_pilots import numerals
from commune_pilots.briefing.assumed import marked
from commune_pilots.briefing.bands import Pushed, stress_chart
from commune_pilots.briefing.charts import plain, source_line
from commune_pilots.briefing.figures import Figure
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of, linked
from commune_pilots.vocabulary import Option

_OFFERED: tuple[Option, ...] = ("scale", "stages", "extend", "prepare", "stop")


def record_table(findings: Findings, write: Writer) -> Markup:
    """Set out the decision: question, option, grade, basis, conditions, review, who signs."""
    verdict = findings.verdict
    worded = thresholds(findings, write)
    named = ["numeric_target"] if findings.compared_alone else verdict["conditions"].split(";")
    conditions = [write.say(f"condition.{name}", **worded) for name in named]
    cells: list[tuple[str, object]] = [
        ("question", write.of(findings.decision, "question")),
        (
            "option",
            Markup("<strong>{}</strong>").format(_named(findings, verdict["option"], write)),
        ),
        ("grade", write.term("grade", verdict["grade"])),
        ("basis", _basis(findings, write)),
        ("conditions", _listed(conditions)),
        ("would_change", _listed(_turning(findings, write))),
        ("review", numerals.day(review_day(findings), write.language)),
        ("drafter", write.say("record.blank")),
        ("approver", write.say("record.blank_approver", body=findings.body_today)),
    ]
    rows = [Row(cells=[write.say(f"record.{name}"), cell]) for name, cell in cells]
    return html_table(write.caption("caption.record"), header_of(write, "item", "content"), rows)


def options_table(findings: Findings, write: Writer) -> Markup:
    """Show every option: what the rule asks for it, what there is, and whether it is chosen."""
    rows = [
        Row(
            cells=[
                _named(findings, option, write),
                write.say(f"option_needs.{option}", **thresholds(findings, write)),
                _has(findings, option, write),
                write.term("choice", _choice(findings, option)),
            ]
        )
        for option in _OFFERED
    ]
    header = header_of(write, "option", "needs", "has", "choice")
    table = html_table(write.caption("caption.options"), header, rows)
    if not findings["stress"].empty and not _moves_show(findings):
        still = write.say("stress_still", total=len(findings["stress"]))
        return Markup("{}<p>{}</p>").format(table, still)
    return table


def stress_table(findings: Findings, write: Writer) -> Markup:
    """List each assumption or threshold moved, and the option that comes out."""
    rows = [
        Row(
            cells=[
                _setting(row, write),
                _amount(row["at"], row["measured_in"], write),
                f"{row['units_counted']}/{row['units_piloted']}",
                write.term("option", row["option"]),
                _amount(row["flips_at"], row["measured_in"], write),
            ],
            anchor=_moved(row),
        )
        for row in findings["stress"].to_dict("records")
    ]
    if not rows:
        return Markup()
    header = header_of(write, "moved", "moved_to", "counted", "option", "flips_at")
    table = html_table(write.caption("caption.stress"), header, rows, numeric=(1, 2, 4))
    return Markup('<div id="t-stress">{}</div>').format(table)


def stress_figure(findings: Findings, write: Writer) -> list[Figure]:
    """Draw how many pilot communes count under each move; none where no move shows anything.

    That is where there is no pair, and where nothing turns the option and no commune ever counts.
    """
    moved = findings["stress"]
    if not findings.verdict["units_piloted"] or not _moves_show(findings):
        return []
    rows = [
        Pushed(
            name=plain(
                write.say(
                    f"fig.stress_{'turns' if row['changes'] else 'stays'}",
                    name=_setting(row, write, mark=False),
                    counted=row["units_counted"],
                    piloted=row["units_piloted"],
                    option=write.term("option_short", row["option"]),
                )
            ),
            share=100 * row["units_counted"] / row["units_piloted"],
            turns=bool(row["changes"]),
        )
        for row in moved.to_dict("records")
    ]
    turning = [row for row in rows if row.turns]
    needed = findings.verdict["least_share"]
    alt = plain(
        write.caption(
            "fig.stress_alt",
            total=len(rows),
            turning=len(turning),
            needed=write.percent(needed, decimals=0),
            values="; ".join(row.name for row in rows),
        )
    )
    key = "fig-stress"
    drawn = stress_chart(
        rows,
        needed=needed,
        needed_label=plain(write.say("fig.stress_needed", share=write.percent(needed, decimals=0))),
        key=key,
        alt=alt,
    )
    title = write.say(
        "fig.stress_title",
        option=write.term("option_short", findings.verdict["option"]),
        turning=len(turning),
        total=len(rows),
    )
    return [
        Figure(
            key=key,
            title=plain(title),
            subtitle=plain(
                write.caption(
                    "fig.stress_sub",
                    least=write.points(findings.verdict["least_change"], decimals=0),
                )
            ),
            alt=alt,
            source=source_line(findings, write, "t-stress"),
            desk=drawn,
        )
    ]


def _moves_show(findings: Findings) -> bool:
    moved = findings["stress"]
    return bool(moved["changes"].any() or moved["units_counted"].any())


def _basis(findings: Findings, write: Writer) -> Markup:
    """Name the pairs the option rests on, each with its change, or say that there is none."""
    verdict = findings.verdict
    resting = [] if pd.isna(verdict["rests_on"]) else verdict["rests_on"].split(";")
    by_id = {row["contrast"]: row for row in findings.contrasts}
    pairs = Markup("; ").join(
        Markup("{}: {}").format(
            by_id[name]["unit_name"], marked(write.change(by_id[name]), write, "change")
        )
        for name in resting
    )
    if findings.compared_alone:
        return write.say("record.basis_compared", grade=_compared_grade(findings, write))
    if not findings.contrasts:
        return write.say("record.basis_none", figures=findings.printed_figures)
    if not resting:
        return write.say("record.basis_too_small", **thresholds(findings, write))
    return write.say(
        "record.basis_pairs",
        pairs=pairs,
        counted=verdict["units_counted"],
        piloted=verdict["units_piloted"],
        rest=verdict["units_piloted"] - verdict["units_counted"],
    )


def _named(findings: Findings, option: Option, write: Writer) -> Markup | str:
    """Name an option; a comparison is a basis, though the rule without a pair chooses nothing."""
    if option == "prepare" and findings.compared_alone:
        return write.say("record.unchosen")
    return write.term("option", option)


def _has(findings: Findings, option: Option, write: Writer) -> Markup:
    """Say what there is of what an option needs, and the comparison where there is no pair."""
    if option == "prepare" and findings.compared_alone:
        return write.say("option_has.compared", grade=_compared_grade(findings, write))
    return write.say(f"option_has.{option}", **_standing(findings, write))


def _compared_grade(findings: Findings, write: Writer) -> str:
    return write.term("grade", findings.compared[0]["grade"])


def _turning(findings: Findings, write: Writer) -> list[Markup]:
    """Say what would give another option: the sizes that turn it, then what scaling still needs."""
    verdict, said = findings.verdict, []
    for row in findings["stress"].to_dict("records"):
        if pd.notna(row["flips_at"]):
            amount = _amount(row["flips_at"], row["measured_in"], write)
            said.append(write.say(f"turns.{row['setting']}", amount=linked(amount, _moved(row))))
        elif row["changes"]:
            option = write.term("option", row["option"])
            said.append(write.say(f"turns.{row['setting']}", amount=option, option=option))
    following = {"prepare": "extend", "extend": "stages", "stages": "scale", "stop": "reopen"}
    if asked := following.get(verdict["option"]):
        said.append(write.say(f"turns.to_{asked}", **thresholds(findings, write)))
    return said


def _choice(findings: Findings, option: Option) -> str:
    """Say of an option whether it is chosen, not reached, or not needed since more is reached."""
    chosen = findings.verdict["option"]
    if option == chosen:
        return "chosen"
    if option == "stop" and pd.isna(findings.verdict["chance_low"]):
        return "not_possible"
    weaker = {"extend": ("stages", "scale"), "stages": ("scale",)}
    if option == "prepare" and chosen != "prepare":
        return "not_needed"
    return "not_needed" if chosen in weaker.get(option, ()) else "not_reached"


def thresholds(findings: Findings, write: Writer) -> dict[str, object]:
    """Word the thresholds of the rule."""
    verdict = findings.verdict
    return {
        "share": write.percent(verdict["least_share"], decimals=0),
        "least": write.points(verdict["least_change"], decimals=0),
        "chance": write.percent(100 * verdict["least_chance"], decimals=0),
        "against": write.percent(100 * (1 - verdict["least_chance"]), decimals=0),
        "scaling": write.term("grade", verdict["grade_for_scaling"]),
        "stages": write.term("grade", verdict["grade_for_stages"]),
    }


def _standing(findings: Findings, write: Writer) -> dict[str, object]:
    verdict = findings.verdict
    chance = write.say("value.not_estimated")
    if pd.notna(verdict["chance_low"]):
        low, high = (
            write.percent(100 * verdict[name], decimals=0) for name in ("chance_low", "chance_high")
        )
        chance = write.say("value.between", low=low, high=high)
    return {
        "strong": verdict["units_strong"],
        "counted": verdict["units_counted"],
        "piloted": verdict["units_piloted"],
        "pairs": verdict["contrasts"],
        "chance": chance,
    }


def _setting(row: Mapping[Any, Any], write: Writer, *, mark: bool = True) -> Markup:
    name = write.say(f"stress.{row['setting']}")
    if not mark:
        return name
    return Markup('{} (<a href="#as-{}">{}</a>)').format(name, row["assumption"], row["assumption"])


def _moved(row: Mapping[Any, Any]) -> str:
    """Name the row of table B6 that holds one move."""
    return f"stress-{row['setting']}"


def _amount(value: Any, measured_in: Any, write: Writer) -> str:
    """Write a size in its measure; a dash where there is none."""
    if pd.isna(value) or pd.isna(measured_in):
        return "–"
    if measured_in == "points":
        return write.points(value, decimals=1)
    if measured_in == "percent":
        return write.percent(value, decimals=0 if value == round(value) else 1)
    return write.number(value, decimals=0 if value == round(value) else 1)


def _listed(items: list[Markup]) -> Markup:
    return Markup("<ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    )


def review_day(findings: Findings) -> date:
    """Name the day on which the decision is looked at again."""
    written = pd.Timestamp(findings.run.briefing_date)
    return (written + pd.DateOffset(months=int(findings.verdict["review_months"]))).date()
