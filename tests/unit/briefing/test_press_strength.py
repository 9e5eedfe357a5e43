"""What the press pages say of the strength of each pair: worst case, floor, rivals, ladder.

The numbers are typed from an independent computation in R and Python (Fisher's exact test, central;
Newcombe's interval; every admissible number of dossiers), not from this code.
"""

from __future__ import annotations

import re

import pytest
from built import PRESS_RUNS, findings_of, page_of, parsed, table_called, table_rows, words_of

from commune_pilots import catalogue
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences

WITH_PAIRS = ("long_an", "bac_kan")
PAIRS = {
    "Thị trấn Cần Giuộc": ("long_an", "c-001-04-001-03"),
    "Xã Dương Xuân Hội": ("long_an", "c-001-06-001-05"),
    "Phường 4": ("long_an", "c-001-08-001-07"),
    "Phường Sông Cầu": ("bac_kan", "c-002-05-002-06"),
    "Xã Quang Thuận": ("bac_kan", "c-002-07-002-08"),
}
# "From none yet to 53,53%" is a bound, not a number that a rival could use up.
TIPPED = {unit: pair for unit, pair in PAIRS.items() if unit != "Phường 4"}
# Worst pair, p-value, widest interval in points.
WORST = {
    "Thị trấn Cần Giuộc": ("16/95 → 51/52", "p < 0,001", "69,2 đến 87,6"),
    "Xã Dương Xuân Hội": ("26/137 → 89/103", "p < 0,001", "56,6 đến 75,2"),
    "Phường 4": ("0/1 → 91/170", "p = 0,94", "−26,2 đến 60,9"),
    "Phường Sông Cầu": ("1/667 → 3/28", "p < 0,001", "3,5 đến 27,2"),
    "Xã Quang Thuận": ("1/49 → 1/12", "p = 0,71", "−4,7 đến 33,5"),
}
DECIDED = ("Thị trấn Cần Giuộc", "Xã Dương Xuân Hội", "Phường Sông Cầu")
DECISIVE = ("Phường 4", "Xã Quang Thuận")
# How large each rival must be, one cell a contrast in the order of the table.
SIZES = {
    ("long_an", "common_trend.points_least"): ["81,2 đến 81,3", "67,4", "53,5"],
    ("long_an", "common_trend.logit_least"): ["5,53 đến 5,54", "3,30", "không xác định"],
    ("long_an", "assisted_filing.least"): ["82,8 đến 82,9", "78,0", "100,0"],
    ("long_an", "unmeasured_factor.online"): ["11,1", "8,6", "không xác định"],
    ("long_an", "unmeasured_factor.not_online"): ["85,9", "11,4", "3,7"],
    ("bac_kan", "common_trend.points_least"): ["10,5 đến 10,7", "6,2 đến 6,4"],
    ("bac_kan", "common_trend.logit_least"): ["4,37 đến 5,48", "1,46 đến 1,52"],
    ("bac_kan", "assisted_filing.least"): ["98,6 đến 99,5", "75,2 đến 76,6"],
    ("bac_kan", "unmeasured_factor.online"): ["141,5", "7,5"],
    ("bac_kan", "unmeasured_factor.not_online"): ["1,5", "1,3"],
    ("bac_kan", "regression_to_mean.reliability_80"): ["52,7", "33,1"],
    ("bac_kan", "regression_to_mean.reliability_50"): ["21,2", "14,5"],  # 21,15 half up
    ("bac_kan", "regression_to_mean.reliability_20"): ["13,3", "9,8"],
}
# Words that say more than that a figure changed.
MORE_THAN_CHANGE = (
    "tác động", "hiệu quả", "nhờ", "thành công", "cải thiện", "thúc đẩy", "góp phần", "đột phá",
    "vượt bậc", "ấn tượng", "bứt phá", "ngoạn mục", "nhảy vọt", "tăng vọt", "kỷ lục", "thần kỳ",
    "xuất sắc", "vượt trội", "mạnh mẽ", "tích cực", "rõ rệt",
)  # fmt: skip


