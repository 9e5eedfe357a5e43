"""What every test may ask for: a seeded generator, the project's root, its catalogue and tables."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from kept import kept

from commune_pilots.params import Indicator, load_indicators
from commune_pilots.sources.press import read_press

# Thousands of tests keep a heap that hardly changes: going through it often is a tenth of the time.
gc.set_threshold(10_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leave what stands until the end out of every collection; statsmodels asks for whole ones."""
    gc.collect()
    gc.freeze()


settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=60
)
settings.load_profile("repeatable")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20230601)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def indicators(root: Path) -> dict[str, Indicator]:
    return load_indicators(root / "params" / "indicators.yml")


@pytest.fixture(scope="session")
def _press_once(root: Path, indicators: dict[str, Indicator]) -> dict[str, pd.DataFrame]:
    press = root / "data" / "raw" / "press"
    return kept("press", lambda: read_press(press, indicators, shown="data/raw/press"))


@pytest.fixture
def press_tables(_press_once: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: frame.copy(deep=True) for name, frame in _press_once.items()}
