"""What JupyterLab asks of the project: the launcher's entries, the run at hand, a new notebook.

A server extension of Jupyter Server, for the sessions that `pilots lab` starts.
"""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import url_path_join
from tornado import web

from commune_pilots import store
from commune_pilots.desk.at_hand import take_up
from commune_pilots.desk.drafts import new_draft
from commune_pilots.desk.git_drivers import settle
from commune_pilots.desk.lab_entries import lab_language, offered, typed
from commune_pilots.errors import PilotsError
from commune_pilots.params import check_name

_PLACE = "commune-pilots"


class _Handler(APIHandler):
    """An answer in JSON; what the project refuses is one sentence in the session's language."""

    @property
    def layout(self) -> store.Layout:
        """The project that is served."""
        return store.find_root(Path(self.settings["server_root_dir"]))

    def refuse(self, error: PilotsError) -> None:
        """Answer with the sentence of an error."""
        self.set_status(400)
        self.finish(json.dumps({"message": error.sentence(lab_language())}))


class DeskHandler(_Handler):
    """What the launcher offers just now."""

    @web.authenticated
    def get(self) -> None:
        """Answer with words, commands, runs and the list of briefings."""
        self.finish(json.dumps(offered(self.layout, lab_language())))


class RunAtHandHandler(_Handler):
    """The run that is worked on."""

    @web.authenticated
    def post(self) -> None:
        """Take up the run that was chosen; answer with the command that runs it."""
        run = str((self.get_json_body() or {}).get("run", ""))
        try:
            take_up(self.layout, run)
        except PilotsError as error:
            self.refuse(error)
            return
        self.finish(json.dumps({"command": typed(self.layout, "run", run)}))


class NewStudyHandler(_Handler):
    """The study that does not exist yet."""

    @web.authenticated
    def post(self) -> None:
        """Answer with the command that starts a study of this name."""
        run = str((self.get_json_body() or {}).get("run", ""))
        try:
            check_name(run)
        except PilotsError as error:
            self.refuse(error)
            return
        self.finish(json.dumps({"command": typed(self.layout, "new", run)}))


class NotebookHandler(_Handler):
    """New notebooks."""

    @web.authenticated
    def post(self) -> None:
        """Make a notebook from the template; answer with its place."""
        try:
            made = new_draft(self.layout)
        except PilotsError as error:
            self.refuse(error)
            return
        self.finish(json.dumps({"path": made.relative_to(self.layout.root).as_posix()}))


def settle_saved(os_path: str, model: dict[str, Any], **_: Any) -> None:
    """Let git know, in a thread of its own, that a saved notebook is none that changed."""
    if model["type"] == "notebook":
        threading.Thread(target=settle, args=(Path(os_path),), daemon=True).start()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    place = url_path_join(server.web_app.settings["base_url"], _PLACE)
    handlers = {
        "desk": DeskHandler,
        "run-at-hand": RunAtHandHandler,
        "new-study": NewStudyHandler,
        "notebook": NotebookHandler,
    }
    for name, handler in handlers.items():
        server.web_app.add_handlers(".*$", [(url_path_join(place, name), handler)])
    if shutil.which("git") and isinstance(server.contents_manager, FileContentsManager):
        server.contents_manager.register_post_save_hook(settle_saved)