def _read(part):
    """Read a part as a browser joins it: links in running text break no number."""
    return " ".join(part.get_text().split())


def _line(unit):
    """Find the result line of a unit, as parsed."""
    page = parsed(PAIRS[unit][0])
    return next(item for item in page.find_all("li") if _read(item).startswith(f"{unit}:"))


def _sentences(text):
    return re.split(r"(?<=[.?])\s+(?=[A-ZĐÂĂÊÔƠƯ])", text)


def _rows(run, start):
    return table_rows(table_called(parsed(run), start))


def _alt(figure):
    return figure.svg.title.text


def _prose(run, *, without=None):
    """Read the Vietnamese text of a page, a table left out."""
    page = page_of(run)
    if without:
        start = re.search(rf"<caption[^>]*>{without}", page).start()
        page = page[:start] + page[page.index("</table>", start) :]
    return words_of(page)["vi"]


# What each pair carries


@pytest.mark.parametrize("unit", DECIDED)
def test_three_pairs_are_unlikely_by_chance_alone_whatever_the_number_of_dossiers(unit):
    said = next(part for part in _sentences(_read(_line(unit))) if "ngẫu nhiên" in part)
    assert said.startswith("Khó có thể chỉ do ngẫu nhiên với mọi số hồ sơ")
    assert re.search(r"nếu .*các hồ sơ độc lập", said), "its condition, in the same sentence"
    for pair in WORST[unit][0].split(" → "):
        assert pair in said
    assert WORST[unit][1] in said


@pytest.mark.parametrize(
    ("unit", "condition"),
    [
        ("Xã Quang Thuận", "khi cả hai kỳ đều có từ 103 hồ sơ trở lên"),
        ("Phường 4", "khi kỳ trước (2021) có từ 5 hồ sơ trở lên"),
    ],
)
def test_two_pairs_are_not_told_from_chance_below_a_floor(unit, condition):
    line = _read(_line(unit))
    assert "Chưa phân biệt được với ngẫu nhiên" in line
    assert all(pair in line for pair in WORST[unit][0].split(" → "))
    assert f"({WORST[unit][1]})" in line
    said = next(part for part in _sentences(line) if condition in part)
    assert "Nếu các hồ sơ độc lập" in said


@pytest.mark.parametrize("unit", PAIRS)
def test_the_counts_and_the_floor_of_a_line_lead_to_the_row_of_their_pair(unit):
    linked = [link.text for link in _line(unit).find_all("a", href=f"#{PAIRS[unit][1]}")]
    counts = re.findall(r"\d+", WORST[unit][0])
    floor = {"Xã Quang Thuận": ["103"], "Phường 4": ["5"]}.get(unit, [])
    start = linked.index(counts[0])
    assert linked[start : start + 4 + len(floor)] == counts + floor


@pytest.mark.parametrize("run", WITH_PAIRS)
def test_chance_is_never_called_unlikely_without_its_condition(run):
    """Headline box, result lines, answers, limits: the condition stands in the same block."""
    page = page_of(run)
    body = words_of(page[: page.index('id="annex-method"')])["vi"]
    blocks = [block for block in body.split("\n") if "chỉ do ngẫu nhiên" in block]
    said = [part for block in blocks for part in _sentences(block) if "chỉ do ngẫu nhiên" in part]
    assert len(said) >= 4
    assert [part for part in said if "độc lập" not in part] == []


@pytest.mark.parametrize("unit", DECISIVE)
def test_the_limits_name_what_the_unknown_number_of_dossiers_leaves(unit):
    limits = _read(parsed(PAIRS[unit][0]).find(id="limits"))
    assert unit[1:] in limits  # lower case within the sentence
    assert all(pair in limits for pair in WORST[unit][0].split(" → "))


# Tables


@pytest.mark.parametrize("unit", PAIRS)
def test_table_b1b_holds_the_worst_case_of_each_pair(unit):
    row = next(row for row in _rows(PAIRS[unit][0], "Bảng B1b") if row[0].startswith(f"{unit}:"))
    assert tuple(row[1:4]) == WORST[unit]


