"""Warm kernels of the tests: one folder of templates for all of them."""

from __future__ import annotations

import pytest
from warmed import template_folder


@pytest.fixture(scope="session")
def templates_at():
    """Keep the templates of a session in a folder of their own, and end them with it."""
    with template_folder() as folder:
        yield folder


@pytest.fixture
def own_templates():
    """Give one test a folder of templates for itself, to do them harm."""
    with template_folder() as folder:
        yield folder
