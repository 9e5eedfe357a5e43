"""What JupyterLab is told for one session: defaults, kernel, arguments.

Everything is written to a folder of this one session and named on its command line; the user's own
Jupyter files are neither read for this nor changed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from commune_pilots.catalogue import Language
from commune_pilots.runs import kernels
from commune_pilots.store import Layout

SESSION_EXTENSION = "commune_pilots.desk.session"
SERVER_EXTENSION = "commune_pilots.desk.lab_server"
_LOCALES: Mapping[Language, str] = {"vi": "vi_VN", "en": "en"}
_LINE_LENGTH = 100


def lab_data() -> Path:
    """Find the files of the package that JupyterLab reads as they stand."""
    return Path(str(resources.files("commune_pilots") / "desk" / "jupyter"))


def defaults(language: Language, *, configured: bool) -> dict[str, Any]:
    """Set language and formatter, and ask nothing of the network; the user's own choices go first.

    `configured`: the project has a pyproject.toml in which ruff finds its style.
    """
    style = [] if configured else [f"--line-length={_LINE_LENGTH}"]
    return {
        "@jupyterlab/translation-extension:plugin": {"locale": _LOCALES[language]},
        "@jupyterlab/apputils-extension:notification": {
            "checkForUpdates": False,
            "fetchNews": "false",
        },
        "jupyterlab_code_formatter:settings": {
            "preferences": {"default_formatter": {"python": ["ruff", "ruffformat"]}},
            "ruff": {"args": ["--select=I001", *style]},
            "ruffformat": {"args": style},
        },
    }


def kernelspec(*, warm: bool) -> dict[str, Any]:
    """Describe the kernel `python3`, as a batch has it but for the session's extension.

    A warm one is forked from a template that has done the imports; it has the same name, so that
    saving a notebook never tells which one ran.
    """
    from ipykernel.kernelspec import get_kernel_dict

    spec: dict[str, Any] = get_kernel_dict()
    spec["argv"].append(f"--InteractiveShellApp.extra_extensions={SESSION_EXTENSION}")
    if warm:
        spec["metadata"]["kernel_provisioner"] = {"provisioner_name": kernels.NAME}
    return spec


def write_session(folder: Path, layout: Layout, *, language: Language, warm: bool) -> None:
    """Write the settings of one session into a folder of its own."""
    configured = (layout.root / "pyproject.toml").is_file()
    files = {
        "config/labconfig/default_setting_overrides.json": defaults(
            language, configured=configured
        ),
        # Jupytext is here to show notebooks in git; notebooks are not paired with scripts.
        "config/labconfig/page_config.json": {"disabledExtensions": {"jupyterlab-jupytext": True}},
        "config/jupyter_server_config.d/commune-pilots.json": {
            "ServerApp": {
                "jpserver_extensions": {SERVER_EXTENSION: True, "jupyterlab_jupytext": False}
            }
        },
        "kernels/python3/kernel.json": kernelspec(warm=warm),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    _copy_logos(folder / "kernels" / "python3")


def arguments(layout: Layout, *, port: int | None, browser: bool) -> list[str]:
    """Word the command line of JupyterLab: it goes before any file of settings."""
    import zmq

    given = {
        "ServerApp.root_dir": layout.root,
        "ServerApp.open_browser": browser,
        # Each kernel warns where it is not encrypted; not every build of ZeroMQ can.
        **({"KernelManager.transport_encryption": "auto"} if zmq.has("curve") else {}),
        # The address, and what goes wrong.
        "ServerApp.log_level": "WARN",
        "LabApp.log_level": "WARN",
        "ServerApp.allow_root": True,  # in a container; only this machine reaches the server
        "LabApp.default_url": f"/lab/tree/{start_page(layout)}",
        "LabApp.extra_labextensions_path": lab_data() / "labextensions",
        # Tabs that are open belong to the project, not to whatever else is done in JupyterLab.
        "LabApp.workspaces_dir": layout.processed(".lab") / "workspaces",
        **({"ServerApp.port": port, "ServerApp.port_retries": 0} if port else {}),
    }
    return [f"--{name}={value}" for name, value in given.items()]


def start_page(layout: Layout) -> str:
    """Say where JupyterLab opens, from the root: the list of briefings, else the notebooks."""
    index = layout.reports("index.html")
    return (index if index.is_file() else layout.notebooks).relative_to(layout.root).as_posix()


def _copy_logos(folder: Path) -> None:
    from ipykernel.kernelspec import RESOURCES

    for logo in Path(RESOURCES).glob("logo-*"):
        shutil.copyfile(logo, folder / logo.name)
