"""What was attained: the distance closed where it is known, every target in one of four words."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd
import pytest
from asked import changed
from boxes import boxes_of, outside, overlapping
from built import PRESS_RUNS, findings_of
from drawn import table

from commune_pilots.briefing.attained import NEAR, gap_figures, standing_of, target_figures
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences

RUNS = [*PRESS_RUNS, "smoke"]
WORDS = ("Đạt", "Gần đạt", "Chưa đạt", "Không có số liệu")


@cache
def _gaps(run, language="vi"):
    findings = findings_of(run)
    return gap_figures(findings, findings.writer(language))


@cache
def _targets(run, language="vi"):
    findings = findings_of(run)
    return target_figures(findings, findings.writer(language))


def _words_of(drawing):
    return [box.text for box in boxes_of(str(drawing))]


# The distance to 100


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("long_an", {"Thị trấn Cần Giuộc": "97,7%", "Xã Dương Xuân Hội": "83,2%"}),
        ("bac_kan", {"Phường Sông Cầu": "10,6%", "Xã Quang Thuận": "6,4%"}),
    ],
)
def test_the_distance_closed_is_drawn_for_each_pair_with_a_share_before(run, said):
    (figure,) = _gaps(run)
    for drawing in (figure.desk, figure.phone):
        words = [word for word in _words_of(drawing) if not re.fullmatch(r"\d+%", word)]
        assert words == [*said, *said.values()]
    for unit, share in said.items():
        assert f"{unit}: {share}" in figure.alt


def test_a_pair_without_a_share_before_is_left_out_and_named():
    (figure,) = _gaps("long_an")
    assert "Phường 4" not in _words_of(figure.desk)
    for words in (figure.subtitle, figure.alt):
        assert "Không tính được cho Phường 4." in words
    (whole,) = _gaps("bac_kan")
    assert "Không tính được" not in whole.subtitle + whole.alt


def test_a_bound_of_a_change_closes_no_known_distance():
    findings = findings_of("long_an")
    bound = changed(findings, contrasts=findings["contrasts"].assign(change_bound="at_least"))
    assert gap_figures(bound, bound.writer()) == []


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_without_a_pair_there_is_no_figure_of_distances(run):
    assert _gaps(run) == []


def test_the_title_names_the_unit_that_closed_most():
    (figure,) = _gaps("long_an")
    assert figure.title == "Thị trấn Cần Giuộc đã thu hẹp 97,7% khoảng cách tới 100%"


def test_an_interval_stands_only_where_the_counts_are_printed():
    (known,), (silent,) = _gaps("smoke"), _gaps("long_an")
    assert "Xã mô phỏng 4: 54,5% (46,1 đến 62,0)" in known.alt
    assert known.alt.count(" đến ") == 1
    assert "khoảng tin cậy 95% nơi nguồn nêu số hồ sơ" in known.subtitle
    assert known.desk.count("stroke-width:1.5") == 1
    assert "khoảng tin cậy" not in silent.subtitle
    assert "stroke-width:1.5" not in silent.desk


def test_the_shares_closed_are_those_of_the_table_of_pairs():
    findings = findings_of("long_an")
    (figure,) = _gaps("long_an")
    for row in findings.contrasts[:2]:
        exact = (row["after"] - row["before"]) / (100 - row["before"]) * 100
        shown = re.search(rf"{row['unit_name']}: ([\d,]+)%", figure.alt)[1]
        assert float(shown.replace(",", ".")) == pytest.approx(exact, abs=0.06)
    assert 'href="#t-contrasts"' in figure.source


# Targets


@pytest.mark.parametrize(
    ("attainment", "target", "result", "standing"),
    [
        ("reached", 80.0, 98.08, "reached"),
        ("reached", 80.0, 80.0, "reached"),
        ("not_reached", 80.0, 79.0, "near"),
        ("not_reached", 80.0, 80 * NEAR, "near"),
        ("not_reached", 80.0, 75.9, "missed"),
        ("not_reached", 60.0, 60.0, "near"),
        ("not_reached", 10.0, 12.0, "missed"),
        ("not_reached", 0.0, -1.0, "missed"),
        ("no_target", None, 60.0, "unknown"),
        ("no_result", 60.0, None, "unknown"),
    ],
)
def test_a_target_stands_in_one_of_four_ways(attainment, target, result, standing):
    row = {"attainment": attainment, "target": target, "result": result}
    assert standing_of(row) == standing


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_every_target_of_the_press_has_a_tile_and_none_can_be_judged(run):
    findings = findings_of(run)
    (figure,) = _targets(run)
    words = _words_of(figure.desk)
    total = len(findings["targets"])
    assert words.count("Không có số liệu") == total
    assert figure.title == f"0 trong {total} chỉ tiêu đạt; {total} chỉ tiêu không đánh giá được"
    assert f"{100 * NEAR:.0f}%" in figure.subtitle
    assert 'href="#t-targets"' in figure.source


def test_a_tile_names_what_is_measured_its_target_and_its_result():
    (figure,) = _targets("long_an")
    said = " ".join(_words_of(figure.desk))
    digitised = "Tỷ lệ số hóa thành phần hồ sơ, các xã thí điểm chung"
    assert f"{digitised} Chỉ tiêu nguồn không nêu số; kết quả trên 60%" in said
    assert "Tỷ lệ hồ sơ nộp trực tuyến, cả nước Chỉ tiêu 60%; kết quả không có số liệu" in said
    assert f"{digitised}: Không có số liệu, " in figure.alt


def _judged(*results):
    """Judge results of one commune of the simulated run against a target of 80 per cent."""
    findings = findings_of("smoke")
    own = findings["observations"].iloc[[1]]
    figures = [own.assign(observation="sim-90", value=80.0, decimals=0, printed="80")]
    figures += [
        own.assign(observation=f"sim-9{at}", value=float(result), decimals=0, printed=str(result))
        for at, result in enumerate(results, start=1)
    ]
    rows = "\n".join(
        f"sim-90 sim-9{at} {result}.0 {'reached' if result >= 80 else 'not_reached'}"
        for at, result in enumerate(results, start=1)
    )
    targets = table(
        f"target_observation result_observation result attainment\n{rows}", of="targets",
        unit_name="Xã", indicator="online_share", definition="online_level34_assisted", target=80.0,
    )  # fmt: skip
    seen = pd.concat([findings["observations"], *figures])
    found = changed(findings, targets=targets, observations=seen)
    return target_figures(found, found.writer())


def test_results_are_reached_nearly_reached_or_not():
    (figure,) = _judged(98, 79, 40)
    words = [word for word in _words_of(figure.desk) if word in WORDS]
    assert words == ["Đạt", "Gần đạt", "Chưa đạt"]
    assert figure.title == "1 trong 3 chỉ tiêu đạt; 0 chỉ tiêu không đánh giá được"
    assert "Chỉ tiêu 80%; kết quả 79%" in figure.alt


def test_where_no_target_is_printed_there_is_no_tile():
    assert _targets("smoke") == []


# Every figure


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_titles_and_alternative_texts_claim_no_cause_and_hold_no_markup(run, language):
    for figure in (*_gaps(run, language), *_targets(run, language)):
        words = f"{figure.title}. {figure.subtitle}. {figure.alt}"
        assert causal_sentences(words, language) == []
        assert mixing_sentences(words, language) == []
        assert not re.search(r"[<>]|&\w+;", words)
        assert figure.subtitle[0].isupper()


@pytest.mark.parametrize("run", RUNS)
def test_no_label_leaves_its_paper_or_lies_on_another(run):
    for figure in (*_gaps(run), *_targets(run)):
        for drawing in filter(None, (figure.desk, figure.phone)):
            assert outside(str(drawing)) == [], figure.key
            assert overlapping(str(drawing)) == [], figure.key


def test_a_simulated_run_says_so():
    (figure,) = _gaps("smoke")
    for words in (figure.subtitle, figure.alt, figure.source):
        assert "MÔ PHỎNG" in words
