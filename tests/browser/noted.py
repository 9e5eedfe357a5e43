"""Steps of an analyst in JupyterLab, for tests and pictures: open, run, fill in, save."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chromium import find_chromium
from desked import Lab
from playwright.sync_api import Locator, Page, sync_playwright

_WAIT = 90_000  # milliseconds; a kernel starts, a notebook runs
FORM = ".pilots-form"


@contextmanager
def opened(served: Lab, notebook: str, *, width: int = 1280, height: int = 1000) -> Iterator[Page]:
    """Open a notebook of a JupyterLab that serves, and wait for its kernel."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium())
        context = browser.new_context(
            locale="vi-VN", viewport={"width": width, "height": height}, device_scale_factor=1
        )
        page = context.new_page()
        page.set_default_timeout(_WAIT)
        page.goto(served.at(f"notebooks/{notebook}.ipynb"))
        page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
        _await_kernel(page, served)
        yield page
        browser.close()


def _await_kernel(page: Page, served: Lab) -> None:
    """Wait until the page is connected to a kernel that is idle; a cell run before asks for one."""
    sessions = f"{served.address}api/sessions?token={served.token}"
    for _ in range(_WAIT // 200):
        kernels = [session["kernel"] for session in page.request.get(sessions).json()]
        if any(one["connections"] and one["execution_state"] == "idle" for one in kernels):
            break
        page.wait_for_timeout(200)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()


def run_parameters(page: Page) -> Locator:
    """Run the parameters cell by hand; gives the form below it, once it has its fields."""
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell").first
    form = page.locator(FORM)
    assert page.locator("dialog").all_inner_texts() == [], "JupyterLab asks before anything is run"
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    form.locator(".pilots-field").first.wait_for()
    return form


def field(form: Locator, key: str) -> Locator:
    """Find the field of a key, with its label and what is said below it."""
    return form.locator(f".pilots-key-{key}")


def save_form(form: Locator) -> str:
    """Press the button; gives what the form says once the file is written."""
    form.locator("button.jupyter-button").click()
    told = form.locator("[role=status]", has_text="params/runs/").first
    told.wait_for()
    return told.inner_text()


def run_all(page: Page) -> None:
    """Run every cell by the menu, and wait until the last has run."""
    page.locator(".lm-MenuBar-item", has_text=re.compile(r"^(Run|Chạy)$")).click()
    page.locator("li.lm-Menu-item[data-command='runmenu:run-all']").click()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").first.wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()


def save_notebook(page: Page, path: Path) -> None:
    """Save by the keyboard, and wait until the file has the outputs."""
    before = path.read_bytes()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    for _ in range(300):
        if path.read_bytes() != before:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{path.name} was not saved")
