"""Pages of the documentation as text that can be asked: names, blocks, links, headings, tables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(
    r"^(?P<mark>```+|~~~+)[ \t]*(?P<kind>\S*)[^\n]*\n(?P<text>.*?)^(?P=mark)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_TICKS = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_BARE = re.compile(r"(?<![(<\w])https?://[^\s)>`|]+|<(https?://[^\s>]+)>")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")


@dataclass(frozen=True)
class Page:
    """One page: its text and where it stands."""

    path: Path
    text: str

    @property
    def shown(self) -> str:
        """Name the page from the project's root."""
        return self.path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Quoted:
    """One name in backticks, with what stands before it and all that stands around it."""

    text: str
    before: str
    around: str


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    kind: str
    text: str


def read(path: Path) -> Page:
    """Read one page."""
    return Page(path, path.read_text(encoding="utf-8"))


def pages() -> list[Page]:
    """Read every page of the project, in the order of their names; what runs make is none."""
    folders = ("docs", "params", "data/raw", "benchmarks", "tests", "src", "notebooks")
    below = [path for name in folders for path in (ROOT / name).rglob("*.md")]
    places = [*ROOT.glob("*.md"), *below]
    delivered = ROOT / "data" / "raw" / "deliveries"
    return [read(path) for path in sorted(places) if delivered not in path.parent.parents]


def fences(page: Page) -> list[Block]:
    """List the fenced blocks of a page."""
    return [Block(found["kind"], found["text"]) for found in _FENCE.finditer(page.text)]


def prose(page: Page) -> str:
    """Give the page without its fenced blocks."""
    return _FENCE.sub("", page.text)


def indented(page: Page) -> list[str]:
    """List lines that Markdown takes for a block because they are indented; points have none."""
    found = re.findall(r"(?<=\n\n)((?: {4}|\t)[^\n]*)", prose(page))
    return [line.strip() for line in found]


def quoted(page: Page) -> list[Quoted]:
    """List what a page names in backticks, outside blocks; around is the paragraph or table row."""
    found = []
    for part in _parts(prose(page)):
        for one in _TICKS.finditer(part):
            found.append(Quoted(one[1], part[: one.start()], part))
    return found


def _parts(text: str) -> list[str]:
    """Cut prose into paragraphs, points of lists and rows of tables."""
    parts = re.split(r"\n\s*\n|\n(?=\s*[-*] |\s*\d+\. |#)|(?<=\|)\n(?=\|)", text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def made(page: Page) -> set[str]:
    """Name the runs and folders that a page has the reader make."""
    return set(re.findall(r"(?:\bpilots new|\bpilots init|-m venv) ([a-z][\w-]+)", page.text))


def links(page: Page) -> list[str]:
    """List where a page's links lead, addresses without brackets included."""
    text = _TICKS.sub("", prose(page))
    bare = [found[1] or found[0] for found in _BARE.finditer(text)]
    return [*_LINK.findall(text), *bare]


def slugs(text: str) -> set[str]:
    """Name the anchors of a page as GitHub makes them; letters of every alphabet stay."""
    found: set[str] = set(_ANCHOR.findall(text))
    for _, heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        plain = re.sub(r"[`*]|(?<!\w)_|_(?!\w)", "", plain).strip().lower()
        slug = "".join(letter for letter in plain if _stays(letter)).replace(" ", "-")
        several, name = 0, slug
        while name in found:
            several += 1
            name = f"{slug}-{several}"
        found.add(name)
    return found


def _stays(letter: str) -> bool:
    return letter in " -_" or unicodedata.category(letter)[0] in "LM" or letter.isdecimal()


def rows(text: str, *header: str) -> list[list[str]]:
    """List the rows of the first table whose header begins with these names, backticks taken off.

    Raises AssertionError where no table does.
    """
    lines = text.splitlines()
    start = "| " + " | ".join(header) + " |"
    places = [place for place, line in enumerate(lines) if line.startswith(start)]
    assert places, f"no table begins with {start}"
    found = []
    for line in lines[places[0] + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        found.append([re.sub(r"^`([^`]+)`$", r"\1", cell) for cell in cells])
    return found


def section(text: str, heading: str) -> str:
    """Give what stands below one heading, up to the next of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    assert f"{heading}\n" in text, f"no heading {heading}"
    after = text.split(f"{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]