@pytest.mark.parametrize(
    ("unit", "short", "floor"),
    [
        ("Xã Quang Thuận", ("102", "p = 0,075"), ("103", "p = 0,043")),
        ("Phường 4", ("4", "p = 0,100"), ("5", "p = 0,048")),
    ],
)
def test_table_b1c_holds_the_step_at_which_chance_is_excluded(unit, short, floor):
    rows = [row for row in _rows(PAIRS[unit][0], "Bảng B1c") if row[0] == unit]
    steps = [(row[1].split(",")[0], row[3]) for row in rows]
    assert steps.index(floor) == steps.index(short) + 1
    assert {row[0] for row in _rows(PAIRS[unit][0], "Bảng B1c")} == {unit}, "no decided pair"


def test_table_b1c_begins_where_nothing_is_known_of_the_dossiers():
    assert _rows("bac_kan", "Bảng B1c")[0][2:4] == list(WORST["Xã Quang Thuận"][:2])
    assert _rows("long_an", "Bảng B1c")[0][2:4] == list(WORST["Phường 4"][:2])


@pytest.mark.parametrize("run", WITH_PAIRS)
def test_table_b1d_sets_every_test_and_way_of_rounding_beside_each_pair(run):
    rows = _rows(run, "Bảng B1d")
    assert len(rows) == len(findings_of(run)["alternatives"])
    for unit in {unit for unit, (name, _) in PAIRS.items() if name == run}:
        said = " ".join(row[1] for row in rows if row[0] == unit)
        for method in ("Fisher", "mid-p", "Boschloo", "Newcombe", "Miettinen–Nurminen", "Mee"):
            assert method in said
    assert {row[4] for row in rows} <= {"đã chứng nhận", "tìm có giới hạn"}


@pytest.mark.parametrize(("run", "kind"), SIZES)
def test_table_b3b_says_how_large_each_rival_must_be(run, kind):
    label = catalogue.text(f"label.size.{kind}", "vi")
    row = next(row for row in _rows(run, "Bảng B3b") if row[0] == label)
    assert row[1:] == SIZES[run, kind]


@pytest.mark.parametrize(("reliability", "possible"), [(80, 0), (50, 0), (20, 1)])
def test_a_mean_above_100_is_marked_as_impossible(reliability, possible):
    """Neither large change is explained by regression to any mean; that of Phường 4 can be."""
    label = catalogue.text(f"label.size.regression_to_mean.reliability_{reliability}", "vi")
    row = next(row for row in _rows("long_an", "Bảng B3b") if row[0] == label)
    assert sum("không thể" not in cell for cell in row[1:]) == possible
    if possible:
        assert row[3] == "66,9"


@pytest.mark.parametrize("run", WITH_PAIRS)
def test_table_b3b_has_one_column_a_pair_and_no_empty_cell(run):
    rows = _rows(run, "Bảng B3b")
    assert {len(row) for row in rows} == {1 + len(findings_of(run).contrasts)}
    assert all(cell for row in rows for cell in row)


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_the_ladder_shows_seven_designs_and_how_many_pairs_stand_on_each(run):
    rows = _rows(run, "Bảng A1")
    assert [row[1] for row in rows] == [
        "chưa đủ căn cứ", "thấp", "thấp", "thấp", "trung bình", "cao", "cao",
    ]  # fmt: skip
    counted = [int(row[5]) for row in rows]
    assert counted == [0, len(findings_of(run).contrasts), 0, 0, 0, 0, 0]


@pytest.mark.parametrize("name", ["hau_giang", "cao_bang"])
def test_pages_without_a_pair_hold_no_worst_case_and_no_curve(name):
    text = _prose(name)
    assert not re.search(r"Bảng B1|Bảng B3|bất lợi nhất|p [=<] 0", text.partition("Phụ lục D")[0])
    assert not parsed(name).find_all("figure", id=re.compile("^fig-(floor|tip)-"))


