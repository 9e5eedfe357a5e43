"""What tests of runs share: the tiny project, and one folder of templates for warm kernels."""

from __future__ import annotations

import pytest
import tiny
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


@pytest.fixture
def layout(tmp_path):
    """Make the tiny project."""
    return tiny.make(tmp_path)


@pytest.fixture
def kernels(monkeypatch, layout):
    """Let nothing be executed in the tiny project: its kernels are stood in for."""
    return tiny.install(monkeypatch, layout)
