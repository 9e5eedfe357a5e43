"""What a pair of percentages shows, cannot show, and would need: the calculator's answer.

Imports no table library, so that it answers at once. Every sentence passes the gate on words.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from commune_pilots import numerals
from commune_pilots.catalogue import Language, text
from commune_pilots.effects.break_even import worst_p_with
from commune_pilots.effects.contrast import (
    Contrast,
    Figure,
    Terms,
    admitted,
    contrast_pair,
    share_interval,
)
from commune_pilots.effects.evidence import refuse_overclaim
from commune_pilots.effects.rounding import first_denominators, nearest_denominators
from commune_pilots.effects.worst_case import answer_of, worst_case
from commune_pilots.errors import Bilingual, ParameterError
from commune_pilots.sources.vietnamese import parse_share
from commune_pilots.vocabulary import Answer as Verdict

_SHOWN = 4
_BOUNDS = ("over", "more_than", "at_least", "nearly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One or two figures as typed, with what is known or assumed of them."""

    before: Figure | None
    after: Figure
    terms: Terms
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question with its contrast (none for one figure) and what each figure admits."""

    question: Question
    contrast: Contrast | None
    denominators: dict[str, list[int]]
    shares: dict[str, tuple[float, float]]
    p_with_design_effect: float | None
    any_rounding: Verdict | None


def read_figure(typed: str, *, number: int | None, option: str) -> Figure:
    """Read one figure; `number` is the number of dossiers if it is known.

    Raises ParameterError naming what was typed and what is accepted.
    """
    try:
        figure = Figure(**asdict(parse_share(typed)))
        share_interval(figure, "any")  # a bound below 0 or above 100 leaves nothing
    except ValueError:
        raise ParameterError("share_typed", option=option, value=typed) from None
    if number is None:
        return figure
    if figure.denominator not in (None, number):
        raise ParameterError("number_twice", option=option, value=typed, number=number)
    return replace(figure, denominator=number)


def ask(question: Question) -> Answer:
    """Answer a question.

    Raises ParameterError for a number that cannot print its percentage and for "none yet" after.
    """
    if question.before is not None and question.after.value is None:
        raise ParameterError("none_yet_after")
    figures = {"before": question.before, "after": question.after}
    known = {name: figure for name, figure in figures.items() if figure is not None}
    sides = {name: admitted(figure, question.terms) for name, figure in known.items()}
    for name, side in sides.items():
        if side.exactly is not None and not side.interval.counts(side.exactly):
            near = nearest_denominators(side.interval, side.exactly)
            raise ParameterError(
                "impossible_number",
                value=Bilingual(_typed(known[name], "vi"), _typed(known[name], "en")),
                number=side.exactly,
                near=", ".join(str(n) for n in near),
            )
    contrast = None
    if question.before is not None:
        contrast = contrast_pair(question.before, question.after, question.terms)
    return Answer(
        question=question,
        contrast=contrast,
        denominators={
            name: [side.exactly]
            if side.exactly is not None
            else first_denominators(side.interval, least=side.least, count=_SHOWN)
            for name, side in sides.items()
        },
        shares={
            name: (float(100 * side.interval.low), float(100 * side.interval.high))
            for name, side in sides.items()
        },
        p_with_design_effect=worst_p_with(
            sides["before"], sides["after"], design_effect=question.design_effect
        )
        if contrast is not None and question.design_effect != 1
        else None,
        any_rounding=None if contrast is None else _any_rounding(question),
    )


def _any_rounding(question: Question) -> Verdict | None:
    """Judge the pair without an assumption on the way of rounding."""
    if question.before is None:
        return None
    terms = replace(question.terms, rounding="any")
    sides = (admitted(figure, terms) for figure in (question.before, question.after))
    return answer_of(worst_case(*sides, alpha=terms.alpha), terms.alpha)


def as_json(answer: Answer) -> dict[str, Any]:
    """Give the answer as plain values: percentages and points, counts, p-values."""
    question = answer.question
    return {
        "before": None if question.before is None else _plain(question.before),
        "after": _plain(question.after),
        "terms": asdict(question.terms),
        "design_effect": question.design_effect,
        "shares": answer.shares,
        "denominators": answer.denominators,
        "contrast": None if answer.contrast is None else asdict(answer.contrast),
        "p_with_design_effect": answer.p_with_design_effect,
        "denominators_any_rounding": answer.any_rounding,
    }


def as_lines(answer: Answer, language: Language) -> list[tuple[str, str]]:
    """Word the answer: heading and sentence, in reading order.

    Raises ClaimError if a sentence is stronger than the grade.
    """
    lines = _one_figure(answer, language) if answer.contrast is None else _pair(answer, language)
    grade = "none" if answer.contrast is None else answer.contrast.grade
    for _, sentence in lines:
        refuse_overclaim(sentence, grade, language)
    return [(text(f"calculator.heading.{name}", language), sentence) for name, sentence in lines]


def _one_figure(answer: Answer, language: Language) -> list[tuple[str, str]]:
    low, high = (
        numerals.percent(end, language, decimals=answer.question.after.decimals + 1)
        for end in answer.shares["after"]
    )
    said = text("calculator.share", language, low=low, high=high)
    if answer.question.after.value is None:
        said = text("calculator.share_none", language)
    return [
        ("figure", _typed(answer.question.after, language)),
        ("share", said),
        ("denominators", _denominators(answer, "after", language)),
        ("shows", text("calculator.one_shows", language)),
        ("cannot", text("calculator.one_cannot", language)),
        ("needs", text("calculator.one_needs", language)),
    ]


def _pair(answer: Answer, language: Language) -> list[tuple[str, str]]:
    contrast, question = answer.contrast, answer.question
    if contrast is None or question.before is None:
        raise ValueError("a pair has two figures")
    typed = f"{_typed(question.before, language)} → {_typed(question.after, language)}"
    numbers = "; ".join(
        f"{text(f'calculator.{name}', language)}: {_denominators(answer, name, language)}"
        for name in ("before", "after")
    )
    level = 100 * (1 - question.terms.alpha)
    interval = text(
        "calculator.interval",
        language,
        level=numerals.percent(level, language, decimals=0 if level == round(level) else 1),
        low=numerals.number(contrast.conf_low, language, decimals=1),
        high=numerals.points(contrast.conf_high, language, decimals=1),
    )
    lines = [
        ("pair", typed),
        ("terms", _terms(question, language)),
        ("change", _change(contrast, language)),
        ("denominators", numbers),
        ("worst", _worst(contrast, language)),
        ("interval", interval),
        ("shows", _shows(answer, contrast, language)),
        ("cannot", text("calculator.cannot", language)),
        ("rivals", _rivals(answer, contrast, language)),
        ("needs", _needs(contrast, language)),
        ("grade", _grade(contrast, language)),
    ]
    if answer.any_rounding not in (None, contrast.denominators):
        flips = text(
            "calculator.any_flips",
            language,
            answer=text(f"briefing.denominators.{answer.any_rounding}", language),
        )
        lines.insert(7, ("any", flips))
    if answer.p_with_design_effect is not None:  # it leads; the plain answer has its condition
        lines[6:7] = [("shows", _clustered(answer, language)), ("independent", lines[6][1])]
    return lines


def _terms(question: Question, language: Language) -> str:
    return text(
        "calculator.terms",
        language,
        rounding=text(f"label.rounding.{question.terms.rounding}", language),
        least=numerals.number(question.terms.least_dossiers, language),
        alpha=numerals.number(question.terms.alpha, language, decimals=3).rstrip("0"),
    )


def _change(contrast: Contrast, language: Language) -> str:
    points = numerals.points(contrast.change, language, decimals=contrast.change_decimals)
    if contrast.change_bound != "exact":
        return text(f"briefing.value.{contrast.change_bound}", language, value=points)
    if contrast.change_low is None or contrast.change_low == contrast.change_high:
        return points
    decimals = contrast.change_decimals + 1
    return text(
        "calculator.change",
        language,
        points=points,
        low=numerals.number(contrast.change_low, language, decimals=decimals),
        high=numerals.number(contrast.change_high, language, decimals=decimals),
    )


def _worst(contrast: Contrast, language: Language) -> str:
    pair = text("briefing.worst.pair", language, **_counts(contrast, language))
    certified = text(f"calculator.certified.{str(contrast.certified).lower()}", language)
    p = numerals.p_range(contrast.worst_p, contrast.bound_p, language)
    return f"{pair}, {p} ({certified})"


def _shows(answer: Answer, contrast: Contrast, language: Language) -> str:
    least = answer.question.terms.least_dossiers
    floored = text("briefing.worst.least", language, least=numerals.number(least, language))
    values = _counts(contrast, language) | {
        "p": numerals.p_range(contrast.worst_p, contrast.bound_p, language),
        "least": f"{floored} " if least > 1 else "",
    }
    kind = contrast.denominators
    if contrast.design == "before_after_with_n":
        return text(f"briefing.worst.{kind}_counted", language, **values)
    if kind == "open":
        return text("briefing.worst.open", language, p=values["p"])
    if kind == "decided":
        return text("briefing.worst.decided", language, **values)
    if contrast.floor_needed is None:
        return text("briefing.worst.decisive_never", language, **values)
    return text(
        f"briefing.worst.decisive_{contrast.floor_side}",
        language,
        **values,
        floor=numerals.number(contrast.floor_needed, language),
        period=text("briefing.worst.period", language),
    )


def _clustered(answer: Answer, language: Language) -> str:
    p = answer.p_with_design_effect or 0.0
    below = p < answer.question.terms.alpha
    return text(
        f"calculator.clustered_{'below' if below else 'above'}",
        language,
        effect=numerals.number(answer.question.design_effect, language, decimals=1),
        p=numerals.p_value(p, language),
    )


def _rivals(answer: Answer, contrast: Contrast, language: Language) -> str:
    """Say how large a common trend and assisted filing must be, where their work is easiest."""
    before, after = answer.shares["before"], answer.shares["after"]
    least = max(after[0] - before[1], before[0] - after[1])
    if least <= 0:
        return text("calculator.no_rival_needed", language)
    decimals = contrast.change_decimals + 1
    trend = numerals.points(least, language, decimals=decimals)
    if contrast.change < 0:
        return text("calculator.rival_trend", language, trend=trend)
    share = numerals.percent(100 * (1 - before[1] / after[0]), language, decimals=1)
    return text("calculator.rivals", language, trend=trend, share=share)


def _needs(contrast: Contrast, language: Language) -> str:
    return text(f"calculator.needs_{'counts' if contrast.n_after is None else 'rest'}", language)


def _grade(contrast: Contrast, language: Language) -> str:
    return text(
        "calculator.grade",
        language,
        design=text(f"label.design.{contrast.design}", language),
        grade=text(f"label.grade.{contrast.grade}", language),
        reason=text(f"label.reason.{contrast.reason}", language),
        may=text(f"briefing.may.{contrast.design}", language),
        may_not=text(f"briefing.may_not.{contrast.design}", language),
    )


def _counts(contrast: Contrast, language: Language) -> dict[str, str]:
    return {
        "k1": numerals.number(contrast.worst_k_before, language),
        "n1": numerals.number(contrast.worst_n_before, language),
        "k2": numerals.number(contrast.worst_k_after, language),
        "n2": numerals.number(contrast.worst_n_after, language),
    }


def _denominators(answer: Answer, name: str, language: Language) -> str:
    numbers = answer.denominators[name]
    written = ", ".join(numerals.number(n, language) for n in numbers)
    known = len(numbers) < _SHOWN
    return written if known else text("calculator.and_more", language, numbers=written)


def _typed(figure: Figure, language: Language) -> str:
    """Write a figure back as it was understood."""
    if figure.value is None:
        return text("briefing.value.none_yet", language)
    written = numerals.percent(figure.value, language, decimals=figure.decimals)
    if figure.numerator is not None and figure.denominator is not None:
        counts = (numerals.number(n, language) for n in (figure.numerator, figure.denominator))
        return f"{'/'.join(counts)} ({written})"
    if figure.qualifier in (*_BOUNDS, "about"):
        return text(f"briefing.value.{figure.qualifier}", language, value=written)
    return written


def _plain(figure: Figure) -> dict[str, Any]:
    return asdict(figure) | {"value": None if figure.value is None else float(figure.value)}
