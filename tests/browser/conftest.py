"""One Chromium for all pages, and each briefing open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from built import PRESS_RUNS, page_of
from chromium import Opened, find_chromium, open_file
from playwright.sync_api import Browser, sync_playwright

RUNS = (*PRESS_RUNS, "smoke")


# Of a module and not of the session: the driver's event loop must not outlive these tests,
# because tests that run notebooks in the same process start loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium)
        yield started
        started.close()


@pytest.fixture(scope="module", params=RUNS)
def opened(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    file = tmp_path_factory.mktemp(request.param) / "briefing.html"
    file.write_text(page_of(request.param), encoding="utf-8")
    with open_file(browser, file) as page:
        yield page


@pytest.fixture(scope="module")
def faulty(browser: Browser) -> Iterator[Opened]:
    """A page that breaks the gates: what is seen in it proves that the gates can close."""
    with open_file(browser, Path(__file__).with_name("faulty.html")) as page:
        yield page
