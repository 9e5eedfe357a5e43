"""Command lines of the documentation, held against the parsers and scripts that would read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import there
from paged import ROOT, Page, Quoted, made
from typer.main import get_command

from commune_pilots.cli import app

TOOLS = {"apt-get", "conda", "dask", "git", "jupyter", "papermill", "pytest", "source", "xargs"}
"""Programs of others that a page may call."""
_FILE = re.compile(r"(?!\w+:)[\w./-]+\.(?:ya?ml|toml|lock|md|py|ipynb|csv|json|txt|cfg)")
_SHARED = re.compile(r"(?:^|(?<=\s))--(?:debug|lang(?:=|\s+)\S+)")


def command(line: str, page: Page, *, whole: bool) -> str:
    """Hold a line that begins with `pilots` against the parser of the command; "" if it passes.

    A line that is not whole may leave out what the command needs.
    """
    plain = re.sub(r"\s*\|\s*\w.*$|\s+>\s*\S+$", "", _plain(line))
    given = shlex.split(_SHARED.sub("", re.sub(r"[\[\]]", "", plain)))[1:]
    found: Any = get_command(app)
    while hasattr(found, "commands") and given and not given[0].startswith("-"):
        if given[0] not in found.commands:
            return f"there is no command {given[0]}"
        found, *given = found.commands[given[0]], *given[1:]
    if not given:
        return ""
    try:
        context = found.make_context("pilots", list(given))
    except Exception as refused:  # the parser's own errors, of whatever library it is
        lacks = type(refused).__name__ == "MissingParameter" or "requires an arg" in str(refused)
        return "" if lacks and not whole else f"{type(refused).__name__}: {refused}"
    return _named(context.params, page)


def _plain(line: str) -> str:
    """Put a word in the place of each placeholder."""
    line = re.sub(r"(?<=\s)#.*$", "", line)
    return re.sub(r"<[^<>]+>|\.\.\.|\b(?:RUN|COMMIT)\b", "HOLE", line)


def _named(given: dict[str, Any], page: Page) -> str:
    """Say which run, batch or delivery no file of params and no command of the page makes."""
    known = {name for kind in ("runs", "batches", "deliveries", "layouts", "scenarios")
             for name in there.params_files(kind)}  # fmt: skip
    known |= made(page)
    for key in ("run", "runs", "name", "names", "batch", "delivery"):
        value = given.get(key)
        for word in value if isinstance(value, list | tuple) else [value]:
            plain = isinstance(word, str) and re.fullmatch(r"[a-z]\w+", word)
            if plain and word not in known:
                return f"there is no {key} {word}"
    return ""


def option(one: Quoted, page: Page) -> str:
    """Hold an option that stands alone against the commands and scripts named around it."""
    name = re.split(r"[= ]", one.text)[0]
    lines = re.findall(r"`(?:\.venv/bin/)?pilots ([a-z ]+)", one.around)
    if lines:
        known = set().union(*(_options(line.split()) for line in lines), _options([]))
    else:
        known = set().union(*_every_option())
    scripts = re.findall(r"`([\w/]+\.py)\b", one.around) or re.findall(r"([\w/]+\.py)", page.text)
    others = {"papermill": {"--engine"}, "nbstripout": {"--keep-id"}}
    told = set().union(*(kept for tool, kept in others.items() if tool in one.around))
    held = name in known | told or any(_script_has(script, name, page) for script in scripts)
    return "" if held else f"no option {name} of {', '.join(lines) or 'any command'}"


def _script_has(script: str, name: str, page: Page) -> bool:
    places = [page.path.parent / script, ROOT / script]
    return any(f'"{name}"' in at.read_text(encoding="utf-8") for at in places if at.is_file())


def _options(path: list[str]) -> set[str]:
    """Name the options of one command; those of the last one that is there."""
    found: Any = get_command(app)
    for word in path:
        if word not in getattr(found, "commands", {}):
            break
        found = found.commands[word]
    return {name for one in found.params for name in (*one.opts, *one.secondary_opts)}


@cache
def _every_option() -> tuple[frozenset[str], ...]:
    def walk(path: list[str], found: Any) -> Iterator[frozenset[str]]:
        yield frozenset(_options(path))
        for name, below in getattr(found, "commands", {}).items():
            yield from walk([*path, name], below)

    return tuple(walk([], get_command(app)))


def shell(line: str, page: Page, *, whole: bool = True) -> str:
    """Hold one line of a shell against what it calls; "" if it passes."""
    text = re.sub(r"(^|\s)#.*$", "", line.strip().removeprefix("$ ")).strip()
    given = shlex.split(text)
    while given and re.fullmatch(r"[A-Z_]+=\S*", given[0]):
        given, text = given[1:], text.split(" ", 1)[1].strip()
    if not given:
        return ""
    first = given[0].rpartition("/bin/")[2]
    if first == "pilots":
        return command(text, page, whole=whole)
    if first == "make":
        return _unknown("target", set(given[1:]) - there.targets())
    if first.startswith("python"):
        return _script(given[1:], page)
    if first.endswith(".py"):
        return _script([first, *given[1:]], page)
    if first in ("cd", "Rscript"):
        places = [ROOT / given[1], page.path.parent / given[1]]
        there_is = given[1] in made(page) or any(at.exists() for at in places)
        return "" if there_is else f"there is no {given[1]}"
    if first in ("pip", "uv"):
        wanted = re.findall(r"\[([\w,]+)\]", text)
        extras = {one for each in wanted for one in each.split(",")}
        wrong = _unknown("extra", extras - there.extras())
        return wrong or _unknown("file", _absent(given, page))
    if first == "pytest":
        paths = [word for word in given[1:] if not word.startswith("-")]
        return _unknown("path", {name for name in paths if not (ROOT / name).exists()})
    if first in TOOLS:
        return _unknown("file", _absent(given, page))
    return f"a line that begins with {first}: nobody checks it"


def _absent(given: list[str], page: Page) -> set[str]:
    """Name the files that a line hands to another program and that are not in the project."""
    named = {word for word in given[1:] if _FILE.fullmatch(word)}
    places = (ROOT, page.path.parent)
    return {name for name in named if not any((at / name).exists() for at in places)}


def _script(given: list[str], page: Page) -> str:
    """Hold a call of a script, or of a module, against its file and the options in its text."""
    if given[:1] == ["-m"]:
        return "" if there.resolves(given[1]) else f"there is no module {given[1]}"
    places = [ROOT / given[0], page.path.parent / given[0]] if given else []
    text = next((at.read_text(encoding="utf-8") for at in places if at.is_file()), None)
    if text is None:
        return f"there is no script {' '.join(given[:1])}"
    options = {word for word in given[1:] if word.startswith("--")}
    return _unknown("option", {word for word in options if f'"{word}"' not in text})


def _unknown(kind: str, wrong: set[str]) -> str:
    return f"no {kind} {', '.join(sorted(wrong))}" if wrong else ""
