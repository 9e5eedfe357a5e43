"""Starts JupyterLab ready for work: language, formatter, kernel, launcher entries, git."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

from commune_pilots.catalogue import Language
from commune_pilots.desk import lab_settings
from commune_pilots.errors import ParameterError
from commune_pilots.runs import kernels
from commune_pilots.store import Layout

# Modules of the extra `lab`, under the names they are imported by.
EXTRA = ("jupyterlab_code_formatter", "jupyterlab_language_pack_vi_VN", "nbdime", "nbstripout",
         "jupytext", "ruff")  # fmt: skip
_CONFIG_VARIABLE = "JUPYTER_CONFIG_PATH"


def missing_extra() -> list[str]:
    """Name the packages of the extra `lab` that are not installed."""
    return [name.replace("_", "-") for name in EXTRA if find_spec(name) is None]


def serve(
    layout: Layout, *, language: Language, warm: bool, port: int | None, browser: bool
) -> None:
    """Serve JupyterLab on this project until it is ended; kernels end with it.

    Raises ParameterError if something else serves the port asked for.
    """
    if port and is_taken(port):
        raise ParameterError("port_taken", port=port)
    with tempfile.TemporaryDirectory(prefix="pilots-lab-") as made:
        folder = Path(made)
        lab_settings.write_session(folder, layout, language=language, warm=warm)
        layout.processed(".lab").mkdir(parents=True, exist_ok=True)
        _prepare_process(folder, layout)
        # Not before: Jupyter reads the variables when it is imported.
        from jupyterlab.labapp import LabApp

        server = LabApp.initialize_server(
            lab_settings.arguments(layout, port=port, browser=browser)
        )
        # Here and not in JUPYTER_PATH: a run started in a terminal of this session would find it.
        server.kernel_spec_manager.kernel_dirs.insert(0, str(folder / "kernels"))
        if warm:
            threading.Thread(target=kernels.warm_up, daemon=True).start()
        server.start()


def is_taken(port: int) -> bool:
    """Say whether something on this machine answers on a port already."""
    with socket.socket() as asked:
        asked.settimeout(1)
        return asked.connect_ex(("127.0.0.1", port)) == 0


def _prepare_process(folder: Path, layout: Layout) -> None:
    """Make this process and what it starts find our settings, our programs and the style."""
    os.chdir(layout.root)  # ruff looks there for the style
    for name, first in ((_CONFIG_VARIABLE, folder / "config"), ("PATH", _programs())):
        rest = os.environ.get(name)
        os.environ[name] = f"{first}{os.pathsep}{rest}" if rest else str(first)


def _programs() -> Path:
    return Path(sys.executable).parent
