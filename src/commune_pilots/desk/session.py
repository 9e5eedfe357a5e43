"""What a kernel started from JupyterLab loads: changed source files, and the parameter form.

An IPython extension. A batch never loads it, so it cannot change what a run computes.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FORM = "commune_pilots.desk.form"
_log = logging.getLogger(__name__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Load changed modules before each cell, and offer the form of the run at hand.

    What cannot be loaded is told in the log of JupyterLab; a kernel without it still works.
    """
    for load in (_follow_edits, _offer_form):
        try:
            load(shell)
        except Exception:
            _log.warning("not loaded: %s", load.__name__.strip("_"), exc_info=True)


def _follow_edits(shell: InteractiveShell) -> None:
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "complete")  # new names of a module too, not only changes


def _offer_form(shell: InteractiveShell) -> None:
    shell.run_line_magic("load_ext", _FORM)
