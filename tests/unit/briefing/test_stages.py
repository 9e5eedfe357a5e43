"""The stages on paper: which communes in which drawn order, what it costs, and the scenario."""

from __future__ import annotations

import re
from typing import get_args

import pandas as pd
import pytest
from asked import changed
from boxes import boxes_of, outside, overlapping, paper_of
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_rows, text_of

from commune_pilots import assumptions, catalogue
from commune_pilots.briefing import stages
from commune_pilots.briefing.svg import DESK, PHONE
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences
from commune_pilots.errors import ClaimError
from commune_pilots.vocabulary import Economic

STAGED = ("long_an", "smoke")
RUNS = [*PRESS_RUNS, "smoke"]
# Words that would put candidates in an order of merit.
MERIT = re.compile(r"xếp hạng|thứ hạng|hạng nhất|tốt nhất|kém nhất|cao nhất|điểm số|ưu tiên", re.I)


def _parsed(written):
    return BeautifulSoup(str(written), "html.parser")


def _with(run, table, **columns):
    """Give a run other values in some columns of one table."""
    findings = findings_of(run)
    frame = findings[table]
    return changed(findings, **{table: frame.assign(**columns).astype(dict(frame.dtypes))})


def _stages(findings, language="vi"):
    return _parsed(stages.stages_table(findings, findings.writer(language)))


def _line(findings, language="vi"):
    return text_of(_parsed(stages.support_line(findings, findings.writer(language))))


def _costs(findings, language="vi"):
    return _parsed(stages.economics_table(findings, findings.writer(language)))


def _fan(findings, language="vi"):
    (figure,) = stages.fan_figures(findings, findings.writer(language))
    return figure


def _empty(findings, table):
    return changed(findings, **{table: findings[table].iloc[:0]})


# Of whom the pilots speak


@pytest.mark.parametrize("run", STAGED)
def test_the_line_counts_candidates_inside_outside_and_unknown(run):
    projected = findings_of(run)["projections"]
    support = projected.loc[projected["former_pilots"].isna(), "support"].value_counts()
    line = _line(findings_of(run))
    assert f"{len(projected)} xã, phường" in line
    assert f"{projected['former_pilots'].notna().sum()} trong đó chứa xã thí điểm cũ" in line
    for kind, words in (
        ("inside", "nằm trong phạm vi"), ("outside", "nằm ngoài"), ("unknown", "không so được"),
    ):  # fmt: skip
        assert f"{support.get(kind, 0)} xã {words}" in line


def test_the_communes_of_long_an_are_counted_once_each():
    numbers = [
        int(number) for number in re.findall(r"(\d+) (?:xã|trong)", _line(findings_of("long_an")))
    ]
    total, holding, *kinds = numbers
    assert (total, holding) == (60, 3)
    assert holding + sum(kinds) == total


def test_what_could_not_be_compared_is_named():
    line = _line(findings_of("long_an"))
    assert "Theo diện tích, loại (xã, phường)" in line
    for name in ("dân số", "số hồ sơ", "tỷ lệ có Internet", "tỷ lệ trực tuyến ban đầu"):
        assert name in line.partition("Chưa có số liệu")[2]
    assert "mới là điều kiện cần" in line


def test_where_everything_was_compared_nothing_is_said_to_be_missing():
    assert "Chưa có số liệu" not in _line(findings_of("smoke"))


def test_without_any_covariate_no_commune_is_said_to_be_inside():
    blind = _with("long_an", "projections", compared=None, outside_on=None, support="unknown")
    line = _line(blind)
    assert "Không có đặc điểm nào để so" in line
    assert "57 xã không so được, 0 trong và 0 ngoài phạm vi" in line


@pytest.mark.parametrize("language", ["vi", "en"])
def test_without_a_register_the_line_says_so_without_a_number(language):
    line = _line(_empty(findings_of("long_an"), "projections"), language)
    assert line == catalogue.entries()["briefing.rollout.no_register"][language]
    assert not re.search(r"\d", line)


# The stages


@pytest.mark.parametrize("run", STAGED)
def test_each_stage_lists_the_communes_drawn_for_it_and_no_other(run):
    findings = findings_of(run)
    projected = findings["projections"]
    rows = table_rows(_stages(findings).table)
    assert [int(row[0]) for row in rows] == findings["stages"]["stage"].tolist()
    for row in rows:
        own = projected[projected["stage"] == int(row[0])]
        count, _, names = row[2].partition(": ")
        assert int(count) == len(own) > 0
        assert names.split(", ") == own["name"].tolist()


