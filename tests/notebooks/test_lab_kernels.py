"""Kernels of JupyterLab, cold and warm: run, follow edits, interrupt, restart, leave nothing."""

from __future__ import annotations

import asyncio
import json
import time
import uuid

import psutil
import pytest
from desked import desk_project, lab
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

pytestmark = pytest.mark.slow
_PATIENCE = 60
EXTENSIONS = {"IPython.extensions.autoreload", "commune_pilots.desk.session",
              "commune_pilots.desk.form"}  # fmt: skip


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    return desk_project(tmp_path_factory.mktemp("kernels") / "project")


async def _call(served, place, method="POST", **body):
    request = HTTPRequest(
        f"{served.address}api/{place}",
        method=method,
        headers={"Authorization": f"token {served.token}"},
        body=json.dumps(body) if method == "POST" else None,
        request_timeout=_PATIENCE,
    )
    answer = await AsyncHTTPClient().fetch(request)
    return json.loads(answer.body) if answer.body else None


async def _connect(served, kernel):
    address = served.address.replace("http", "ws", 1)
    return await websocket_connect(
        f"{address}api/kernels/{kernel}/channels?session_id=x&token={served.token}"
    )


async def _send(channel, code):
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "username": "", "session": asked,
              "version": "5.3", "date": ""}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}  # fmt: skip
    await channel.write_message(
        json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content,
                    "channel": "shell", "buffers": []})
    )  # fmt: skip
    return asked


async def _answer(channel, asked):
    said = ""
    while True:
        told = json.loads(await asyncio.wait_for(channel.read_message(), _PATIENCE))
        if told["parent_header"].get("msg_id") != asked:
            continue
        content = told["content"]
        if told["msg_type"] == "execute_result":
            said += content["data"]["text/plain"]
        elif told["msg_type"] == "error":
            said += content["ename"]
        elif told["msg_type"] == "status" and content["execution_state"] == "idle":
            return said


async def _run(channel, code):
    return await _answer(channel, await _send(channel, code))


async def _a_day(served, layout):
    """Do with one kernel what an analyst does in a day; gives what was seen of it."""
    kernel = (await _call(served, "kernels", name="python3", path="notebooks"))["id"]
    channel = await _connect(served, kernel)
    seen = {"pid": int(await _run(channel, "import os; os.getpid()"))}
    seen["line"] = psutil.Process(seen["pid"]).cmdline()
    loaded = await _run(channel, "'|'.join(get_ipython().extension_manager.loaded)")
    seen["loaded"] = set(loaded.strip("'").split("|"))
    module = layout.notebooks / "edited_module.py"
    module.write_text("def rate(): return 1\n", encoding="utf-8")
    seen["before"] = await _run(channel, "from edited_module import rate; rate()")
    await asyncio.sleep(1.1)  # a file system may keep whole seconds
    module.write_text("def rate(): return 22\n", encoding="utf-8")
    seen["after"] = await _run(channel, "rate()")
    module.unlink()
    asked = await _send(channel, "import time\nwhile True: time.sleep(0.1)")
    await asyncio.sleep(1)
    await _call(served, f"kernels/{kernel}/interrupt")
    seen["interrupted"] = await _answer(channel, asked)
    channel.close()
    await _call(served, f"kernels/{kernel}/restart")
    channel = await _connect(served, kernel)
    code = "import os, subprocess; c = subprocess.Popen(['sleep', '1000']); [os.getpid(), c.pid]"
    seen["restarted"] = json.loads(await _run(channel, code))
    seen["known"] = await _run(channel, "rate")
    channel.close()
    await asyncio.sleep(0.5)  # for the server to close its side
    return seen


@pytest.mark.parametrize("way", ["cold", "warm"])
def test_a_kernel_works_all_day_and_nothing_of_it_is_left_in_the_evening(layout, way, tmp_path):
    arguments = ["--warm"] if way == "warm" else []
    with lab(layout, *arguments, PILOTS_RUNTIME_DIR=str(tmp_path / "t")) as served:
        seen = asyncio.run(_a_day(served, layout))
        assert not psutil.pid_exists(seen["pid"])  # the one before the restart
    assert ("commune_pilots.runs.template" in seen["line"]) == (way == "warm")
    assert seen["loaded"] >= EXTENSIONS
    assert (seen["before"], seen["after"]) == ("1", "22")
    assert seen["interrupted"] == "KeyboardInterrupt"
    assert seen["known"] == "NameError"
    assert _gone(seen["restarted"])


def _gone(pids):
    for _ in range(100):
        if not any(map(psutil.pid_exists, pids)):
            return True
        time.sleep(0.1)
    return False
