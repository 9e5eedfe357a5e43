"""What a page of the documentation names, each name with its kind and what is wrong with it.

Every name in backticks, every line of a block of commands, every other block and every link is
given one kind and held against what there is. What is of no other kind must at least be a word, or
stand word for word, in the sources; nothing is passed over.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import there
from commanded import TOOLS, option, shell
from paged import ROOT, Block, Page, Quoted, fences, links, made, prose, quoted, slugs

from commune_pilots import errors, schemas, strict_yaml
from commune_pilots.errors import PilotsError

Check = Callable[[Quoted, Page], str]
EXAMPLES = {
    "docs/install.md": {
        "papermill in.ipynb out.ipynb --engine commune-pilots",
        "jupyter nbconvert --to commune-pilots notebook.ipynb",
    },
    "docs/dossier-logs.md": {"h80 - 0001", "H80-0001", "local[2]"},
    "tests/reference/oracle/README.md": {"_mn", "last_blocked = floor_found - 1"},
}
"""Names that are invented, or parts of names, and are meant to be found nowhere."""
EXECUTED = {f"docs/tutorial{kind}.md": "tests/docs/test_tutorial.py" for kind in ("", ".en")}
"""Pages whose answers of the machine are held by a test that runs them."""
MADE = (
    "reports/", "data/processed/", "data/raw/deliveries/", "data/raw/released/",
    "data/raw/studies/", "notebooks/drafts", ".venv",
)  # fmt: skip
"""Places that runs and analysts fill: what stands there is held against the words of the code."""
_TOP = r"(?:src|tests|docs|params|notebooks|data|reports|benchmarks|\.ci|\.venv)"
_FILE = (
    r"[\w.<>-]+\."
    r"(?:md|ya?ml|csv|lock|toml|cff|json|html|ipynb|py|parquet|xlsx|txt|R|pdf|docx|png|typed)"
)
SHELLS = ("sh", "bash", "console", "powershell")
_HOLE = re.compile(r"<[^<>]+>|\*|\{[^{}]+\}|\.\.\.")


@dataclass(frozen=True)
class Name:
    """One name on a page: its kind, its text and what is wrong with it ("" where it exists)."""

    kind: str
    text: str
    wrong: str


def names(page: Page) -> list[Name]:
    """List everything a page names."""
    return [
        *(_in_backticks(one, page) for one in quoted(page)),
        *(found for block in fences(page) for found in _of_block(block, page)),
        *(Name("link", link, _link(link, page)) for link in links(page)),
        *_numbers(prose(page)),
    ]


def _in_backticks(one: Quoted, page: Page) -> Name:
    text = " ".join(one.text.split())
    if text in EXAMPLES.get(page.shown, ()):
        return Name("example", text, "")
    kind, check = _kind(one, text)
    return Name(kind, text, check(Quoted(text, one.before, one.around), page))


def _kind(one: Quoted, text: str) -> tuple[str, Check]:
    """Tell the kind of a name by the word before it, else by its shape."""
    for kind, check in _SAID.items():
        if re.search(rf"\b{kind}s?(?: called)? (?:`[^`]+`(?:,| and| or| to)? )*$", one.before):
            return kind, check
    return next(((kind, check) for kind, shape, check in _SHAPES if re.fullmatch(shape, text)),
                ("words", _words))  # fmt: skip


def _shell(one: Quoted, page: Page) -> str:
    return shell(one.text, page, whole=False)


def _variable(one: Quoted, _: Page) -> str:
    name, _sign, value = one.text.partition("=")
    if not there.variable(name):
        return f"nothing reads {name}"
    return "" if not value or value in there.words() else f"{value} is nowhere in the sources"


def _path(one: Quoted, page: Page) -> str:
    """Hold a path against the files; a placeholder must stand for something."""
    name, _, anchor = one.text.removeprefix("./").partition("#")
    name, _, test = name.partition("::")
    if anchor and anchor not in there.sources():
        return f"no anchor {anchor}"
    if test and f"def {test}(" not in (ROOT / name).read_text(encoding="utf-8"):
        return f"no test {test} in {name}"
    pattern = _HOLE.sub("*", name)
    for run in made(page):  # what the reader is about to have
        pattern = re.sub(rf"(?<=/){run}(?=[/.]|$)", "*", pattern)
    bases = [page.path.parent, ROOT, there.PACKAGE, *(ROOT / part for part in (
        "data/raw/press", "notebooks", "docs/decisions", "benchmarks", "params"))]  # fmt: skip
    if any(
        any(base.glob(pattern)) if "*" in pattern else (base / pattern).exists() for base in bases
    ):
        return ""
    near = f"{page.path.parent.relative_to(ROOT).as_posix()}/{name}"
    made_by_runs = name.startswith(MADE) or near.startswith(MADE) or "/" not in name
    parts = [part for part in re.split(r"[/*]|\.(?=[a-z]+$)", pattern) if part.strip(".-")]
    known = all(part.strip("-") in there.sources() for part in parts)
    return "" if made_by_runs and known else f"there is no {name}"


def _notebook(one: Quoted, _: Page) -> str:
    return "" if one.text in there.notebooks() else f"there is no notebook {one.text}"


def _dotted(one: Quoted, page: Page) -> str:
    """Hold a dotted name against the package, the tables and the libraries."""
    text = one.text.removesuffix("()")
    first, _, rest = text.partition(".")
    if first in schemas.TABLES and rest in schemas.columns(first):
        return ""
    if first == "commune_pilots" or first in there.rooms():
        full = text if first == "commune_pilots" else f"commune_pilots.{text}"
        return "" if there.resolves(full) else f"{text} does not resolve"
    if find_spec(first):
        return "" if there.resolves(text) else f"{text} does not resolve"
    return _word(one, page)


def _setting(one: Quoted, _: Page) -> str:
    """Hold `key: value` or `key=value` against the contracts of params."""
    key, _sign, value = (part.strip() for part in re.split(r"(:|=)", one.text, maxsplit=1))
    if key == "key":  # a word for any
        return ""
    if key not in there.known_keys():
        held = f'"{key}"' in there.sources() and value.strip("\"'") in there.words()
        return "" if held else f"there is no key {key}"
    fits = not value or _HOLE.search(value) or there.takes(key, value)
    return "" if fits else f"{key} does not take {value}"


def _extra(one: Quoted, _: Page) -> str:
    wrong = set(re.findall(r"\w+", one.text.partition("[")[2])) - there.extras()
    return f"no extra {', '.join(sorted(wrong))}" if wrong else ""


def _word(one: Quoted, page: Page) -> str:
    """Hold one word, or a pattern of words, against the sources and the files beside the page."""
    word = one.text.removesuffix("()").strip('"').replace("...", "*")
    near = there.beside(page.path.parent)
    known = there.words() | made(page) | set(re.findall(r"[^\W\d][\w.-]*", near))
    fits = any(fnmatchcase(each, word) for each in known) if "*" in word else word in known
    return "" if fits else f"{word} is nowhere in the sources"


def _words(one: Quoted, page: Page) -> str:
    if re.split(r"[/\\]", one.text)[0] in made(page):
        return ""
    text = one.text.removesuffix("...")
    held = text in there.sources() or text in there.beside(page.path.parent)
    return "" if held else f"{one.text!r} stands nowhere in the sources"


def _figure(one: Quoted, _: Page) -> str:
    return "" if re.search(r"\d", one.text) else f"{one.text} is no figure"


def _anchor(one: Quoted, _: Page) -> str:
    return "" if f'"{one.text[1:]}' in there.sources() else f"no anchor begins with {one.text}"


def _sign(one: Quoted, _: Page) -> str:
    return "" if len(one.text) <= 2 else f"{one.text} is no sign"


def _in(known: Callable[[], Any]) -> Check:
    """Make the check of a kind that the word before a name tells."""

    def check(one: Quoted, page: Page) -> str:
        if re.fullmatch(r"[\w-]+", one.text):
            return "" if one.text in known() else f"there is no {one.text}"
        return _kind(Quoted(one.text, "", one.around), one.text)[1](one, page)

    return check


def _column(one: Quoted, page: Page) -> str:
    if not re.fullmatch(r"[\w-]+", one.text):
        return _word(one, page)
    heads = there.beside(page.path.parent)
    held = one.text in there.columns() or f'"{one.text}"' in there.sources()
    return "" if held or re.search(rf"\b{one.text}\b", heads) else f"no column {one.text}"


_SAID: dict[str, Check] = {
    "table": _in(lambda: set(schemas.TABLES)),
    "key": _in(there.known_keys),
    "column": _column,
    "extra": _in(there.extras),
    "marker": _in(there.markers),
    "run": _in(lambda: there.params_files("runs")),
    "batch": _in(lambda: there.params_files("batches")),
    "scenario": _in(lambda: there.params_files("scenarios")),
    "entry point": _in(there.entry_points),
}
_SHAPES: tuple[tuple[str, str, Check], ...] = (
    ("command", rf"(?:\S*/bin/)?pilots(?: .*)?|(?:{'|'.join(TOOLS)}|pip) .*|\S+\.py -.*", _shell),
    ("target", r"make [\w -]+", _shell),
    ("option", r"-{1,2}[a-z][\w-]*(?:[= ].*)?", option),
    ("variable", r"[A-Z][A-Z\d]*(?:_[A-Z\d*]+)+(?:=.*)?", _variable),
    ("extra", r"(?:commune-pilots)?\[[a-z]+\]", _extra),
    ("path", rf"{_TOP}/?|{_TOP}/\S*|\.?{_FILE}|\S+/{_FILE}", _path),
    ("notebook", r"\d\d_\w+", _notebook),
    ("module", r"[a-z_]\w*(?:\.\w+)+(?:\(\))?", _dotted),
    ("setting", r"[a-z]\w+(?:: |=).*", _setting),
    ("word", r"[^\W\d][\w*.-]*(?:\(\))?|\"[^\W\d][\w-]*\"", _word),
    ("anchor", r"#[a-z]+-", _anchor),
    ("figure", r"\"?\d[\d.,%/ -]*\"?", _figure),
    ("sign", r"[^\w\s`]{1,2}", _sign),
)
"""Kinds that the shape of a name tells; the first that fits."""


def _of_block(block: Block, page: Page) -> list[Name]:
    if block.kind in SHELLS:
        lines = [line for line in block.text.replace("\\\n", " ").splitlines() if line.strip()]
        return [Name("line", line, shell(line, page)) for line in lines]
    if block.kind == "text" and page.shown in EXECUTED:
        test = ROOT / EXECUTED[page.shown]
        return [Name("text block", block.text, "" if test.is_file() else f"there is no {test}")]
    check = {"yaml": _yaml, "python": _python, "mermaid": _mermaid}.get(block.kind)
    wrong = check(block.text) if check else f"a block of kind {block.kind!r}: nobody checks it"
    return [Name(f"{block.kind} block", block.text, wrong)]


def _yaml(text: str) -> str:
    """Read a block strictly; the keys of each entry must be those of one contract."""
    try:
        content = strict_yaml.parse(text, shown="block")
    except PilotsError as refused:
        return refused.sentence("en")
    for one in content if isinstance(content, list) else [content]:
        held = [contract.model_fields for contract in there.CONTRACTS]
        if not isinstance(one, dict) or not any(set(one) <= set(fields) for fields in held):
            return f"keys of no contract: {list(one)}"
    return ""


def _python(text: str) -> str:
    """Resolve what a block imports from the package, and hold its calls against signatures."""
    tree = ast.parse(text)
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("commune_pilots"):
            for alias in node.names:
                if not there.resolves(f"{node.module}.{alias.name}"):
                    return f"{node.module}.{alias.name} does not resolve"
                module = importlib.import_module(str(node.module))
                found[alias.asname or alias.name] = getattr(module, alias.name)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in found:
            takes = set(inspect.signature(found[name]).parameters)
            wrong = {word.arg for word in call.keywords if word.arg} - takes
            if wrong:
                return f"{name} takes no {', '.join(sorted(wrong))}"
    return ""


def _mermaid(text: str) -> str:
    """Hold the boxes of a picture against the rooms."""
    boxes = set(re.findall(r"\b[a-z_]{3,}\b", text)) - {"flowchart", "subgraph", "end"}
    return f"no rooms: {', '.join(sorted(boxes - there.rooms()))}" if boxes - there.rooms() else ""


def _link(link: str, page: Page) -> str:
    """Hold a link against files and their headings; an address outside must be well-formed."""
    if re.match(r"\w+:", link):
        at = urlsplit(link)
        host = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", at.hostname or "")
        return "" if at.scheme in ("http", "https") and host else f"{link} is no address"
    name, _, anchor = link.partition("#")
    target: Path = (page.path.parent / name) if name else page.path
    if name and not target.exists():
        return f"{link} leads nowhere"
    if not anchor:
        return ""
    text = target.read_text(encoding="utf-8") if name else page.text
    return "" if anchor in slugs(text) else f"{link}: no such heading"


def _numbers(text: str) -> list[Name]:
    """Hold exit codes and numbers of notebooks that stand in prose."""
    codes = {str(kind.exit_code) for kind in errors.KINDS} | {"0"}
    there_are = {name[:2] for name in there.notebooks()}
    kinds = (("exit code", r"\bexit codes? (\d+)", codes),
             ("notebook number", r"\bnotebooks? (\d\d)\b", there_are))  # fmt: skip
    return [
        Name(kind, one, "" if one in known else f"there is no {kind} {one}")
        for kind, shape, known in kinds
        for one in re.findall(shape, text, re.IGNORECASE)
    ]
