"""The machine's Chromium, and a page opened in it from a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file, the page that shows it, and what the page asked for."""

    file: Path
    page: Page
    asked: list[str]


def find_chromium() -> str:
    """Find the browser of the machine, or fail with what to do."""
    named = os.environ.get("PILOTS_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    if found is None:
        pytest.fail(
            f"No browser found ({named or ', '.join(NAMES)}); the gates of the briefing need "
            "Chromium 131 or later: install it with `apt-get install chromium fonts-dejavu-core` "
            "or name it in the variable PILOTS_CHROMIUM.",
            pytrace=False,
        )
    return found


@contextmanager
def open_file(browser: Browser, file: Path) -> Iterator[Opened]:
    """Show a file in a window of its own, with the network cut."""
    context = browser.new_context(locale="vi-VN")
    context.route(is_outside, lambda route: route.abort())
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield Opened(file=file, page=page, asked=asked)
    context.close()


def is_outside(address: str) -> bool:
    """Tell a request to the network from one to a file."""
    return not address.startswith("file:")
