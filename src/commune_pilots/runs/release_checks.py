"""What a briefing must pass before it is released: each check looks, and tells all it found.

A check is a pure function of what was read (runs.release_look); none hides behind another, so that
everything to mend is known at once. docs/decisions/0012-release-gate.md has the reasons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Literal

import pandas as pd

from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.style import LEAST_ALT
from commune_pilots.catalogue import LANGUAGES, text
from commune_pilots.clean.small_counts import LEAST_COUNT, SmallCounts
from commune_pilots.errors import Bilingual, PilotsError
from commune_pilots.runs.plan import Planned
from commune_pilots.sources.privacy import Kind
from commune_pilots.vocabulary import Grade

Check = Literal[
    "simulated", "status", "small_counts", "personal_data", "code", "outputs", "figures", "approver"
]
_SHOWN = 4
_SIMULATED = "simulated"
_PICTURE = re.compile(r"<(?:svg|img)\b[^>]*>(?:\s*<title[^>]*>(.*?)</title>)?", re.DOTALL)
_ALT = re.compile(r'\balt="([^"]*)"')
_NAME = re.compile(r"[^\W\d_]+(?:[ .,'’()&-]+[^\W\d_]+)+[.)]?")
# Who is nobody: a word that stands for any name, and Nguyễn Văn A, B, C as forms have them.
_ANY_NAME = frozenset(
    {
        "admin", "anonymous", "approver", "chưa", "doe", "fullname", "họ", "name", "nobody", "none",
        "người", "null", "tbd", "test", "todo", "tên", "unknown", "user", "xxx",
    }
)  # fmt: skip
_ANYBODY = frozenset({"a", "b", "c", "x"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check looked at and found, in both languages; where it failed, also what to do."""

    check: Check
    passed: bool
    looked_at: Bilingual
    found: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Personal data in one file: kind and place, never the value."""

    kind: Kind
    file: str
    place: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """How the project stands to a commit: is it in the history, and what differs from it."""

    known: bool
    changed: tuple[str, ...] = ()


def check_simulated(manifest: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Finding:
    """Is everything in the run as somebody reported it, and nothing drawn or invented?"""
    scenario = manifest["parameters"]["scenario"]
    drawn = ["scenario"] if scenario == _SIMULATED else []
    for name, column in (("sources", "kind"), ("results", "data")):
        if name in tables and (tables[name][column] == _SIMULATED).any():
            drawn.append(name)
    if manifest["data"] == _SIMULATED:
        official = manifest["parameters"]["status"] == "official"
        found = _worded("simulated.official" if official else "simulated.all")
    else:
        found = _worded("simulated.mixed" if drawn else "simulated.passed", names=", ".join(drawn))
    return Finding(
        check="simulated",
        passed=manifest["data"] != _SIMULATED and not drawn,
        looked_at=_worded("simulated.looked", data=manifest["data"], scenario=scenario),
        found=found,
    )


def check_status(manifest: Mapping[str, Any]) -> Finding:
    """Does the page say that it is official?"""
    status, run = manifest["parameters"]["status"], manifest["run"]
    passed = status == "official"
    return Finding(
        check="status",
        passed=passed,
        looked_at=_worded("status.looked"),
        found=_worded("status.passed" if passed else "status.failed", status=status, run=run),
    )


def check_small_counts(found: SmallCounts, *, least: int = LEAST_COUNT) -> Finding:
    """Is a number of people or dossiers so small that it can point at somebody?"""
    if found.places:
        outcome = "small_counts.failed"
    elif not found.looked:
        outcome = "small_counts.none"
    else:
        outcome = "small_counts.passed" if found.own else "small_counts.public"
    return Finding(
        check="small_counts",
        passed=not found.places,
        looked_at=_worded("small_counts.looked", counts=found.looked, most=least - 1),
        found=_worded(outcome, printed=found.printed, places=_few(found.places)),
    )


def check_personal_data(leaks: Sequence[Leak], *, files: int) -> Finding:
    """Is there a citizen id, a telephone number, an e-mail address or a date of birth anywhere?"""
    shown = [
        Bilingual(*(text(f"release.kind.{leak.kind}", name) + _inside(leak) for name in LANGUAGES))
        for leak in leaks
    ]
    return Finding(
        check="personal_data",
        passed=not leaks,
        looked_at=_worded("personal_data.looked", files=files),
        found=_worded(
            "personal_data.failed" if leaks else "personal_data.passed", places=_few(shown)
        ),
    )


def _inside(leak: Leak) -> str:
    return f" ({leak.file}, {leak.place})" if leak.place else f" ({leak.file}:{leak.line})"


def check_code(manifest: Mapping[str, Any], code: Code) -> Finding:
    """Is the page made by code that anybody can check out, and that is checked out here?"""
    if manifest["dirty"]:
        outcome = "code.dirty"
    elif not code.known:
        outcome = "code.unknown"
    else:
        outcome = "code.changed" if code.changed else "code.passed"
    return Finding(
        check="code",
        passed=outcome == "code.passed",
        looked_at=_worded("code.looked", commit=manifest["commit"][:12]),
        found=_worded(outcome, files=_few(code.changed), run=manifest["run"]),
    )


def check_outputs(
    manifest: Mapping[str, Any],
    pages: Mapping[str, str],
    planned: Sequence[Planned],
    *,
    altered: Sequence[str],
    grades: Mapping[str, Grade],
    indexed: bool,
) -> Finding:
    """Do all files stand as published, from what the project holds, and keep the pages their rules?

    `grades` names the pages that the rules of a page hold, each with its grade.
    """
    problems = [_worded("outputs.altered", file=file) for file in altered]
    problems += [
        _worded("outputs.due", step=step.step, reason=Bilingual(*_first_reason(step)))
        for step in planned
        if step.reasons
    ]
    for page, grade in grades.items():
        try:
            check_page(pages.get(page, ""), page=page, grade=grade)
        except PilotsError as broken:
            problems.append(Bilingual(*(broken.sentence(name).rstrip(".") for name in LANGUAGES)))
    problems += [_worded("outputs.link", page=page, target=to) for page, to in _dead_links(pages)]
    problems += [] if indexed else [_worded("outputs.index")]
    return Finding(
        check="outputs",
        passed=not problems,
        looked_at=_worded(
            "outputs.looked", files=len(manifest["outputs"]), pages=len(grades), steps=len(planned)
        ),
        found=_worded(
            "outputs.failed" if problems else "outputs.passed",
            problems=_few(problems),
            run=manifest["run"],
        ),
    )


def _first_reason(step: Planned) -> list[str]:
    return [step.reasons[0].sentence(language) for language in LANGUAGES]


def _dead_links(pages: Mapping[str, str]) -> list[tuple[str, str]]:
    """List links from page to page whose target is not there."""
    return [
        (page, f"{name}{anchor}")
        for page, content in pages.items()
        for name, anchor in sorted(set(re.findall(r'href="([\w.-]+\.html)(#[^"]*)?"', content)))
        if name not in pages or (anchor and f'id="{anchor[1:]}"' not in pages[name])
    ]


def check_figures(pages: Mapping[str, str]) -> Finding:
    """Has every figure a text for those who do not see it: long enough, with a number in it?"""
    alts = [
        (page, unescape(picture[1] or (_ALT.search(picture[0]) or ["", ""])[1]).strip())
        for page, content in pages.items()
        for picture in _PICTURE.finditer(content)
    ]
    poor = [page for page, alt in alts if len(alt) < LEAST_ALT or not re.search(r"\d", alt)]
    shortest = min((len(alt) for _, alt in alts), default=0)
    return Finding(
        check="figures",
        passed=not poor,
        looked_at=_worded("figures.looked", count=len(alts)),
        found=_worded(
            "figures.failed" if poor else "figures.passed",
            count=len(poor),
            pages=_few(list(dict.fromkeys(poor))),
            least=LEAST_ALT,
            shortest=shortest,
        ),
    )


def check_approver(name: str) -> Finding:
    """Is the approver a person with a name, whom others can ask?"""
    words = re.findall(r"[^\W\d_]+", name.lower().partition(",")[0].partition("(")[0])
    passed = (
        bool(_NAME.fullmatch(name))
        and len(words) >= 2
        and words[-1] not in _ANYBODY
        and _ANY_NAME.isdisjoint(words)
    )
    return Finding(
        check="approver",
        passed=passed,
        looked_at=_worded("approver.looked", name=name or "…"),
        found=_worded("approver.passed" if passed else "approver.failed"),
    )


def approver_name(given: str) -> str:
    """Write a name as given, composed (NFC), without spaces around it."""
    return unicodedata.normalize("NFC", given).strip()


def _worded(key: str, **values: object) -> Bilingual:
    """Word one entry of `release.` in both languages."""
    return Bilingual(
        *(
            text(
                f"release.{key}",
                language,
                **{
                    name: getattr(value, language) if isinstance(value, Bilingual) else value
                    for name, value in values.items()
                },
            )
            for language in LANGUAGES
        )
    )


def _few(parts: Collection[str] | Collection[Bilingual]) -> Bilingual:
    """Name the first of several things and count the rest."""
    both = [part if isinstance(part, Bilingual) else Bilingual(part, part) for part in parts]
    shown = both[:_SHOWN]
    if more := len(both) - len(shown):
        shown.append(_worded("more", count=more))
    return Bilingual(*("; ".join(getattr(part, name) for part in shown) for name in LANGUAGES))
