"""What tests of runs share: the tiny project, and one folder of templates for warm kernels."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import tiny
from warmed import template_folder


@pytest.fixture(scope="session")
def templates_at():
    """Keep the templates of a session in a folder of their own, and end them with it."""
    with template_folder() as folder:
        yield folder


@pytest.fixture
def own_templates(monkeypatch):
    """Give one test a folder of templates for itself, to do them harm; they load little."""
    monkeypatch.setattr("commune_pilots.runs.kernels.PRELOADED", ("ipykernel.kernelapp",))
    with template_folder() as folder:
        yield folder


@pytest.fixture
def short_path():
    """Give a folder whose path leaves room for sockets; that of tmp_path grows with its parents."""
    with tempfile.TemporaryDirectory(prefix="pt-", dir="/tmp") as made:
        yield Path(made)


@pytest.fixture
def layout(tmp_path):
    """Make the tiny project."""
    return tiny.make(tmp_path)


@pytest.fixture
def kernels(monkeypatch, layout):
    """Let nothing be executed in the tiny project: its kernels are stood in for."""
    return tiny.install(monkeypatch, layout)
