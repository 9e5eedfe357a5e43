"""What a kernel started from JupyterLab loads."""

from __future__ import annotations

import logging

import pytest

from commune_pilots.desk.session import load_ipython_extension


class Shell:
    """The part of the running shell that is asked for; magics named in `broken` fail."""

    def __init__(self, broken=()):
        self.ran, self.broken = [], broken

    def run_line_magic(self, name, words):
        if words in self.broken:
            raise ImportError(words)
        self.ran.append((name, words))


FOLLOW = [("load_ext", "autoreload"), ("autoreload", "complete")]
FORM = ("load_ext", "commune_pilots.desk.form")


def test_edits_are_followed_and_the_form_is_offered():
    shell = Shell()
    load_ipython_extension(shell)
    assert shell.ran == [*FOLLOW, FORM]


@pytest.mark.parametrize(
    ("broken", "left"), [("autoreload", [FORM]), ("commune_pilots.desk.form", FOLLOW)]
)
def test_what_fails_is_told_and_takes_nothing_else_along(broken, left, caplog):
    shell = Shell(broken={broken})
    with caplog.at_level(logging.WARNING):
        load_ipython_extension(shell)
    assert shell.ran == left
    assert "not loaded" in caplog.text
