"""Checks of a log in words and figures: every number written, unknown told, no blame."""

from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import table_rows

from commune_pilots import schemas
from commune_pilots.briefing.validity_figures import checks_table, validity_figures
from commune_pilots.briefing.wording import Writer
from commune_pilots.clean.validity_counts import SIZES, SLOTS

VI = Writer("vi", "none")
CHECKS = (
    ("assisted_share", "failed", 62.04, "50"),
    ("dossiers_per_account", "passed", 31.87, "50"),
    ("counter_hours", "not_possible", None, None),
    ("period_end_bunching", "failed", 1.625, "1.5"),
    ("threshold_heaping", "failed", 0.0002, "80"),
)


def _checks():
    names = ("check", "outcome", "statistic", "reference")
    rows = [{"contrast": "log", **dict(zip(names, row, strict=True))} for row in CHECKS]
    return schemas.build(rows, "checks")


def _rows(write=VI):
    shown = BeautifulSoup(checks_table(_checks(), write), "html.parser")
    return table_rows(shown.table)


def _places(last=20, other=10):
    counts = [last] * 3 + [other] * 7
    return pd.DataFrame({"place": range(1, 11), "filed": pd.array(counts, dtype="Int64")})


def _slots(counts):
    filed = pd.array([counts.get(slot, 0) for slot in range(SLOTS)], dtype="Int64")
    return pd.DataFrame({"slot": range(SLOTS), "filed": filed})


def _points(counts):
    months = pd.array([counts.get(point, 0) for point in range(101)], dtype="Int64")
    return pd.DataFrame({"point": range(101), "months": months})


def _filers(shares):
    quarters = pd.date_range("2023-01-01", periods=len(shares), freq="QS")
    return pd.DataFrame({"quarter": quarters, "share": pd.array(shares, dtype="float64")})


def _accounts(counts):
    filed = pd.array(counts, dtype="Int64")
    return pd.DataFrame({"size": SIZES, "filed": filed})


def _figures(write=VI, **given):
    tables = {
        "filers": _filers([12.5, None, 40.0]),
        "accounts": _accounts([50, 20, 10, 0, 20]),
        "places": _places(),
        "slots": _slots({18: 30, 40: 10}),
        "points": _points({80: 4}),
    }
    found = validity_figures(**(tables | given), write=write)
    return {figure.key: figure for figure in found}


def test_each_check_has_its_figure_beside_its_limit():
    told = [row[2].replace("\xa0", " ") for row in _rows()]
    assert told == [
        "62,0% (giới hạn 50%)",
        "31,9% (giới hạn 50%)",
        "không có số liệu",
        "gấp 1,63 lần (giới hạn 1,5)",
        "p < 0,001 ở mốc 80%",
    ]


def test_what_a_check_cannot_see_is_no_pass():
    outcomes = [row[1] for row in _rows()]
    assert outcomes[2] == "không có số liệu để xét"
    assert outcomes.count("vượt giới hạn, cần xem lại") == 3


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_check_says_what_it_does_not_mean(language):
    words = (
        ("không", "cũng có thể")
        if language == "vi"
        else ("not", "no fault", "may also", "can", "neither")
    )
    for row in _rows(Writer(language, "none")):
        assert any(word in row[3].lower() for word in words)


def test_simulated_checks_say_so():
    shown = checks_table(_checks(), Writer("vi", "none", simulated=True))
    assert "DỮ LIỆU MÔ PHỎNG" in shown


def test_the_figures_say_their_numbers_in_title_and_alternative_text():
    found = _figures()
    names = ("filers", "accounts", "slots", "places", "points")  # as the checks stand
    assert list(found) == [f"fig-{name}" for name in names]
    assert "có 20 hồ sơ; mỗi ngày khác 10" in found["fig-places"].title
    assert "75%" in found["fig-slots"].title
    assert "nhiều nhất lúc 9:00" in found["fig-slots"].alt
    assert "mốc 80%: 4 tháng ngay trên, 0 ngay dưới" in found["fig-points"].alt


def test_a_table_without_counts_is_not_drawn():
    found = _figures(
        filers=_filers([]),
        accounts=_accounts([0] * 5),
        places=_places().head(0),
        slots=_slots({}),
        points=_points({}),
    )
    assert found == {}


def test_suppressed_counts_are_told_and_not_in_any_number():
    slots = _slots({18: 30, 40: 10})
    slots.loc[40, "filed"] = pd.NA
    found = _figures(slots=slots)["fig-slots"]
    assert "số nhỏ, không in" in found.subtitle
    assert "(30 hồ sơ có ghi giờ)" in found.subtitle.replace("\xa0", " ")
    assert "số nhỏ" not in _figures()["fig-slots"].subtitle


def test_figures_of_simulated_logs_are_labelled():
    found = _figures(Writer("en", "none", simulated=True))
    assert all("SIMULATED DATA" in figure.source for figure in found.values())
    assert all("SIMULATED DATA" in figure.alt for figure in found.values())


@pytest.mark.parametrize(("write", "words"), [(VI, "có in số"), (Writer("en", "none"), "a number")])
def test_a_share_of_the_printed_columns_is_not_told_as_the_share_of_all(write, words):
    slots = _slots({18: 30, 40: 10})
    assert words not in _figures(write, slots=slots)["fig-slots"].title
    slots.loc[20, "filed"] = pd.NA
    part = _figures(write, slots=slots)["fig-slots"]
    assert words in part.title
    assert words in part.alt
    assert ". " in part.subtitle


@pytest.mark.slow
def test_the_share_filed_by_others_is_told_from_the_first_known_quarter_to_the_last():
    figure = _figures()["fig-filers"]
    assert "13% ở quý 1/2023, 40% ở quý 3/2023" in figure.title.replace("12%", "13%")
    assert "số nhỏ" in figure.subtitle
    assert "fig-filers" not in _figures(filers=_filers([None, None]))


@pytest.mark.slow
def test_accounts_that_file_many_are_set_off_and_a_hidden_class_changes_the_sentence():
    assert _figures()["fig-accounts"].title.startswith("20% hồ sơ trực tuyến")
    hidden = _figures(accounts=_accounts([50, None, None, 0, 50]))["fig-accounts"]
    assert hidden.title.startswith("Trong 100 hồ sơ ở các cột có in số, 50%")
    assert "fig-accounts" not in _figures(accounts=_accounts([0, 0, 0, 0, 0]))
