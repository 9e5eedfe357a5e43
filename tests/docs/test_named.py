"""Every name on every page exists, and each kind of wrong name is seen."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from commanded import shell
from named import EXAMPLES, SHELLS, Name, names
from paged import ROOT, Page, fences, indented, pages, prose, slugs

PAGES = pages()
INVENTED = ROOT / "docs" / "invented.md"


@cache
def _names(page: Page) -> list[Name]:
    return names(page)


def _on(text: str) -> list[Name]:
    return names(Page(INVENTED, text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.shown)
def test_everything_a_page_names_exists(page):
    assert [(one.kind, one.text, one.wrong) for one in _names(page) if one.wrong] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.shown)
def test_nothing_a_page_names_is_passed_over(page):
    """Counted apart from the reader: backticks in pairs, lines of commands, blocks, links."""
    counts = Counter(one.kind for one in _names(page))
    apart = {kind: counts.pop(kind, 0) for kind in ("link", "line", "exit code", "notebook number")}
    blocks = fences(page)
    assert page.text.count("\n```") + page.text.startswith("```") == 2 * len(blocks)
    assert indented(page) == []
    ticks = prose(page).count("`")
    assert ticks % 2 == 0
    others = sum(counts.values()) - sum(block.kind not in SHELLS for block in blocks)
    assert others == ticks // 2
    lines = [line for block in blocks if block.kind in SHELLS for line in block.text.split("\n")]
    assert apart["line"] <= sum(bool(line.strip()) for line in lines)
    assert apart["link"] >= prose(page).count("](")


def test_every_page_is_read():
    shown = {page.shown for page in PAGES}
    assert {"README.md", "docs/methods.md", "params/README.md", "benchmarks/README.md"} <= shown
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= shown


def test_every_kind_of_name_stands_on_some_page():
    found = Counter(one.kind for page in PAGES for one in _names(page))
    assert {
        "command", "line", "target", "option", "variable", "extra", "path", "notebook", "module",
        "setting", "key", "table", "column", "run", "word", "link", "exit code", "notebook number",
        "marker", "entry point", "yaml block", "python block",
    } <= set(found)  # fmt: skip


WRONG = [
    ("line", "```sh\npilots init there\ncd there\n```", "```sh\npilots init there\ncd where\n```"),
    ("command", "`pilots check`", "`pilots chekc`"),
    ("command", "`pilots simulate dossiers --rows 5`", "`pilots simulate dosiers --rows 5`"),
    ("command", "`pilots diff RUN --against COMMIT`", "`pilots diff RUN --agains COMMIT`"),
    ("command", "`pilots run <run> --set alpha=0.1`", "`pilots run <run> --sett alpha=0.1`"),
    ("command", "`pilots run long_an --lang vi`", "`pilots run long_an --lag vi`"),
    ("command", "`pilots diff RUN [--against COMMIT]`", "`pilots diff RUN [--besides COMMIT]`"),
    ("command", "`pilots verify long_an`", "`pilots verify long_and`"),
    ("command", "`pytest notebooks`", "`pytest notebook`"),
    ("target", "`make check`", "`make chekc`"),
    ("option", "`pilots diff` with `--against`", "`pilots diff` with `--jobs`"),
    ("option", "| `pilots run` | `--force` |", "| `pilots run` | `--propose` |"),
    ("option", "`--scheduler`", "`--sheduler`"),
    ("variable", "`PILOTS_STAGING`", "`PILOTS_STAGE`"),
    ("variable", "`JUPYTER_DEFAULT_PROVISIONER_NAME`", "`JUPYTER_DEFAULT_PROVIDER_NAME`"),
    ("variable", "`PILOTS_ROOT=commune-pilots`", "`PILOTS_ROOT=commune-pilot`"),
    ("extra", "`commune-pilots[spark]`", "`commune-pilots[sparc]`"),
    ("extra", "the extra `units`", "the extra `unit`"),
    ("path", "`src/commune_pilots/cli.py`", "`src/commune_pilots/clii.py`"),
    ("path", "`params/runs/<run>.yml`", "`params/rnus/<run>.yml`"),
    ("path", "`reports/<run>/briefing.html`", "`reports/<run>/breifing.html`"),
    ("path", "`tests/unit/test_cli.py`", "`tests/unit/test_cly.py`"),
    ("path", "`observations.csv`", "`observatoins.csv`"),
    ("path", "`tests/test_kept.py`", "`tests/docs/test_named.py::test_of_nothing`"),
    ("path", "`tests/docs/test_named.py::test_every_page_is_read`", "`tests/tests_kept.py`"),
    ("notebook", "`03_estimate_effects`", "`03_estimate_effect`"),
    ("notebook number", "in notebook 03", "in notebook 13"),
    ("module", "`effects.rounding.printed_interval`", "`effects.rounding.print_interval`"),
    ("module", "`effects.estimand`", "`effects.estimate_of`"),
    ("module", "`commune_pilots.scenario.Scenario`", "`commune_pilots.scenarios.Scenario`"),
    ("setting", "`status: official`", "`status: officiel`"),
    ("setting", "`data: press`", "`dada: press`"),
    ("setting", "`least_share=40`", "`least_share=400000`"),
    ("key", "the key `since`", "the key `sinse`"),
    ("key", "keys `data` and `alpha`", "keys `data` and `alfa`"),
    ("table", "table `results`", "table `result`"),
    ("column", "column `quantity`", "column `quantities`"),
    ("run", "the runs `long_an` and `bac_kan`", "the runs `long_an` and `bac_can`"),
    ("batch", "batch `press`", "batch `pres`"),
    ("scenario", "scenario `no_costs`", "scenario `no_cost`"),
    ("marker", "the marker `slow`", "the marker `slowly`"),
    ("entry point", "entry points called `commune-pilots`", "entry points called `commune-pilot`"),
    ("word", "`printed_interval`", "`printt_interval`"),
    ("word", "`mo_phong_*`", "`mo_fong_*`"),
    ("words", "`data flows one way`", "`data flows two ways`"),
    ("exit code", "exit code 8", "exit code 12345"),
    ("link", "[a](methods.md)", "[a](metods.md)"),
    ("link", "[a](methods.md#m1-a-printed-percentage-is-an-interval)", "[a](methods.md#m1-a)"),
    ("link", "# Đọc thế nào\n\n[a](#đọc-thế-nào)", "# Đọc thế nào\n\n[a](#doc-the-nao)"),
    ("link", "<https://example.org/a?b=c>", "<https://example,org/a>"),
    ("link", "[a](https://example.org)", "[a](htps://example.org)"),
    ("line", "```sh\npilots plan long_an\n```", "```sh\npilots paln long_an\n```"),
    ("line", "```sh\npilots diff long_an\n```", "```sh\npilots diff --against x\n```"),
    ("line", "```sh\nmake briefings  # all\n```", "```sh\nmake briefing  # all\n```"),
    ("line", "```sh\npip install '.[pdf,word]'\n```", "```sh\npip install '.[pdf,wrd]'\n```"),
    (
        "line",
        "```sh\n.venv/bin/python benchmarks/dossiers.py --rows 5\n```",
        "```sh\n.venv/bin/python benchmarks/dossiers.py --row 5\n```",
    ),
    ("line", "```sh\npip install -r uv.lock\n```", "```sh\npip install -r vu.lock\n```"),
    ("line", "```sh\nconda env create -f environment.yml\n```", "```sh\nconda env -f a.yml\n```"),
    ("line", "```sh\ngit status\n```", "```sh\nrsync a b\n```"),
    ("yaml block", "```yaml\ndata: press\nseed: 1\n```", "```yaml\ndata: press\nsed: 1\n```"),
    ("yaml block", "```yaml\nprovince: '06'\n```", "```yaml\nprovince: 06\n```"),
    (
        "python block",
        "```python\nfrom commune_pilots.keys import near\n```",
        "```python\nfrom commune_pilots.keys import neer\n```",
    ),
    (
        "python block",
        '```python\nfrom commune_pilots.keys import near\n\nnear("a", [], key="near")\n```',
        '```python\nfrom commune_pilots.keys import near\n\nnear("a", [], keys="near")\n```',
    ),
    (
        "mermaid block",
        "```mermaid\nflowchart TD\n  runs --> briefing\n```",
        "```mermaid\nflowchart TD\n  runs --> brifing\n```",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "right", "wrong"), WRONG)
def test_a_wrong_name_of_each_kind_is_seen(kind, right, wrong):
    assert [(one.kind, one.wrong) for one in _on(right) if one.wrong] == []
    assert kind in {one.kind for one in _on(right)}
    assert [one.text for one in _on(wrong) if one.wrong] != []


def test_a_block_of_a_kind_that_nobody_checks_is_refused():
    (found,) = _on("```perl\nprint 1\n```\n")
    assert "nobody checks it" in found.wrong


def test_a_command_on_a_page_may_name_the_run_that_the_page_makes():
    lines = "```sh\npilots new ha_giang_2026{}\npilots run {}\n```\n"
    assert "ha_giang_2025" in _on(lines.format("", "ha_giang_2025"))[1].wrong


def test_what_a_command_needs_may_be_left_out_in_a_sentence_but_not_in_a_block():
    page = Page(INVENTED, "")
    assert shell("pilots release", page, whole=False) == ""
    assert "MissingParameter" in shell("pilots release --approver A", page)


@pytest.mark.parametrize(("shown", "texts"), EXAMPLES.items())
def test_every_invented_name_stands_on_its_page(shown, texts):
    (page,) = (page for page in PAGES if page.shown == shown)
    assert {text for text in texts if f"`{text}`" not in page.text} == set()


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("## M1. A printed percentage", "m1-a-printed-percentage"),
        ("# Chữ viết tắt: Đ, đ & ơ", "chữ-viết-tắt-đ-đ--ơ"),
        ("### (a) n = 1 .. 200,000", "a-n--1--200000"),
        ("## `pilots new` and [a link](x.md)", "pilots-new-and-a-link"),
        ("## snake_case stays, *stars* go", "snake_case-stays-stars-go"),
    ],
)
def test_headings_become_anchors_as_on_github(heading, slug):
    assert slugs(f"{heading}\n\ntext\n") == {slug}


def test_a_heading_twice_has_two_anchors_and_one_in_a_block_has_none():
    text = '# Results\n\n## Results\n\n```sh\n# no heading\n```\n<a id="here"></a>\n'
    assert slugs(text) == {"results", "results-1", "here"}
