"""Annex G and the lines of `pilots diff`: what changed since an earlier briefing, and the reasons.

The annex is put on the page by the export: only then is it known what the run rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from markupsafe import Markup

from commune_pilots import catalogue, numerals
from commune_pilots.briefing.changes import Changes, Reason, moved
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.origins import traced
from commune_pilots.briefing.recorded import recorded_numbers, written
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer, header_of
from commune_pilots.catalogue import Language
from commune_pilots.params import Indicator

ANCHOR = "annex-changes"
MOST_ROWS = 12  # of numbers on a page; the command lists them all
_PACKAGE = "commune_pilots."  # every module's name begins so
_WORDED = {"grade": "grade", "option": "option"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that changed, in words; a number that moves below its printed digits is `alike`."""

    name: str
    before: str
    now: str
    reasons: tuple[Reason, ...]
    alike: bool = False


def since_sentence(findings: Findings, write: Writer) -> list[Markup]:
    """Say in one linked sentence what changed since the earlier briefing; nothing without one."""
    earlier = findings.released
    if earlier is None:
        return []
    numbers = recorded_numbers(findings["results"])
    pairs = moved(earlier["numbers"], numbers)
    same = findings.verdict["option"] == earlier["option"]
    sentence = write.say(
        "changes.since",
        date=_day(earlier["date"], write),
        option=write.say(f"changes.option_{'same' if same else 'other'}"),
        changed=sum(bool(then and now) for _, then, now in pairs),
        new=sum(not then for _, then, _ in pairs),
        gone=sum(not now for *_, now in pairs),
    )
    return [Markup('<a href="#{}">{}</a>').format(ANCHOR, sentence)]


def changes_annex(changes: Changes, indicators: Mapping[str, Indicator], write: Writer) -> Markup:
    """Annex G: what changed, before and now, with the number of its reasons below the table.

    Numbers beyond the first dozen, and those that print as before, are only counted.
    """
    lines = changed_lines(changes, indicators, write)
    seen = [line for line in lines if not line.alike]
    shown = seen[: MOST_ROWS + len(changes.facts)]
    sets = _distinct(shown)
    rows = [
        Row(cells=[line.name, line.before, line.now, f"({1 + sets.index(line.reasons)})"])
        for line in shown
    ]
    date_before = _day(changes.before, write)
    header = [*header_of(write, "item"), date_before, *header_of(write, "now", "reason")]
    table = html_table(write.caption("caption.changes"), header, rows) if rows else Markup()
    reasons = Markup("").join(
        Markup("<li>{}</li>").format("; ".join(reason_words(each, write.language))) for each in sets
    )
    counted = {"more": len(seen) - len(shown), "alike": len(lines) - len(seen)}
    notes = [write.say(f"changes.{key}", count=count) for key, count in counted.items() if count]
    notes = notes or ([] if rows else [write.say("changes.none")])
    return Markup('<section class="annex" id="{}"><h2>{}</h2>{}{}{}</section>').format(
        ANCHOR,
        write.say("heading.annex_changes", date=date_before),
        traced(table, "results"),
        Markup("<ol>{}</ol>").format(reasons) if sets else "",
        Markup("").join(Markup("<p>{}</p>").format(note) for note in notes),
    )


def as_words(
    changes: Changes,
    indicators: Mapping[str, Indicator],
    language: Language,
    *,
    before: str | None = None,
) -> tuple[list[list[str]], list[str]]:
    """Lay out all that changed as plain words: rows under a header, and the reasons they refer to.

    `before` names what is compared with, where that is not the briefing of a date. Without a change
    there are no rows, and one sentence that says so.
    """
    write = Writer(language, "none")
    lines = changed_lines(changes, indicators, write)
    if not lines:
        return [], [write.say("changes.none").unescape()]
    sets = _distinct(lines)
    heads = (
        [before, *header_of(write, "now")]
        if before
        else [_day(day, write) for day in (changes.before, changes.now)]
    )
    rows = [[*header_of(write, "item"), *heads, *header_of(write, "reason")]]
    for line in lines:
        now = f"{line.now} ({write.say('changes.alike_one')})" if line.alike else line.now
        rows.append([line.name, line.before, now, f"({1 + sets.index(line.reasons)})"])
    told = ("; ".join(reason_words(each, language, names=True)) for each in sets)
    return rows, [f"({at}) {words}" for at, words in enumerate(told, start=1)]


