"""Harm is done to a project of its own, over templates of its own."""

from __future__ import annotations

import pytest
from faults.fast import Fast
from warmed import template_folder


@pytest.fixture(scope="module")
def runtime():
    """Keep the templates of these tests in a folder of their own, and end them."""
    with template_folder() as folder:
        yield folder


@pytest.fixture
def fast(tmp_path, runtime):
    """Write the small project afresh."""
    return Fast(tmp_path, runtime, runs=2)
