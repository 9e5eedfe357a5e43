"""A briefing on paper: PDF in the dress of decree 30/2020, tagged, the same bytes every time.

Chromium prints it where there is one, else WeasyPrint (extra `[pdf]`).
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import tempfile
from datetime import date
from importlib import resources
from pathlib import Path

from commune_pilots.briefing.letterhead import BAR, as_html, read_letterhead
from commune_pilots.briefing.pictures import lift
from commune_pilots.errors import ParameterError, WriteError

BROWSER_VARIABLE = "PILOTS_CHROMIUM"
_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)  # fmt: skip
_FLAGS = (
    "--headless=new", "--disable-gpu", "--disable-extensions", "--no-first-run",
    "--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf",
)  # fmt: skip
_SECONDS = 120
_AWAY = re.compile(r' href="[^#"][^"]*"')
_DATED = re.compile(rb"(/(?:CreationDate|ModDate) ?)\(D:[^)]*\)")


def to_pdf(page: str, *, when: date) -> bytes:
    """Print a briefing's page; `when` is the date its PDF tells, the briefing's own.

    The same page gives the same bytes from the same printer. Raises ParameterError where there is
    neither browser nor WeasyPrint, WriteError if the browser fails, ExportError for a page without
    the bar of a briefing.
    """
    dressed = dress(page)
    browser = find_browser()
    pdf = _by_browser(browser, dressed) if browser else _by_weasyprint(dressed)
    return _redated(pdf, when)


def dress(page: str) -> str:
    """Give a page the head and the style of an official paper, and no links that leave it."""
    head = as_html(read_letterhead(page))
    dressed = BAR.sub(lambda _: head, page, count=1)
    style = (resources.files("commune_pilots.briefing") / "paper.css").read_text(encoding="utf-8")
    # Pages beside the briefing do not travel with a PDF; their addresses would be this machine's.
    # A figure is a group here, so that what is tagged as a figure has its alternative text.
    dressed = _AWAY.sub("", dressed).replace("<figure", '<figure role="group"')
    return dressed.replace("</style>", f"{style}</style>", 1)


def find_browser() -> str | None:
    """Find a Chromium, or what PILOTS_CHROMIUM names; None where there is none.

    An empty PILOTS_CHROMIUM means that none is to be used. Raises ParameterError if it names a
    program that is not there.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named == "":
        return None
    names = _BROWSERS if named is None else (named,)
    found = next((path for name in names if (path := shutil.which(name))), None)
    if named and found is None:
        raise ParameterError("no_printer", reason=f"{BROWSER_VARIABLE}={named}")
    return found


def _by_browser(browser: str, page: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="pilots-paper-", ignore_cleanup_errors=True) as folder:
        source, printed = Path(folder) / "briefing.html", Path(folder) / "briefing.pdf"
        source.write_text(page, encoding="utf-8")
        # Its sandbox does not start for root; the page is ours, without script or request.
        rootless = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        own = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", source.as_uri()]
        try:
            done = subprocess.run(
                [browser, *_FLAGS, *rootless, *own],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise WriteError("print_failed", program=browser, reason=str(failed)) from failed
        if done.returncode or not printed.is_file():
            said = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
            raise WriteError("print_failed", program=browser, reason=said[:200])
        return printed.read_bytes()


def _by_weasyprint(page: str) -> bytes:
    """Print without a browser; drawings are handed over as pictures."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as absent:  # OSError: its libraries (Pango) are not there
        raise ParameterError("no_printer", reason=str(absent).splitlines()[0]) from absent
    marked, pictures = lift(page)
    for number, picture in enumerate(pictures):
        data = base64.b64encode(picture.svg.encode()).decode()
        marked = marked.replace(
            f'src="drawing-{number}.svg"', f'src="data:image/svg+xml;base64,{data}"'
        )
    # A file is a typeface of this machine: a checked page has no address of its own.
    fetcher = URLFetcher(allowed_protocols=["data", "file"], fail_on_errors=True)
    html = HTML(string=marked, url_fetcher=fetcher)
    return bytes(html.write_pdf(pdf_tags=True, pdf_identifier=b"briefing"))


def _redated(pdf: bytes, when: date) -> bytes:
    """Put the briefing's date where the printer put the moment; no byte moves, no offset breaks."""

    def told(found: re.Match[bytes]) -> bytes:
        room = len(found[0]) - len(found[1]) - len("(D:)")
        moment = f"{when:%Y%m%d}000000+00'00'".encode()[:room]
        return found[1] + b"(D:" + moment.ljust(room, b" ") + b")"

    return _DATED.sub(told, pdf)
