"""What is advised: the decision record, the options, the stages; then who does what by when."""

from __future__ import annotations

from markupsafe import Markup

from commune_pilots import numerals
from commune_pilots.briefing import options, stages
from commune_pilots.briefing.blocks import Block, section, shown
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.wording import Writer, spaced


def recommendations(findings: Findings) -> Block:
    """Put the decision: its record, the options, the stages; then who does what by when."""
    write = findings.writer()
    listing = Markup("").join(
        Markup("<li>{}</li>").format(item) for item in _to_do(findings, write)
    )
    parts = [
        options.record_table(findings, write),
        options.options_table(findings, write),
        *(shown(figure) for figure in options.stress_figure(findings, write)),
        *_stages(findings, write),
        Markup("<ol>{}</ol>").format(listing),
    ]
    return section("recommendations", write, Markup("").join(parts))


def _stages(findings: Findings, write: Writer) -> list[Markup]:
    """Lay out the stages where the option has any; elsewhere a drawn order would mislead."""
    if findings.verdict["option"] != "stages":
        return []
    lines = [stages.support_line(findings, write), stages.cost_line(findings, write)]
    if drawn := int(findings["stages"]["candidates"].sum()):
        seed = findings["stages"]["seed"].iloc[0]
        lines.insert(1, write.say("rollout.order", count=drawn, seed=seed))
    return [
        *(Markup("<p>{}</p>").format(line) for line in lines),
        stages.stages_table(findings, write),
        *(shown(figure) for figure in stages.fan_figures(findings, write)),
    ]


def _to_do(findings: Findings, write: Writer) -> list[Markup]:
    """List actor, deadline, task, and how we will know that it is done."""
    shown = numerals.day(findings.deadline, "vi")
    verdict = findings.verdict
    unnumbered = int((findings["targets"]["attainment"] == "no_target").sum())
    blanks = verdict["units_piloted"] - verdict["units_with_contrast"]
    items = [
        *_measuring(findings, write, shown),
        write.say(
            "todo.target",
            body=findings.body_today,
            bare=spaced(write.say("todo.bare", count=unnumbered)) if unnumbered else "",
            year=int(findings.run.briefing_date[:4]) + 1,
        ),
    ]
    if blanks:
        items.append(write.say("todo.blanks", missing=blanks, deadline=shown))
    day = numerals.day(options.review_day(findings), "vi")
    items.append(write.say("todo.review", body=findings.body_today, day=day))
    return items


def _measuring(findings: Findings, write: Writer, deadline: str) -> list[Markup]:
    """Ask for counts by month and for a comparison, unless they are what there is already."""
    if findings.compared_alone:
        return []
    monthly = (
        _monthly(findings, write, deadline)
        if findings.verdict["units_piloted"]
        else write.say("todo.monthly_no_pilot", deadline=deadline)
    )
    return [monthly, *_comparison(findings, write, deadline)]


def _comparison(findings: Findings, write: Writer, deadline: str) -> list[Markup]:
    """Ask for the comparison: by a draw where stages are advised, else by choice beforehand."""
    body, drawn = findings.body_today, int(findings["stages"]["candidates"].sum())
    if findings.verdict["option"] != "stages" or not drawn:
        return [write.say("todo.comparison_choose", body=body, deadline=deadline)]
    months = int(findings.verdict["review_months"])  # of stages: as long as one of them
    return [
        write.say("todo.stages_baseline", count=drawn, months=months),
        write.say("todo.comparison", body=body),
    ]


def _monthly(findings: Findings, write: Writer, deadline: str) -> Markup:
    """Ask for the two ends of every indicator that has a pair or a pilot figure."""
    measured = dict.fromkeys(row["indicator"] for row in findings.contrasts)
    labels = ", ".join(write.label(findings.indicators[name]) for name in measured)
    count = findings.verdict["units_piloted"]
    return write.say("todo.monthly", deadline=deadline, count=count, label=labels)
