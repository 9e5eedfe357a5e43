"""The self-check against the criteria for Reproducible Analytical Pipelines, from facts alone.

Each criterion is one function of the project's folder; nothing is ticked by hand. `make rap` writes
docs/rap.md. Counts that move with every change are told in round numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import judged
from judged import Fact, Verdict

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    "UK Government Analysis Function": (
        "https://analysisfunction.civilservice.gov.uk/policy-store/"
        "reproducible-analytical-pipelines-strategy/"
    ),
    "the same list at the Government Statistical Service": (
        "https://gss.civilservice.gov.uk/reproducible-analytical-pipelines/"
    ),
    "NHS England RAP Community of Practice, levels of RAP": (
        "https://nhsdigital.github.io/rap-community-of-practice/introduction_to_RAP/levels_of_RAP/"
    ),
}


@dataclass(frozen=True)
class Criterion:
    """One criterion in our words, and how it is judged."""

    asks: str
    judge: Callable[[Path], Fact]


LISTS: dict[str, tuple[Criterion, ...]] = {
    "UK Analysis Function: the least a pipeline must do": (
        Criterion("Few manual steps, and those that stay are written down", judged.manual_steps),
        Criterion("Open-source software, preferably R or Python", judged.open_source),
        Criterion("Quality assured more deeply, with review by peers", judged.peer_review),
        Criterion("An audit trail by version control", judged.audit_trail),
        Criterion("Open to anyone", judged.in_the_open),
        Criterion("Good practice of quality assurance that the office follows", judged.quality),
        Criterion("Comments and documentation inside the product, under its version control",
                  judged.documentation),
    ),
    "NHS England: baseline": (
        Criterion("Data come from code in an open-source language", judged.open_source),
        Criterion("Code is under version control", judged.audit_trail),
        Criterion("A README says how to make the results again", judged.readme),
        Criterion("Code was reviewed by peers", judged.peer_review),
        Criterion("Code is published, with links to and from the publication", judged.in_the_open),
    ),
    "NHS England: silver": (
        Criterion("Outputs come from code with little intervention", judged.little_intervention),
        Criterion("Guidance for users, structure, methods, docstrings", judged.guidance),
        Criterion("A standard layout of folders", judged.directories),
        Criterion("Functions that can be used again", judged.reuse),
        Criterion("Agreed coding standards", judged.standards),
        Criterion("A framework of tests", judged.testing),
        Criterion("Information on dependencies", judged.dependencies),
        Criterion("The pipeline records logs by itself", judged.logs),
        Criterion("Tidy data", judged.tidy),
    ),
    "NHS England: gold": (
        Criterion("Fully packaged", judged.packaged),
        Criterion("Tests run by themselves, by continuous integration", judged.integration),
        Criterion("The process starts on an event or by a schedule", judged.triggers),
        Criterion("Changes are signposted", judged.changes),
    ),
}  # fmt: skip


def _summary(facts: Iterable[Fact]) -> str:
    told = [fact.verdict for fact in facts]
    order: tuple[Verdict, ...] = ("met", "partly", "not met", "cannot be told")
    counts = [f"{told.count(one)} {one}" for one in order if one in told]
    return f"{', '.join(counts)}, of {len(told)}."


def page(root: Path) -> str:
    """Compose the page: every criterion, its verdict and the fact that decides it."""
    lines = [
        "# Self-check: Reproducible Analytical Pipelines",
        "",
        "Written by `make rap` from what stands in the repository "
        "(`tests/docs/rap_facts.py`); a test compares the "
        "two,",
        "so nothing here is ticked by hand. The criteria are in our own words; the lists "
        "themselves:",
        "",
        *(f"- [{name}]({address})" for name, address in SOURCES.items()),
        "",
        "`cannot be told` means that no file of a repository could show it: ask those who "
        "work with it.",
        "",
    ]
    for heading, criteria in LISTS.items():
        facts = [(one, one.judge(root)) for one in criteria]
        lines += [f"## {heading}", "", _summary(fact for _, fact in facts), ""]
        lines += ["| asks for | here | decided by |", "| --- | --- | --- |"]
        lines += [f"| {one.asks} | {fact.verdict} | {fact.because} |" for one, fact in facts]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    import imported

    (ROOT / "docs" / "rap.md").write_text(page(ROOT), encoding="utf-8")
    imported.write()
