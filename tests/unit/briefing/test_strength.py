"""How a contrast's strength is worded and tabled, for every answer the search can give."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_rows

from commune_pilots.briefing import strength
from commune_pilots.briefing.findings import Findings
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences

DECIDED, UNDECIDED, NONE_YET = ("long_an", 0), ("bac_kan", 1), ("long_an", 2)
TABLES = (
    strength.worst_table,
    strength.floors_table,
    strength.alternatives_table,
    strength.sizes_table,
    strength.ladder_table,
)


def _with(findings, **tables):
    return Findings(findings.run, {**findings.tables, **tables}, findings.indicators)


def _changed(run, **columns):
    """Give every contrast of a run other values in some columns."""
    findings = findings_of(run)
    contrasts = findings["contrasts"]
    typed = contrasts.assign(**columns).astype(dict(contrasts.dtypes))
    return _with(findings, contrasts=typed)


def _sentence(which, language="vi", **changed):
    run, at = which
    findings = findings_of(run)
    contrast = {**findings.contrasts[at], **changed}
    return strength.denominators_sentence(findings, contrast, findings.writer(language))


def _plain(written):
    return " ".join(written.striptags().split())


def _parsed(written):
    return BeautifulSoup(written, "html.parser")


def _rows(written):
    return table_rows(_parsed(written))


# Sentences


@pytest.mark.parametrize("which", [DECIDED, UNDECIDED, NONE_YET])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_sentence_gives_its_worst_pair_and_p_value(which, language):
    run, at = which
    contrast = findings_of(run).contrasts[at]
    said = _plain(_sentence(which, language))
    for side in ("before", "after"):
        assert f"{contrast[f'worst_k_{side}']}/{contrast[f'worst_n_{side}']}" in said
    assert re.search(r"p [=<] 0[,.]\d+", said)


@pytest.mark.parametrize("which", [DECIDED, UNDECIDED, NONE_YET])
def test_every_count_of_a_sentence_leads_to_its_contrast(which):
    run, at = which
    links = _parsed(_sentence(which)).find_all("a", class_="n")
    assert {link["href"] for link in links} == {f"#{findings_of(run).contrasts[at]['contrast']}"}
    assert len(links) == (4 if which == DECIDED else 5)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("which", [DECIDED, UNDECIDED, NONE_YET])
def test_independence_is_the_condition_of_every_sentence_that_excludes_chance(which, language):
    said = _plain(_sentence(which, language))
    assert {"vi": "các hồ sơ độc lập", "en": "independent"}[language] in said


def test_the_period_before_is_named_with_its_year_where_one_is_printed():
    assert "kỳ trước (2021)" in _plain(_sentence(NONE_YET))
    findings = findings_of("bac_kan")
    named = strength.period_before(findings, findings.contrasts[0], findings.writer())
    assert named == "kỳ trước"


def test_a_search_that_stopped_at_its_limit_leaves_the_answer_open():
    said = _plain(_sentence(UNDECIDED, denominators="open", worst_p=0.02, bound_p=0.3))
    assert said.startswith("Chưa kết luận được")
    assert "p = 0,020 – 0,30" in said


def test_where_no_floor_suffices_none_is_promised():
    said = _plain(_sentence(UNDECIDED, floor_needed=None))
    assert "mười triệu hồ sơ cũng chưa đủ" in said
    assert "103" not in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [("decided", "Khó có thể chỉ do ngẫu nhiên"), ("decisive", "Chưa phân biệt được")],
)
def test_printed_counts_leave_one_pair_and_no_worst_one(answer, words):
    said = _plain(_sentence(DECIDED, design="before_after_with_n", denominators=answer))
    assert said.startswith(words)
    assert "16/95" in said
    assert not re.search("bất lợi|mọi số hồ sơ", said)


def test_a_number_above_a_thousand_carries_its_mark():
    assert "1.234 hồ sơ" in _plain(_sentence(UNDECIDED, floor_needed=1234))
    assert "from 1,234 in both periods" in _plain(_sentence(UNDECIDED, "en", floor_needed=1234))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("changed", [
    {}, {"denominators": "open"}, {"floor_needed": None}, {"design": "before_after_with_n"},
    {"denominators": "decided"},
])  # fmt: skip
def test_no_sentence_claims_a_cause_or_ranks(language, changed):
    for which in (DECIDED, UNDECIDED, NONE_YET):
        said = _plain(_sentence(which, language, **changed))
        assert causal_sentences(said, language) == []
        assert mixing_sentences(said, language) == []


# Tables


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_table_is_worded_in_either_language_without_an_empty_cell(table, language):
    for run in ("long_an", "bac_kan"):
        findings = findings_of(run)
        rows = _rows(table(findings, findings.writer(language)))
        assert rows
        assert all(cell for row in rows for cell in row)
        mark = {"vi": r"\d\.\d{1,2}\b(?!\d)", "en": r"\d,\d{1,2}\b(?!\d)"}[language]
        assert not [cell for row in rows for cell in row if re.search(mark, cell)]


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_table_b1b_has_one_row_a_contrast(run):
    findings = findings_of(run)
    rows = _rows(strength.worst_table(findings, findings.writer()))
    assert [row[0].partition(":")[0] for row in rows] == [
        contrast["unit_name"] for contrast in findings.contrasts
    ]


@pytest.mark.parametrize(("alpha", "level"), [(0.05, "95%"), (0.01, "99%")])
def test_table_b1b_says_the_level_of_its_intervals(alpha, level):
    findings = findings_of("long_an")
    other = Findings(replace(findings.run, alpha=alpha), findings.tables, findings.indicators)
    heads = _parsed(strength.worst_table(other, other.writer())).thead.find_all("th")
    assert level in heads[3].text


def test_table_b1c_is_left_out_where_no_pair_is_undecided():
    decided = _changed("long_an", denominators="decided")
    assert strength.floors_table(decided, decided.writer()) == ""
    assert strength.floor_figures(decided, decided.writer()) == []


def test_table_b1c_holds_each_worst_pair_that_is_drawn_once_and_in_order():
    findings = findings_of("bac_kan")
    contrast = findings.contrasts[1]
    own = findings["floors"][findings["floors"]["contrast"] == contrast["contrast"]]
    rows = _rows(strength.floors_table(findings, findings.writer()))
    pairs = own[["k_before", "n_before", "k_after", "n_after"]].itertuples(index=False, name=None)
    drawn = [f"{k1}/{n1} → {k2}/{n2}" for k1, n1, k2, n2 in pairs]
    assert [row[2] for row in rows] == list(dict.fromkeys(drawn))
    steps = [int(row[1].partition(",")[0]) for row in rows]
    assert steps == sorted(set(steps) & set(own["floor"]))
    assert {1, contrast["floor_short"], contrast["floor_needed"]} <= set(steps)


def test_a_search_that_is_not_certified_says_so_in_its_row():
    findings = findings_of("bac_kan")
    capped = _with(findings, floors=findings["floors"].assign(certified=False))
    rows = _rows(strength.floors_table(capped, capped.writer()))
    assert {row[4] for row in rows} == {"tìm có giới hạn"}


@pytest.mark.parametrize("table", [strength.worst_table, strength.floors_table,
                                   strength.sizes_table])  # fmt: skip
def test_a_table_that_figures_link_to_carries_its_anchor(table):
    findings = findings_of("long_an")
    anchor = {"worst_table": "t-worst", "floors_table": "t-floors", "sizes_table": "t-sizes"}
    assert _parsed(table(findings, findings.writer())).find(id=anchor[table.__name__]).table


def test_table_b3b_lists_every_size_of_every_contrast_once():
    """A range is one row of two ends: as many settings as are not the far end of another."""
    findings = findings_of("long_an")
    rows = _rows(strength.sizes_table(findings, findings.writer()))
    assert len({row[0] for row in rows}) == len(rows)
    sizes = findings["sensitivities"]
    kinds = {(rival, setting.replace("most", "least"))
             for rival, setting in zip(sizes["rival"], sizes["setting"], strict=True)}  # fmt: skip
    assert len(rows) == len(kinds)


def test_table_b3b_writes_a_far_end_alone_where_there_is_no_near_one():
    findings = findings_of("long_an")
    sizes = findings["sensitivities"]
    alone = sizes[sizes["setting"] != "points_least"]
    rows = _rows(strength.sizes_table(_with(findings, sensitivities=alone), findings.writer()))
    assert any(row[1:] == ["81,3", "67,4", "53,5"] for row in rows)


def test_a_size_that_is_not_finite_is_said_to_be_undefined():
    findings = findings_of("long_an")
    blank = _with(findings, sensitivities=findings["sensitivities"].assign(value=float("nan")))
    rows = _rows(strength.sizes_table(blank, blank.writer()))
    assert {cell for row in rows for cell in row[1:]} == {"không xác định"}


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_the_ladder_counts_each_contrast_once(run):
    findings = findings_of(run)
    rows = _rows(strength.ladder_table(findings, findings.writer()))
    assert len(rows) == 7
    assert sum(int(row[5]) for row in rows) == len(findings.contrasts)


def test_the_ladder_names_an_assumption_for_every_design():
    findings = findings_of("cao_bang")
    for language in ("vi", "en"):
        rows = _rows(strength.ladder_table(findings, findings.writer(language)))
        assert len({row[0] for row in rows}) == 7
        assert all(len(row[2]) > 15 for row in rows)


# Figures


def test_a_floor_figure_names_unit_floor_and_table():
    findings = findings_of("bac_kan")
    (figure,) = strength.floor_figures(findings, findings.writer())
    assert figure.key == f"fig-floor-{findings.contrasts[1]['contrast']}"
    assert "Xã Quang Thuận" in figure.title
    assert "103 hồ sơ" in figure.title
    assert 'href="#t-floors"' in figure.source
    assert figure.phone


def test_where_no_floor_suffices_the_figure_promises_none():
    never = _changed("bac_kan", floor_needed=None)
    for language in ("vi", "en"):
        for figure in strength.floor_figures(never, never.writer(language)):
            said = f"{figure.title} {figure.alt}"
            assert not re.search("không có số liệu|no figure", said), said
            assert "103" not in said


@pytest.mark.parametrize("run", ["long_an", "bac_kan"])
def test_every_change_that_is_a_number_has_one_tipping_figure_alike_on_every_screen(run):
    findings = findings_of(run)
    figures = strength.tipping_figures(findings, findings.writer())
    assert [figure.key for figure in figures] == [
        f"fig-tip-{contrast['contrast']}"
        for contrast in findings.contrasts
        if contrast["change_bound"] == "exact"
    ]
    assert all(figure.phone is None for figure in figures)
    assert all('class="small"' in figure._repr_html_() for figure in figures)


@pytest.mark.parametrize("bound", ["at_most", "at_least", "open"])
def test_a_change_that_is_only_a_bound_is_not_drawn_as_if_it_were_a_number(bound):
    bounded = _changed("bac_kan", change_bound=bound)
    assert strength.tipping_figures(bounded, bounded.writer()) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_tipping_figure_draws_a_fall_too_and_speaks_of_the_trend_alone(language):
    findings = findings_of("bac_kan")
    fell = findings["contrasts"].assign(change=-findings["contrasts"]["change"])
    falling = _with(findings, contrasts=fell)
    for figure in strength.tipping_figures(falling, falling.writer(language)):
        assert "\u2212" in figure.title
        assert not re.search(r"con số sau|later figure", figure.alt)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_words_of_a_figure_hold_no_markup(language):
    for run in ("long_an", "bac_kan"):
        findings = findings_of(run)
        write = findings.writer(language)
        for figure in (
            *strength.floor_figures(findings, write),
            *strength.tipping_figures(findings, write),
        ):
            words = f"{figure.title} {figure.subtitle} {figure.alt}"
            assert not re.search(r"<(?! 0[,.])|>|&\w+;", words), words
            assert not re.search(r"\bp <\s*$", words)