def since_commit(
    run: str,
    commit: str,
    day: date,
    language: Language,
    *,
    borrowed: Sequence[str],
    relocked: bool,
) -> list[str]:
    """Say what is compared, where one side is a run executed at a commit."""
    told = {"run": run, "commit": commit, "day": numerals.day(day, language)}
    lines = [catalogue.text("diff.at_commit", language, **told)]
    if borrowed:
        lines.append(catalogue.text("diff.borrowed", language, files=", ".join(borrowed)))
    if relocked:
        lines.append(catalogue.text("diff.relocked", language, commit=commit))
    return lines


def besides_words(reasons: Sequence[Reason], language: Language) -> list[str]:
    """Say in one line what differs too and moved no number; modules are counted."""
    if not reasons:
        return []
    words = "; ".join(reason_words(reasons, language))
    return [catalogue.text("diff.besides", language, reasons=words)]


def changed_lines(
    changes: Changes, indicators: Mapping[str, Indicator], write: Writer
) -> list[Line]:
    """Word everything that changed: facts first, then numbers, each once."""
    lines = [
        Line(
            name=str(write.say(f"changes.fact.{fact.name}")),
            before=_fact(fact.name, fact.before, write),
            now=_fact(fact.name, fact.now, write),
            reasons=fact.reasons,
        )
        for fact in changes.facts
    ]
    for number in changes.numbers:
        before, now = (
            written(each, write.language) if each else str(write.say(f"changes.{absent}"))
            for each, absent in ((number.before, "not_yet"), (number.now, "no_longer"))
        )
        name = number_name(number.now or number.before or {}, indicators, write)
        alike = before == now
        lines.append(Line(name=name, before=before, now=now, reasons=number.reasons, alike=alike))
    return lines


def number_name(
    number: Mapping[str, Any], indicators: Mapping[str, Indicator], write: Writer
) -> str:
    """Name a number by its quantity and whom or what it is of."""
    name = write.term("quantity", number["quantity"])
    indicator, subject = str(number.get("indicator")), str(number["subject"])
    of = []
    if unit := number.get("unit_name"):
        of.append(str(unit))
    elif subject.startswith(f"{indicator}-"):
        of.append(write.term("pool_method", subject.removeprefix(f"{indicator}-")))
    elif subject.startswith("stage-"):
        of.append(f"{write.say('column.stage')} {subject.removeprefix('stage-')}".lower())
    if indicator in indicators:
        of.append(write.label(indicators[indicator]))
    return f"{name[:1].upper()}{name[1:]}{': ' if of else ''}{', '.join(of)}"


def reason_words(
    reasons: Sequence[Reason], language: Language, *, names: bool = False
) -> list[str]:
    """Word what differs, a phrase a kind; modules are counted unless their names are asked for.

    Names of files and modules are no prose: what they happen to spell claims nothing.
    """

    def say(key: str, **values: object) -> str:
        return catalogue.text(f"briefing.changes.{key}", language, **values)

    if not reasons:
        return [say("unexplained")]
    words = []
    for kind, each in groupby(sorted(reasons, key=_order), key=lambda reason: reason.kind):
        same = list(each)
        if kind == "module" and not names:
            words.append(say("reason.modules", count=len(same)))
        elif kind in ("parameter", "version"):
            told = [_moved(one, language) for one in same]
            words.append(say(f"reason.{kind}", names="; ".join(told)))
        else:
            told = [one.name.rpartition("/")[2].removeprefix(_PACKAGE) for one in same]
            words.append(say(f"reason.{kind}", names=", ".join(told)))
    return words


def _distinct(lines: Sequence[Line]) -> list[tuple[Reason, ...]]:
    """List the different sets of reasons, in the order of their lines; values may be lists."""
    found: list[tuple[Reason, ...]] = []
    for line in lines:
        if line.reasons not in found:
            found.append(line.reasons)
    return found


def _order(reason: Reason) -> tuple[int, str]:
    kinds = ("input", "parameter", "notebook", "module", "version", "environment")
    return kinds.index(reason.kind), reason.name


def _fact(name: str, value: str, write: Writer) -> str:
    return write.term(_WORDED[name], value) if name in _WORDED else value


def _moved(reason: Reason, language: Language) -> str:
    """Write a key or version with its values; one that came or went and is empty says so."""
    before, now = _value(reason.before, language), _value(reason.now, language)
    if before == now:
        key = "key_new" if reason.before is None else "key_gone"
        return f"{reason.name} ({catalogue.text(f'briefing.changes.{key}', language)})"
    return f"{reason.name} {before} → {now}"


def _value(value: Any, language: Language) -> str:
    """Write a parameter as the language does; a list with commas, what is not there as a dash."""
    if isinstance(value, float):
        return str(value).replace(".", ",") if language == "vi" else str(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def _day(iso: str, write: Writer) -> str:
    return numerals.day(date.fromisoformat(iso), write.language)