# Curves


def test_floor_curves_stand_in_the_results_of_the_undecided_pairs_alone():
    for run in WITH_PAIRS:
        found = [
            figure["id"].removeprefix("fig-floor-")
            for figure in parsed(run).find_all("figure", id=re.compile("^fig-floor-"))
        ]
        assert found == [PAIRS[unit][1] for unit in DECISIVE if PAIRS[unit][0] == run]


@pytest.mark.parametrize(
    ("unit", "numbers"),
    [
        ("Xã Quang Thuận", ["p = 0,71", "p < 0,001", "0,05", "103"]),
        ("Phường 4", ["p = 0,94", "p < 0,001", "0,05", "5", "2021"]),
    ],
)
def test_a_floor_curve_says_its_numbers_in_words(unit, numbers):
    run, contrast = PAIRS[unit]
    figure = parsed(run).find(id=f"fig-floor-{contrast}")
    assert len(figure.find_all("svg")) == 2
    assert unit in _alt(figure)
    for number in numbers:
        assert re.search(rf"(?<![\d,]){re.escape(number)}(?![\d,]*\d)", _alt(figure))
    assert figure.find("a", href="#t-floors")


@pytest.mark.parametrize("unit", TIPPED)
def test_every_change_that_is_a_number_has_one_tipping_figure_with_its_sizes_in_words(unit):
    run, contrast = PAIRS[unit]
    figures = parsed(run).find_all("figure", id=f"fig-tip-{contrast}")
    assert len(figures) == 1
    assert len(figures[0].find_all("svg")) == 1
    pair = next(row for row in findings_of(run).contrasts if row["contrast"] == contrast)
    change = f"{pair['change']:.{pair['change_decimals']}f}".replace(".", ",")
    assert f"{change} điểm phần trăm" in _alt(figures[0])
    assert re.search(r"\d,\d%", _alt(figures[0])), "the part that must be assisted"
    assert figures[0].find("a", href="#t-sizes")


def test_the_national_gain_is_a_line_across_where_one_is_printed():
    for unit, (run, contrast) in TIPPED.items():
        alt = _alt(parsed(run).find(id=f"fig-tip-{contrast}"))
        assert ("14,57 điểm phần trăm, định nghĩa khác" in alt) == (run == "long_an"), unit


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_a_change_that_is_only_a_bound_has_no_tipping_figure_and_all_others_stand_in_annex_b(run):
    everywhere = parsed(run).find_all("figure", id=re.compile("^fig-tip-"))
    inside = parsed(run).find(id="annex-data").find_all("figure")
    bounds = [row["change_bound"] for row in findings_of(run).contrasts]
    assert len(everywhere) == bounds.count("exact")
    assert len(bounds) - bounds.count("exact") == (1 if run == "long_an" else 0)
    assert everywhere == [figure for figure in inside if figure["id"].startswith("fig-tip-")]


# Words


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_no_page_says_more_than_that_figures_changed(run):
    """The ladder names such words to forbid them; nothing else on the page holds one."""
    words = re.compile(rf"\b(?:{'|'.join(MORE_THAN_CHANGE)})\b", re.IGNORECASE)
    assert [line for line in _prose(run, without="Bảng A1").split("\n") if words.search(line)] == []
    assert len(words.findall(_prose(run))) >= 5, "the ladder's own"


@pytest.mark.parametrize("run", PRESS_RUNS)
@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_no_sentence_of_a_page_claims_a_cause_pools_or_ranks(run, language):
    text = words_of(page_of(run))[language]
    assert causal_sentences(text, language) == []
    assert mixing_sentences(text, language) == []


def test_the_words_that_the_ladder_forbids_are_told_from_those_it_allows():
    for row in _rows("long_an", "Bảng A1"):
        assert row[4].startswith("không nói"), row
        assert not row[3].startswith("không")
    without_comparison = [row[3] for row in _rows("long_an", "Bảng A1")[:5]]
    assert not any("tác động" in allowed for allowed in without_comparison)