@pytest.mark.parametrize("run", STAGED)
def test_every_candidate_inside_stands_in_exactly_one_stage_and_nobody_else_in_any(run):
    """Of communes outside the range of the pilots nothing is known that would carry a draw."""
    projected = findings_of(run)["projections"]
    new = projected[projected["former_pilots"].isna()]
    listed = [
        name
        for row in table_rows(_stages(findings_of(run)).table)
        for name in row[2].partition(": ")[2].split(", ")
    ]
    assert sorted(listed) == sorted(new.loc[new["support"] == "inside", "name"])
    assert 0 < len(listed) < len(new)
    assert "*" not in text_of(_stages(findings_of(run)))


@pytest.mark.parametrize("run", STAGED)
def test_communes_of_a_stage_come_in_the_order_of_the_register_not_of_merit(run):
    """Neither likeness to the pilots nor the gain expected says who stands first."""
    findings = findings_of(run)
    projected = findings["projections"]
    assert projected["candidate"].is_monotonic_increasing
    worse = projected.assign(
        distance=projected["distance"].iloc[::-1].to_numpy(),
        gain_low=range(len(projected)),
        gain_high=range(len(projected)),
    )
    assert str(_stages(changed(findings, projections=worse))) == str(_stages(findings))


@pytest.mark.parametrize("run", STAGED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_table_has_no_column_and_no_word_of_merit(run, language):
    page = _stages(findings_of(run), language)
    header = [text_of(cell) for cell in page.thead.find_all("th")]
    write = findings_of(run).writer(language)
    names = ("stage", "first_month", "communes", "power", "detectable")
    assert header == [write.say(f"column.{name}") for name in names]
    assert not MERIT.search(text_of(page))


@pytest.mark.parametrize("run", STAGED)
def test_the_caption_gives_the_seed_and_the_change_that_the_power_is_for(run):
    findings = findings_of(run)
    caption = text_of(_stages(findings).caption)
    assert str(findings["stages"]["seed"].iloc[0]) in caption
    assert "10 điểm phần trăm" in caption


@pytest.mark.parametrize("run", STAGED)
@pytest.mark.parametrize(("column", "at"), [("power", 2), ("detectable", 3)])
def test_the_red_assumptions_stand_beside_each_power_and_each_detectable_change(run, column, at):
    red = list(assumptions.red(assumptions.resting(column)))
    assert "A10" in red, "planning values"
    for row in _stages(findings_of(run)).tbody.find_all("tr"):
        links = row.find_all("td")[at].find_all("a", class_="red")
        assert [text_of(link) for link in links] == red
        assert [link["href"] for link in links] == [f"#as-{one}" for one in red]


@pytest.mark.parametrize(
    ("power", "said"),
    [(0.164507, "16%"), (0.9, "90%"), (0.9949, "99%"), (0.996, "trên 99%"), (1.0, "trên 99%")],
)
def test_no_plan_is_certain(power, said):
    rows = table_rows(_stages(_with("smoke", "stages", power=power, power_low=power)).table)
    assert {row[3].partition(" A")[0].strip() for row in rows} == {said}


@pytest.mark.parametrize(
    ("low", "power", "said"),
    [(0.193867, 0.326245, "19% đến 33%"), (0.8, 0.996, "80% đến trên 99%"), (0.161, 0.164, "16%")],
)
def test_a_power_is_the_range_that_the_fluctuation_leaves(low, power, said):
    rows = table_rows(_stages(_with("smoke", "stages", power=power, power_low=low)).table)
    assert {row[3].partition(" A")[0].strip() for row in rows} == {said}


@pytest.mark.parametrize("run", STAGED)
def test_the_range_of_the_power_is_that_of_the_table(run):
    findings = findings_of(run)
    rows = table_rows(_stages(findings).table)
    for row, stage in zip(rows, findings["stages"].to_dict("records"), strict=True):
        ends = (f"{100 * stage[name]:.0f}%" for name in ("power_low", "power"))
        assert row[3].startswith(" đến ".join(ends))


@pytest.mark.parametrize("unknown", ["power", "power_low"])
def test_half_a_range_of_power_is_not_shown(unknown):
    page = _stages(_with("smoke", "stages", **{unknown: None}))
    assert {row[3] for row in table_rows(page.table)} == {"–"}


def test_a_power_that_is_not_known_is_a_dash_without_assumptions():
    page = _stages(_with("smoke", "stages", power=None, power_low=None, detectable=None))
    assert [row[3:] for row in table_rows(page.table)] == [["–", "–"]] * 4
    assert page.find_all("a") == []


@pytest.mark.parametrize("run", STAGED)
def test_what_a_stage_detects_is_told_in_points(run):
    findings = findings_of(run)
    rows = table_rows(_stages(findings).table)
    for row, detectable in zip(rows, findings["stages"]["detectable"], strict=True):
        assert row[4].startswith(f"{detectable:.0f} điểm phần trăm")


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_where_nobody_is_drawn_there_is_no_table(run):
    nobody = findings_of(run)
    assert nobody["stages"]["candidates"].sum() == 0 < len(nobody["stages"])
    for without in (nobody, _empty(nobody, "stages")):
        assert stages.stages_table(without, without.writer()) == ""


# Cost


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_where_no_source_gives_a_cost_there_is_no_table_and_the_line_names_what_is_missing(run):
    findings = findings_of(run)
    assert (findings["economics"]["outcome"] == "unknown").all()
    assert stages.economics_table(findings, findings.writer()) == ""
    line = text_of(_parsed(stages.cost_line(findings, findings.writer())))
    asked = findings["economics"].set_index("quantity").loc["cost_per_dossier", "missing"]
    for name in asked.split(";"):
        assert findings.writer().term("missing", name) in line
    assert not re.search(r"\d", line)


def test_where_a_cost_is_known_the_line_leads_to_its_table():
    findings = findings_of("smoke")
    line = text_of(_parsed(stages.cost_line(findings, findings.writer())))
    assert line == "Chi phí và giá trị theo kịch bản: bảng B8."
    assert text_of(_costs(findings).caption).startswith("Bảng B8.")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_table_b8_has_one_row_a_quantity_each_with_its_red_assumptions(language):
    findings = findings_of("smoke")
    write = findings.writer(language)
    economics = findings["economics"]
    rows = _costs(findings, language).tbody.find_all("tr")
    assert [text_of(row.th) for row in rows] == [
        " ".join(write.say(f"economics.{name}").split()) for name in get_args(Economic)
    ]
    for row, quantity in zip(rows, economics["quantity"], strict=True):
        marks = [text_of(link) for link in row.find_all("a", class_="red")]
        assert marks == list(assumptions.red(assumptions.resting(quantity)))


def test_numbers_of_table_b8_carry_their_range_and_measure():
    rows = {row[0]: row[1] for row in table_rows(_costs(findings_of("smoke")).table)}
    for name, said in {
        "Hồ sơ trực tuyến tăng thêm trên 100 hồ sơ": "28,7 hồ sơ (7,2 hồ sơ đến 59,7 hồ sơ)",
        "Chi phí một hồ sơ trực tuyến tăng thêm": "348.346 đồng (167.461 đồng đến 1.391.925 đồng)",
        "Xác suất giá trị vượt chi phí": "19%",
    }.items():
        assert rows[name].startswith(said)


def test_a_cost_that_may_be_any_is_said_to_have_no_limit():
    economics = findings_of("smoke")["economics"]
    first = economics["quantity"] == "cost_per_dossier"
    other = _with(
        "smoke", "economics", outcome=economics["outcome"].mask(first, "not_bounded"),
        low=economics["low"].mask(first), expected=economics["expected"].mask(first),
        high=economics["high"].mask(first),
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in table_rows(_costs(other).table)}
    assert rows["Chi phí một hồ sơ trực tuyến tăng thêm"] == ["không có giới hạn trên", "–"]


def test_a_range_without_a_middle_is_written_as_a_range():
    findings = _with("smoke", "economics", expected=None)
    rows = {row[0]: row[1] for row in table_rows(_costs(findings).table)}
    said = rows["Hồ sơ trực tuyến tăng thêm trên 100 hồ sơ"]
    assert said.startswith("7,2 hồ sơ đến 59,7 hồ sơ")


def test_what_is_still_missing_stands_beside_what_could_be_computed():
    economics = findings_of("smoke")["economics"]
    late = economics["quantity"] == "evsi_month"
    other = _with(
        "smoke", "economics", outcome=economics["outcome"].mask(late, "unknown"),
        missing=economics["missing"].mask(late, "pilots;dossiers_per_month"),
        expected=economics["expected"].mask(late),
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in table_rows(_costs(other).table)}
    assert rows["Giá trị của thêm một tháng thí điểm"] == [
        "chưa tính được", "số xã thí điểm có cặp số liệu, số hồ sơ mỗi tháng",
    ]  # fmt: skip
    assert rows["Giá trị của thông tin đầy đủ"][1] == "–"


# The scenario


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_run_whose_gain_nothing_carries_has_no_fan_and_no_table_b9(run):
    findings = findings_of(run)
    assert findings["outlook"].empty
    assert stages.fan_figures(findings, findings.writer()) == []
    assert stages.outlook_table(findings, findings.writer()) == ""


@pytest.mark.parametrize(("language", "word"), [("vi", "Kịch bản"), ("en", "Scenario")])
def test_the_title_of_the_fan_calls_it_a_scenario_and_gives_the_share_expected(language, word):
    findings = findings_of("smoke")
    figure = _fan(findings, language)
    assert figure.title.startswith(word)
    last = findings["outlook"].iloc[-1]
    assert f"{last['expected']:.0f}%" in figure.title
    assert 'href="#t-outlook"' in figure.source


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_alternative_text_names_every_number_of_the_fan(language):
    findings = findings_of("smoke")
    figure = _fan(findings, language)
    first, last = findings["outlook"].iloc[0], findings["outlook"].iloc[-1]
    ends = [f"{first['expected']:.0f}%", f"{last['expected']:.0f}%", f"{last['month']:.0f}"]
    for level in (50, 80, 95):
        ends += [f"{level}%", f"{last[f'low_{level}']:.0f}%–{last[f'high_{level}']:.0f}%"]
    for number in ends:
        assert number in figure.alt
    assert f"{last['low_95']:.0f}%–{last['high_95']:.0f}%" in figure.subtitle


def test_the_fan_is_drawn_for_desk_and_phone_and_no_label_leaves_either():
    figure = _fan(findings_of("smoke"))
    assert [paper_of(str(drawing))[0] for drawing in (figure.desk, figure.phone)] == [DESK, PHONE]
    for drawing in (str(figure.desk), str(figure.phone)):
        assert outside(drawing) == []
        assert overlapping(drawing) == []
        assert min(box.size for box in boxes_of(drawing)) >= 12
        assert not [box.text for box in boxes_of(drawing) if re.search(r"\d\.\d", box.text)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_table_b9_has_a_row_where_a_stage_begins_and_one_at_the_end(language):
    findings = findings_of("smoke")
    months = findings["outlook"]
    page = _parsed(stages.outlook_table(findings, findings.writer(language)))
    rows = table_rows(page.find(id="t-outlook").table)
    shown = months[months["month"].isin([int(row[0]) for row in rows])]
    assert sorted(set(months["started"])) == sorted(set(shown["started"]))
    assert rows[-1][0] == str(months["month"].max())
    assert [int(row[1]) for row in rows] == shown["started"].tolist()
    for row, found in zip(rows, shown.to_dict("records"), strict=True):
        for cell, level in zip(row[3:], (50, 80, 95), strict=True):
            low, high = re.findall(r"[\d,.]+", cell)
            exact = (found[f"low_{level}"], found[f"high_{level}"])
            assert [float(x.replace(",", ".")) for x in (low, high)] == pytest.approx(
                exact, abs=0.051
            )


# Words


def _said(findings, language):
    write = findings.writer(language)
    parts = [
        stages.support_line(findings, write),
        stages.stages_table(findings, write),
        stages.economics_table(findings, write),
        stages.cost_line(findings, write),
        stages.outlook_table(findings, write),
        *(f"{figure.title}. {figure.alt}" for figure in stages.fan_figures(findings, write)),
    ]
    return [text_of(_parsed(part)) for part in parts if part]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_said_of_the_stages_claims_a_cause_or_ranks(run, language):
    for said in _said(findings_of(run), language):
        assert causal_sentences(said, language) == []
        assert mixing_sentences(said, language) == []
        assert not MERIT.search(said)


def test_tables_and_fan_of_a_simulated_run_say_so():
    findings = findings_of("smoke")
    write = findings.writer()
    for table in (stages.stages_table, stages.economics_table, stages.outlook_table):
        assert "MÔ PHỎNG" in text_of(_parsed(table(findings, write)).caption)
    figure = _fan(findings)
    for words in (figure.subtitle, figure.alt, figure.source):
        assert "MÔ PHỎNG" in words


@pytest.mark.parametrize("name", ["Xã Thành Công", "Phường Thành Công"])
def test_a_commune_whose_name_is_a_word_of_praise_can_be_listed(name):
    """There is a Xã Thành Công in Cao Bằng; the word itself stays refused."""
    named = _with("smoke", "projections", name=name)
    assert f"{name}," in text_of(_stages(named))
    praised = _with("smoke", "projections", name="Thí điểm thành công")
    with pytest.raises(ClaimError):
        _stages(praised)


def test_a_hostile_name_of_a_commune_stays_words():
    hostile = _with("smoke", "projections", name="<script>x</script>")
    assert "<script>" not in stages.stages_table(hostile, hostile.writer())
    assert pd.notna(hostile["projections"]["stage"]).any()
