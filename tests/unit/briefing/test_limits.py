from __future__ import annotations

import pytest
from built import PRESS_RUNS, findings_of

from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.limits import MOST, worst_first


def _limits(findings):
    return [item.striptags() for item in worst_first(findings, findings.writer())]


def _with_check(findings, name, outcome):
    checks = findings["checks"]
    changed = checks.assign(outcome=checks["outcome"].mask(checks["check"] == name, outcome))
    return Findings(findings.run, {**findings.tables, "checks": changed}, findings.indicators)


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_three_to_five_limitations_are_given_and_none_twice(run):
    found = _limits(findings_of(run))
    assert 3 <= len(found) <= MOST
    assert len(set(found)) == len(found)


def test_the_missing_comparison_comes_first_with_the_trend_that_would_explain_all():
    first = _limits(findings_of("long_an"))[0]
    assert "xã đối chứng" in first
    assert "81,3 điểm phần trăm" in first


def test_the_national_gain_is_context_of_another_definition():
    first = _limits(findings_of("long_an"))[0]
    assert "14,57 điểm phần trăm" in first
    assert "định nghĩa khác" in first


def test_without_a_printed_national_gain_none_is_mentioned():
    assert "cả nước từng công bố" not in _limits(findings_of("bac_kan"))[0]


def test_units_without_a_pair_are_named_as_unreported():
    joined = " ".join(_limits(findings_of("bac_kan")))
    assert "2 trong 8" in joined
    assert "6 đơn vị" in joined


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (
            "bac_kan",
            ["xã Quang Thuận", "1/49 → 1/12 hồ sơ", "tối thiểu để phân biệt: 103, cả hai kỳ"],
        ),
        ("long_an", ["phường 4", "0/1 → 91/170 hồ sơ", "tối thiểu để phân biệt: 5, kỳ trước"]),
    ],
)
def test_unknown_numbers_of_dossiers_are_named_with_the_floor_that_settles_them(run, words):
    limit = next(item for item in _limits(findings_of(run)) if "số hồ sơ" in item)
    assert limit.startswith("Nguồn không nêu số hồ sơ")
    assert all(word in limit for word in words)


def test_a_pair_with_counts_is_not_said_to_lack_them():
    findings = findings_of("bac_kan")
    counted = findings["contrasts"].assign(design="before_after_with_n")
    limits = _limits(
        Findings(findings.run, {**findings.tables, "contrasts": counted}, findings.indicators)
    )
    assert not any("không nêu số hồ sơ" in item for item in limits)
    assert any(item.startswith("Xã Quang Thuận: Chưa phân biệt") for item in limits)


def test_where_little_else_is_wrong_the_independence_of_dossiers_still_is_assumed():
    """A simulated run knows its numbers and dates; that its dossiers stand alone, it assumes."""
    last = _limits(findings_of("smoke"))[-1]
    bears = findings_of("smoke").contrasts[0]["design_effect"]
    assert f"hệ số thiết kế trên {bears:.1f}".replace(".", ",") in last


def test_assisted_filing_says_how_much_of_it_would_undo_the_change():
    assert any("82,9%" in item for item in _limits(findings_of("long_an")))


def test_a_rival_that_is_ruled_out_is_not_a_limitation():
    findings = _with_check(findings_of("long_an"), "assisted_filing", "passed")
    assert not any("82,9%" in item for item in _limits(findings))


def test_with_comparison_units_their_absence_is_not_claimed():
    findings = _with_check(findings_of("long_an"), "comparison_units", "passed")
    assert not any("Không có xã đối chứng" in item for item in _limits(findings))


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_levels_alone_begin_with_the_missing_before(run):
    assert "Không có số liệu trước" in _limits(findings_of(run))[0]


def test_different_populations_are_said_not_to_be_averaged():
    assert any("không lấy trung bình" in item for item in _limits(findings_of("cao_bang")))


def test_a_kind_that_does_not_occur_is_not_counted_as_zero():
    assert not any(
        item.startswith("0 ") for run in PRESS_RUNS for item in _limits(findings_of(run))
    )
    assert not any("thứ hạng" in item for item in _limits(findings_of("cao_bang")))
