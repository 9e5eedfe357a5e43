"""Executed notebooks to pages: one offline HTML file each, checked before it is handed out."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib import resources
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter

from commune_pilots import catalogue
from commune_pilots.briefing.assumed import titled_once
from commune_pilots.briefing.origins import link_tables
from commune_pilots.briefing.style import LEAST_ALT, page_style
from commune_pilots.briefing.svg import share_styles
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.briefing.wording import Writer
from commune_pilots.effects.evidence import refuse_overclaim
from commune_pilots.errors import ExportError
from commune_pilots.vocabulary import NO_COMMIT, Grade

_NOTEBOOK_LINK = re.compile(r'href="([\w-]+\.ipynb)"')
_SVG_TITLE = re.compile(r"<svg[^>]*>\s*<title[^>]*>(.*?)</title>", re.DOTALL)
_TAG = re.compile(
    r"""<!--.*?-->|<!.*?>|<(/?)([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>""", re.I | re.S
)
_LANG = re.compile(r"""\slang\s*=\s*["']?([\w-]+)""", re.I)
_UNREAD = ("", "style", "script", "code")
_INLINE = ("a", "span", "strong", "em", "b", "small", "tspan")
_VOID = ("br", "meta", "hr", "img", "link", "input")
# Of simulated data: a sheet taken out of a pile is told apart as well. The warning leaves room for
# the first figure on the first sheet.
_EVERY_SHEET = (
    '@page{{@top-right{{content:"{label}";font:700 8.5pt sans-serif}}}}'
    "@media print{{.warn{{padding:.1rem .4rem;margin:.1rem 0}}h3{{margin:.3rem 0}}}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a page comes from: command, code, parameters, inputs, software, notebooks, cells.

    `cells` are the addresses of the cells that computed the run's tables (briefing.origins),
    `changes` is annex G where the run names an earlier briefing. Of a `simulated` run every
    printed sheet says so.
    """

    run: str
    commit: str
    dirty: bool
    parameters: Mapping[str, object]
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    notebooks: Sequence[str]
    cells: Mapping[str, str]
    changes: Markup | None = None
    simulated: bool = False


def export_briefing(
    notebook: nbformat.NotebookNode, provenance: Provenance, *, grade: Grade
) -> str:
    """Turn the executed briefing notebook into one page and check it (text of the page).

    Raises ExportError for an error output, a table that no cell computed, a request, a script, a
    missing alternative text or any other broken rule, and ClaimError for a sentence stronger than
    the grade.
    """
    name = f"{provenance.run}/briefing.html"
    body = _convert(
        notebook,
        name="06_write_briefing.ipynb",
        show_source=False,
        title=headline(notebook) or provenance.run,
        provenance=provenance_annex(provenance) + (provenance.changes or Markup()),
        simulated=provenance.simulated,
    )
    body = link_tables(body, provenance.cells, name=name)
    check_page(body, page=name, grade=grade)
    return body


def export_notebook(
    notebook: nbformat.NotebookNode,
    *,
    name: str,
    pages: Mapping[str, str],
    simulated: bool = False,
) -> str:
    """Turn an executed notebook into a page for analysts: prose, code and outputs, same style.

    `pages` names the page made of each notebook, so that a link to a notebook leads to its page.
    The page of a `simulated` run says so before anything else, in both languages.
    """
    page = _convert(
        notebook,
        name=name,
        show_source=True,
        title=name,
        provenance=Markup(""),
        simulated=simulated,
        warning=Markup("").join(
            Markup('<p class="warn" lang="{}"><strong>{}.</strong> {}</p>').format(
                language,
                catalogue.text("label.status.simulated", language),
                catalogue.text("briefing.simulated_note", language),
            )
            for language in catalogue.LANGUAGES
            if simulated
        ),
    )
    return _NOTEBOOK_LINK.sub(lambda link: f'href="{pages.get(link[1], link[1])}"', page)


def provenance_annex(provenance: Provenance) -> Markup:
    """Annex C: command, code version, parameters, inputs, software and notebooks."""
    write = Writer("vi", "none", simulated=provenance.simulated)
    say = write.say
    commit = provenance.commit
    if commit == NO_COMMIT:
        commit = str(say("provenance.no_commit"))
    elif provenance.dirty:
        commit = str(say("provenance.dirty", commit=commit))
    links = Markup(", ").join(
        Markup('<a href="{}.html">{}</a>').format(name, name) for name in provenance.notebooks
    )
    parameters = "; ".join(f"{key}={value}" for key, value in provenance.parameters.items())
    inputs = Markup("<br>").join(
        Markup('{} <span class="hash">{}</span>').format(file, digest[:16])
        for file, digest in provenance.inputs.items()
    )
    software = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    rows = [
        Row(cells=[say("provenance.command"), f"pilots run {provenance.run}"]),
        Row(
            cells=[say("provenance.commit"), Markup('<span class="hash">{}</span>').format(commit)]
        ),
        Row(cells=[say("provenance.parameters"), parameters]),
        Row(cells=[say("provenance.inputs"), inputs]),
        Row(cells=[say("provenance.versions"), software]),
        Row(cells=[say("provenance.notebooks"), links]),
    ]
    header = [str(say("column.item")), str(say("column.content"))]
    table = html_table(write.caption("caption.provenance"), header, rows)
    return Markup('<section class="annex" id="annex-provenance"><h2>{}</h2>{}</section>').format(
        say("heading.annex_provenance"), table
    )


def check_page(page_text: str, *, page: str, grade: Grade) -> None:
    """Hold a page against the rules a machine can see; raises ExportError or ClaimError."""

    def refuse(rule: str, found: object) -> None:
        raise ExportError("export_rule", page=page, rule=rule, found=str(found)[:120])

    if re.search(r"<script|javascript:|\son\w+=", page_text, re.IGNORECASE):
        refuse("no-script", "script")
    if found := re.search(r"""(?:src|href)=["'](?!#|[\w.-]+\.html["'#])[^"']*""", page_text):
        refuse("no-request", found[0])
    if found := re.search(r"url\((?!#)|@import", page_text):
        refuse("no-request", found[0])
    if page_text.count("<h1") != 1:
        refuse("one-h1", page_text.count("<h1"))
    if not unicodedata.is_normalized("NFC", page_text):
        refuse("nfc", "NFD")
    for alt in _SVG_TITLE.findall(page_text):
        if len(unescape(alt)) < LEAST_ALT or not re.search(r"\d", alt):
            refuse("alt-text", alt)
    if page_text.count("<svg") != len(_SVG_TITLE.findall(page_text)):
        refuse("alt-text", "svg")
    if found := re.search(r"<th[^>]*>\s*</th>", page_text):
        refuse("table-header", found[0])
    ids = re.findall(r'\bid="([^"]+)"', page_text)
    for twice in (name for name, count in Counter(ids).items() if count > 1):
        refuse("id-twice", twice)
    anchors = set(ids)
    for target in re.findall(r'href="#([^"]+)"', page_text):
        if target not in anchors:
            refuse("dead-link", target)
    texts = visible_text(page_text)
    if found := re.search(r"\d+(?:,\d+)?%\s*(?:điểm|points)", texts["vi"]):
        refuse("points-not-percent", found[0])
    for language in catalogue.LANGUAGES:
        refuse_overclaim(texts[language], grade, language)


def visible_text(page_text: str) -> dict[str, str]:
    """Take the text a reader sees, split by the language it is marked as; a line per block.

    Text of style, script and code is not read, and none that stands in no element.
    """
    parts: dict[str, list[str]] = {"vi": [], "en": []}
    opened = [("", "vi")]
    at = 0
    for tag in _TAG.finditer(page_text):
        name, language = opened[-1]
        if name not in _UNREAD:
            parts[language].append(unescape(page_text[at : tag.start()]))
        at = tag.end()
        end, name, given = tag.groups()
        name = (name or "").lower()
        if end:
            _close(name, opened, parts)
        elif name:
            marked = _LANG.search(given)
            if name not in _VOID and not given.endswith("/"):
                language = marked[1] if marked else language
                opened.append((name, language if language in parts else "vi"))
            if name not in _INLINE:
                parts[opened[-1][1]].append("\n")
    return {language: "".join(found) for language, found in parts.items()}


def _close(name: str, opened: list[tuple[str, str]], parts: dict[str, list[str]]) -> None:
    """Close an element and what is open within it; a stray end tag closes nothing."""
    if name not in [one for one, _ in opened]:
        return
    while True:
        closed, language = opened.pop()
        if closed not in _INLINE:
            parts[language].append("\n")
        if closed == name:
            return


def _convert(
    notebook: nbformat.NotebookNode, *, name: str, show_source: bool, **values: Any
) -> str:
    for cell in notebook.cells:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            raise ExportError("export_error_output", notebook=name)
    kept = copy.copy(notebook)
    if not show_source:
        kept.cells = [
            cell for cell in notebook.cells if "remove-cell" not in cell.metadata.get("tags", [])
        ]
    title, style = values["title"], page_style()
    if values["simulated"]:
        label = catalogue.text("label.status.simulated", "vi")
        title, style = f"{title} ({label})", style + _EVERY_SHEET.format(label=label)
    given = {
        "language": "vi" if not show_source else "en",
        "page_title": title,
        "style": style,
        "warning": values.get("warning", ""),
        "skip": catalogue.text("briefing.skip", "vi"),
        "provenance": values["provenance"],
        "show_source": show_source,
    }
    # It parses and writes the page anew: check_page relies on attributes in double quotes.
    page, _ = _exporter().from_notebook_node(kept, resources=given)
    page = titled_once(share_styles(unicodedata.normalize("NFC", str(page))))
    return re.sub(r"\n\s*\n+", "\n", page).strip() + "\n"


def headline(notebook: nbformat.NotebookNode) -> str:
    """Take the page's title from the headline its first block shows."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            shown = output.get("data", {}).get("text/html", "")
            if found := re.search(r"<h1>(.*?)</h1>", shown, re.DOTALL):
                return Markup(found[1]).striptags()
    return ""


@cache
def _exporter() -> HTMLExporter:
    """One exporter a process: making one costs more than a page."""
    with resources.as_file(resources.files("commune_pilots.briefing")) as folder:
        exporter = HTMLExporter(
            template_name="template",
            extra_template_basedirs=[str(folder)],
        )
        exporter.exclude_input_prompt = True
        exporter.exclude_output_prompt = True
        exporter.template  # noqa: B018  # loads the template while its folder exists
    return exporter
