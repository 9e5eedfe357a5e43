"""The pages of a delivery: what became of every row, in Vietnamese first and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commune_pilots import schemas
from commune_pilots.briefing.ingest_page import Delivered, ingest_page
from commune_pilots.briefing.validity_figures import validity_figures
from commune_pilots.briefing.wording import Writer
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.errors import Bilingual
from commune_pilots.params import Indicator
from commune_pilots.runs.counting import Counted, account_of
from commune_pilots.runs.parts import Part
from commune_pilots.runs.raw_files import Recipe

PAGE = "index.html"
PAGES = {"vi": PAGE, "en": "index.en.html"}


def delivery_pages(
    counted: Counted, recipe: Recipe, indicators: Mapping[str, Indicator]
) -> dict[str, str]:
    """Lay out the page of a delivery in each language, by the name of its file."""
    tables, simulated = counted.tables, recipe.delivery.simulated
    found = {}
    for language in LANGUAGES:
        write = Writer(language, "none", simulated=simulated)
        delivered = Delivered(
            label=_label(recipe, language),
            files=tables["ingested"],
            rejected=tables["rejected"],
            findings=tables["findings"],
            panel=tables["panel"],
            left_out=[getattr(one, language) for one in counted.left_out],
            checks=tables.get("checks"),
            figures=validity_figures(**counted.looks, write=write) if counted.looks else (),
            gaps=counted.gaps,
        )
        page = ingest_page(delivered, indicators=indicators, simulated=simulated, language=language)
        found[PAGES[language]] = page
    return found


def refused_page(refused: Mapping[str, Bilingual], parts: Sequence[Part], recipe: Recipe) -> str:
    """Lay out the page of a delivery of which files were refused, in Vietnamese.

    The files that could be read are accounted for; nothing of them is counted.
    """
    delivered = Delivered(
        label=_label(recipe, "vi"),
        files=schemas.build(account_of(parts), "ingested"),
        rejected=schemas.empty("rejected"),
        findings=schemas.empty("findings"),
        panel=schemas.empty("panel"),
        refused=[(file, sentence.vi) for file, sentence in refused.items()],
    )
    return ingest_page(delivered, indicators={}, simulated=recipe.delivery.simulated)


def _label(recipe: Recipe, language: str) -> str:
    label: str = getattr(recipe.delivery, f"label_{language}")
    return label
