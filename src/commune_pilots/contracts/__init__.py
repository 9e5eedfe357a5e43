"""What every table that crosses a room border must hold (pandera models; strict; no coercion).

Codes and ids are text, shares are percentage points (98.08), dates are timestamps, unknown is
missing and never 0.
"""

from __future__ import annotations

from commune_pilots.contracts.effects import Effects
from commune_pilots.contracts.evidence import (
    Alternatives,
    Checks,
    Contrasts,
    Counted,
    Coverage,
    Floors,
    Levels,
    Sensitivities,
    Series,
)  # fmt: skip
from commune_pilots.contracts.logs import Dossiers, Findings, Ingested, Rejected
from commune_pilots.contracts.raw import (
    Candidates,
    Days,
    Decisions,
    Dropped,
    Events,
    Interventions,
    Observations,
    Panel,
    Pilots,
    Sources,
    Units,
)  # fmt: skip
from commune_pilots.contracts.scaling import (
    Economics,
    Outlook,
    Pooled,
    Projections,
    Results,
    Stages,
    Stress,
    Targets,
    Verdicts,
)  # fmt: skip
from commune_pilots.contracts.table import Table

TABLES: dict[str, type[Table]] = {
    model.__name__.lower(): model
    for model in (
        Sources,
        Observations,
        Units,
        Pilots,
        Interventions,
        Events,
        Decisions,
        Candidates,
        Panel,
        Days,
        Dropped,
        Coverage,
        Levels,
        Contrasts,
        Alternatives,
        Counted,
        Floors,
        Series,
        Effects,
        Sensitivities,
        Checks,
        Targets,
        Pooled,
        Projections,
        Stages,
        Outlook,
        Economics,
        Stress,
        Verdicts,
        Results,
        Dossiers,
        Rejected,
        Findings,
        Ingested,
    )
}
