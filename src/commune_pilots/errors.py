"""The error tree: every kind has its own exit code and one sentence in each language.

The sentence comes from the catalogue (`error.<key>`): what was found, what is accepted, where, and
what to do. The tree follows docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from commune_pilots.catalogue import Language, text


class Bilingual(NamedTuple):
    """A part of a sentence that differs between the languages, a hint for example."""

    vi: str
    en: str


NOTHING = Bilingual("", "")


class PilotsError(Exception):
    """A failure the user can act on; `sentence` words it in either language."""

    exit_code = 1

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(self.sentence("en"))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes whole: key, values and whatever else was set."""
        return (_restore, (type(self), self.args), self.__dict__)

    def sentence(self, language: Language) -> str:
        """Word the error in one sentence."""
        return text(f"error.{self.key}", language, **_in(language, self.values))


def _restore(kind: type[PilotsError], args: tuple[Any, ...]) -> PilotsError:
    return kind.__new__(kind, *args)


def _in(language: Language, values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: getattr(value, language) if isinstance(value, Bilingual) else value
        for name, value in values.items()
    }


class NotebookError(PilotsError):
    """A notebook cell failed; the executed notebook is kept."""

    exit_code = 1


class ParameterError(PilotsError):
    """The command line or a file under params/ asks for something that does not exist."""

    exit_code = 2


class KernelDiedError(PilotsError):
    """The kernel ended before its notebook did."""

    exit_code = 3


class RunTimeoutError(PilotsError):
    """A cell or a run used up its time."""

    exit_code = 4


class LockedError(PilotsError):
    """Another process is writing the same run."""

    exit_code = 5


class WriteError(PilotsError):
    """An output cannot be written."""

    exit_code = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One value that breaks one rule, placed so that a person can find and mend it."""

    file: str
    row: int | None
    column: str
    value: str
    rule: str
    rule_values: tuple[tuple[str, object], ...] = ()

    def sentence(self, language: Language) -> str:
        """Word the rule that is broken."""
        return text(f"rule.{self.rule}", language, **_in(language, dict(self.rule_values)))


class InputError(PilotsError):
    """Raw data cannot be read as what it should be."""

    exit_code = 7


class ContractError(InputError):
    """Values that break a table's contract; the sentence quotes the first, `failures` has all.

    `report` is where the full list was written for people, once it was.
    """

    report: Path | None = None

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        first = self.failures[0]
        # A sheet or file may be at fault as a whole: then there is no row, column or value to name.
        whole = "_whole" if first.row is None and not first.value else ""
        super().__init__(
            f"failures{whole}" if len(self.failures) > 1 else f"failure{whole}",
            count=len(self.failures),
            file=first.file,
            row="-" if first.row is None else first.row,
            column=first.column,
            value=first.value,
        )

    def sentence(self, language: Language) -> str:
        """Word the error with the first broken rule in the same language."""
        rule = self.failures[0].sentence(language)
        return text(f"error.{self.key}", language, **_in(language, self.values), rule=rule)


class DeliveryError(InputError):
    """Files of a delivery cannot be read exactly; `reasons` has a sentence for each file."""

    reasons: tuple[Bilingual, ...] = ()


class ClaimError(PilotsError):
    """A sentence is stronger than the design behind it."""

    exit_code = 8


class ExportError(PilotsError):
    """An exported page breaks a rule of the briefing."""

    exit_code = 9


class ReproductionError(PilotsError):
    """Running a published run again gave other bytes."""

    exit_code = 10


class ReleaseError(PilotsError):
    """A briefing is not fit to be released; `reasons` has a sentence for each check that failed."""

    exit_code = 11
    reasons: tuple[Bilingual, ...] = ()


class StoppedError(PilotsError):
    """Execution was asked to stop: interrupted, terminated, or its terminal closed."""

    exit_code = 130


class DefectError(PilotsError):
    """Something the program itself should not have done."""

    exit_code = 70

    @classmethod
    def of(cls, error: Exception) -> DefectError:
        """Word an exception that nobody expected."""
        return cls("internal", name=type(error).__name__, message=str(error)[:200])


KINDS: tuple[type[PilotsError], ...] = (
    NotebookError,
    ParameterError,
    KernelDiedError,
    RunTimeoutError,
    LockedError,
    WriteError,
    InputError,
    ClaimError,
    ExportError,
    ReproductionError,
    ReleaseError,
    DefectError,
    StoppedError,
)
