"""Monthly series on a page: what is drawn of which unit, and every number said as it is known."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from asked import changed
from boxes import boxes_of, outside, overlapping
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, parsed, table_rows, text_of
from drawn import in_contract, table

from commune_pilots.briefing import monthly
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import causal_sentences
from commune_pilots.effects.series import project_series, summarise

BEFORE = [12, 15, 9, 14, 11, 16, 10, 13, 15, 12, 11, 14]


def _panel(counts, *, unit="99001", first="2021-01", n=50):
    starts = pd.date_range(f"{first}-01", periods=len(counts), freq="MS")
    rows = pd.DataFrame(
        {
            "unit": unit,
            "period_start": starts,
            "period_end": starts + pd.offsets.MonthEnd(0),
            "numerator": counts,
        }
    )
    told = {"source": "sim", "indicator": "online_share", "file": "drawn", "row": 2}
    return in_contract(
        rows.assign(definition="online_level34_assisted", denominator=n, **told), "panel"
    )


def _findings(*panels, **tables):
    """Give the simulated run other counts by month, and what is projected from them."""
    findings = changed(findings_of("smoke"), **tables)
    if not panels:
        return findings
    panel = pd.concat(panels, ignore_index=True)
    series = project_series(panel, findings["pilots"], findings.names, alpha=0.05)
    return changed(findings, panel=panel, series=series)


def _opened(day, precision):
    pilots = findings_of("smoke")["pilots"]
    return pilots.assign(opened=pd.Timestamp(day), opened_precision=precision).astype(
        dict(pilots.dtypes)
    )


def _figure(findings, language="vi"):
    (figure,) = monthly.run_figures(findings, findings.writer(language))
    return figure


def _words(findings):
    return [box.text for box in boxes_of(_figure(findings).desk)]


def _table(findings, language="vi"):
    shown = monthly.series_table(findings, findings.writer(language))
    return BeautifulSoup(str(shown), "html.parser")


def _spaced(text):
    """Put plain spaces where a line may not be broken."""
    return " ".join(text.split())


@cache
def _short():
    return _findings(_panel([*BEFORE, 40, 41, 12]))


# The figure


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_run_without_counts_by_month_has_neither_figure_nor_table(run):
    findings = findings_of(run)
    write = findings.writer()
    assert findings["series"].empty
    assert monthly.run_figures(findings, write) == []
    assert monthly.series_table(findings, write) == ""


def test_the_page_of_the_simulated_run_shows_the_figure_among_its_results():
    figure = parsed("smoke").find(id="fig-run-1")
    assert figure.find_parent(id="results")
    (link,) = [a for a in figure.find_all("a") if a["href"] == "#t-series"]
    assert parsed("smoke").find(id=link["href"][1:]).find_parent(id="annex-data")


def test_the_title_counts_the_months_outside_as_the_table_has_them():
    findings = findings_of("smoke")
    told = summarise(findings["series"]).iloc[0]
    title = _spaced(_figure(findings).title)
    assert title.startswith(f"{told['unit_name']}: {told['above']}/{told['judged']} tháng")
    assert title.endswith(f"{told['below']} nằm dưới")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_of_the_figure_and_its_table_says_simulated(language):
    figure, label = (
        _figure(_short(), language),
        _short().writer(language).term("status", "simulated"),
    )
    for part in (figure.subtitle, figure.alt, figure.source):
        assert label in part
    assert label in text_of(_table(_short(), language).caption)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_said_of_a_series_claims_a_cause(language):
    figure = _figure(_short(), language)
    for part in (figure.title, figure.alt, text_of(BeautifulSoup(figure.subtitle, "html.parser"))):
        assert causal_sentences(part, language) == []


def test_the_subtitle_names_band_chance_and_the_assumption_it_rests_on():
    subtitle = _figure(_short()).subtitle
    assert "Dải 95%" in subtitle
    assert "khoảng 5% số tháng" in subtitle
    assert 'href="#as-A14"' in subtitle
    assert parsed("smoke").find(id="as-A14")


def test_the_alternative_text_has_the_last_month_beside_its_band_and_the_longest_run():
    findings = _short()
    last, write = findings["series"].iloc[-1], findings.writer()
    alt = _spaced(_figure(findings).alt)
    for name in ("share", "expected", "low", "high"):
        assert write.percent(last[name], decimals=0) in alt
    assert "12 tháng trước khi bắt đầu (1/2022) có trung vị 25%" in alt
    assert "2 trong 3 tháng nằm trên dải, 0 nằm dưới" in alt
    assert "dài nhất 2 tháng liền" in alt


def test_the_ends_of_the_lines_say_what_the_last_month_showed_and_was_expected_to():
    words = _words(_short())
    assert "thực tế 24%" in words
    expected = round(_short()["series"]["expected"].iloc[-1])
    assert f"dự kiến {expected}%" in words


def test_the_longest_series_is_drawn_and_counted_among_those_projected():
    findings = _findings(
        _panel([*BEFORE, 40]), _panel([*BEFORE, 40, 41, 12], unit="99002"),
        _panel([1] * 18, unit="99003"),
    )  # fmt: skip
    assert _figure(findings).title.startswith(findings.names["99002"])
    assert "dài nhất trong 2." in _figure(findings).subtitle


def test_series_that_cannot_be_projected_are_not_drawn():
    findings = _findings(_panel([*BEFORE[1:], 40, 41], first="2021-02"))
    assert monthly.run_figures(findings, findings.writer()) == []


@pytest.mark.parametrize(
    ("day", "precision", "said"),
    [
        ("2022-01-01", "day", "bắt đầu 1/2022"),
        ("2022-02-10", "month", "bắt đầu 2/2022"),
        ("2023-06-01", "year", "bắt đầu 2023"),
    ],
)
def test_the_start_is_named_no_finer_than_it_is_known(day, precision, said):
    findings = _findings(_panel(BEFORE * 4, first="2021-01"), pilots=_opened(day, precision))
    assert said in _words(findings)


def test_a_start_within_a_month_stands_within_it():
    middle, first = (
        _findings(_panel([*BEFORE, 40, 41, 12]), pilots=_opened(day, "day"))
        for day in ("2022-01-16", "2022-01-01")
    )
    places = [
        monthly._start(found, summarise(found["series"]).iloc[0], found.writer())[0]
        for found in (middle, first)
    ]
    assert places == pytest.approx([12 * 2022 + 15 / 31, 12 * 2022], rel=0, abs=1e-9)


def test_a_month_without_a_row_breaks_the_line():
    panel = _panel([*BEFORE, BEFORE[0], 40, 41, 12], first="2020-12")
    whole, holed = (
        _figure(_findings(rows)).desk
        for rows in (panel, panel.drop(index=4).reset_index(drop=True))
    )
    line = 'stroke:var(--main);stroke-width:2"'
    moves = [
        next(part for part in drawing.split("<path ") if line in part).count("M")
        for drawing in (whole, holed)
    ]
    assert moves == [1, 2]


def test_years_are_ticked_where_they_begin_and_a_short_series_at_its_ends():
    assert [word for word in _words(_short()) if word in ("2021", "2022")] == ["2021", "2022"]
    short = _findings(
        _panel([*BEFORE, 40, 41], first="2021-02"), pilots=_opened("2022-02-01", "day")
    )
    words = _words(short)
    assert {"2/2021", "3/2022"} <= set(words)


def test_a_long_series_has_at_most_six_years_ticked():
    findings = _findings(_panel(BEFORE * 10, first="2013-01"))
    years = [word for word in _words(findings) if word.isdigit()]
    assert 4 <= len(years) <= 6
    assert years[0] == "2013"


# Events


def _events(drawing):
    return table(drawing, of="events", source="sim", unit="99", name_en="x")


def test_measures_outside_the_pilot_that_may_move_the_share_are_marked_in_their_order():
    events = _events(
        """
        event  date_start  date_end    programme  name_vi  moves
        e1     2022-02-01  2022-02-28  -          later    payment_share;online_share
        e2     2021-03-05  -           -          early    online_share
        e3     2021-04-01  -           own        own      online_share
        e4     2021-05-01  -           -          other    payment_share
        e5     2020-12-31  -           -          before   online_share
        e6     2022-04-01  -           -          after    online_share
        e7     -           -           -          undated  online_share
        """
    )
    words = _words(changed(_short(), events=events))
    assert [word for word in words if ": " in word] == ["a: early, 5/3/2021", "b: later, 2/2022"]


def test_the_simulated_measure_is_marked_on_the_simulated_page():
    assert any("Giảm lệ phí" in word and "7/2020" in word for word in _words(findings_of("smoke")))


@pytest.mark.parametrize("run", ["smoke"])
def test_no_label_of_the_page_leaves_its_drawing_or_lies_on_another(run):
    for drawing in parsed(run).find(id="fig-run-1").find_all("svg"):
        assert outside(drawing) == []
        assert overlapping(drawing) == []


# The table


def test_half_years_next_to_the_start_make_a_row_each_where_they_fit():
    rows = table_rows(_table(_short()).find("table"))
    assert [row[1] for row in rows] == ["1/2021–6/2021", "7/2021–12/2021", "1/2022–3/2022"]
    assert [row[2] for row in rows] == ["77/300", "75/300", "93/150"]
    assert [row[3] for row in rows] == ["25,7%", "25,0%", "62,0%"]
    assert [row[5] for row in rows] == ["–", "–", "2 / 0"]


def test_what_is_left_over_before_the_start_stands_at_the_far_end():
    findings = _findings(_panel([10, 11, *BEFORE, 40], first="2020-11"))
    rows = table_rows(_table(findings).find("table"))
    assert [row[1] for row in rows][:2] == ["11/2020–12/2020", "1/2021–6/2021"]
    assert rows[-1][1] == "1/2022"


def test_what_was_expected_is_weighted_by_dossiers():
    findings = _short()
    after = findings["series"].query("phase == 'after'")
    weights = after["denominator"].astype(float)
    expected = (after["expected"] * weights).sum() / weights.sum()
    row = table_rows(_table(findings).find("table"))[-1]
    assert row[4] == findings.writer().percent(expected, decimals=1)


def test_several_series_fold_into_longer_parts_so_that_the_rows_stay_few():
    rows = table_rows(_table(findings_of("smoke")).find("table"))
    assert len(rows) == 8
    assert [row[1] for row in rows[:2]] == ["1/2020–12/2021", "1/2022–12/2022"]
    assert "dài trước); một dòng gộp đến 24 tháng" in text_of(_table(findings_of("smoke")).caption)


def test_more_series_than_rows_are_counted_in_the_caption():
    panels = [_panel([*BEFORE, 40], unit=f"990{at:02d}") for at in range(1, 7)]
    findings = findings_of("smoke")
    names = {f"990{at:02d}": f"Xã {at}" for at in range(1, 7)}
    pilots = findings["pilots"]
    every = pd.concat([pilots.assign(unit=unit).iloc[:1] for unit in names], ignore_index=True)
    series = project_series(pd.concat(panels, ignore_index=True), every, names, alpha=0.05)
    shown = _table(changed(findings, series=series))
    assert len(table_rows(shown.find("table"))) == 8
    assert "(4 trong 6 chuỗi" in text_of(shown.caption)


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        (_panel(BEFORE[1:], first="2021-02"), "quá ít tháng trước ngày bắt đầu"),
        (_panel([1] * 13), "quá ít hồ sơ trước ngày bắt đầu"),
        (_panel(BEFORE), "chưa có tháng sau để so"),
        (_panel(BEFORE, unit="VN"), "không rõ ngày bắt đầu"),
    ],
)
def test_a_series_that_is_not_projected_is_one_row_with_its_reason(panel, reason):
    (row,) = table_rows(_table(_findings(panel)).find("table"))
    assert row[4:] == [reason, "–"]


def test_months_that_nobody_counted_have_no_share_and_are_not_taken_as_none():
    empty = _panel([0] * 13, n=0)
    (row,) = table_rows(_table(_findings(empty)).find("table"))
    assert row[2:4] == ["0/0", "không có số liệu"]


def test_a_part_with_a_month_of_no_expectation_says_none():
    late = _findings(_panel([*BEFORE, *[40] * 13]))
    rows = table_rows(_table(late).find("table"))
    assert rows[-1][1] == "1/2023"
    assert rows[-1][4:] == ["–", "–"]
    assert rows[-2][4] != "–"
