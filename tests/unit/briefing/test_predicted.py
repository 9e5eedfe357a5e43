"""What is said of the next commune: a range by method, or words where too few are known."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from asked import changed
from boxes import boxes_of, outside, overlapping
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_rows, text_of

from commune_pilots.briefing import predicted
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences

POOLED = ("long_an", "smoke")  # the runs of which at least one definition can be put together
RUNS = [*PRESS_RUNS, "smoke"]
RANGE = re.compile(r"[\d,]+%?–[\d,]+(?:%| điểm phần trăm)")
METHODS = ("half_normal_0_5", "half_normal_1", "half_normal_2", "reml")
RED = {"level": ["A2", "A9", "A11", "A13"], "change": ["A2", "A4", "A9", "A11", "A13"]}


def _parsed(written):
    return BeautifulSoup(str(written), "html.parser")


def _next(findings, language="vi"):
    return _parsed(predicted.next_table(findings, findings.writer(language)))


def _rows(findings, language="vi"):
    page = _next(findings, language)
    return table_rows(page.table) if page.table else []


def _pooled(run, **columns):
    """Give a run other pooled numbers."""
    findings = findings_of(run)
    pooled = findings["pooled"]
    return changed(findings, pooled=pooled.assign(**columns).astype(dict(pooled.dtypes)))


def _whole(findings):
    """Take the pooled rows of definitions of several communes, nobody left out."""
    pooled = findings["pooled"]
    return pooled[pooled["left_out"].isna() & (pooled["pilots"] > 1)]


def _figures(findings, language="vi"):
    return predicted.forest_figures(findings, findings.writer(language))


def _of(rows, method):
    return next(row for row in rows.to_dict("records") if row["method"] == method)


# The next commune


@pytest.mark.parametrize("run", RUNS)
def test_each_definition_of_several_communes_has_one_row_and_no_other_has(run):
    findings = findings_of(run)
    kinds = _whole(findings)[["quantity", "indicator", "definition"]].drop_duplicates()
    rows = _rows(findings)
    assert len(rows) == len(kinds)
    write = findings.writer()
    for row, (quantity, indicator, _) in zip(
        rows, kinds.sort_values([*kinds]).to_numpy(), strict=True
    ):
        label = write.label(findings.indicators[indicator])
        assert row[0].startswith(f"mức {'sau' if quantity == 'level' else 'tăng'}: {label}")


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_levels_of_a_province_say_nothing_of_a_next_commune(run):
    findings = findings_of(run)
    assert predicted.next_table(findings, findings.writer()) == ""
    assert predicted.pooled_table(findings, findings.writer()) == ""
    assert _figures(findings) == []


@pytest.mark.parametrize("run", ["long_an", "bac_kan"])
def test_too_few_communes_get_words_and_no_number_but_how_many_they_are(run):
    findings = findings_of(run)
    few = _whole(findings).query("outcome == 'too_few'")
    rows = [row for row in _rows(findings) if "chưa gộp" in row[1]]
    assert len(rows) == few.groupby(["quantity", "definition"]).ngroups > 0
    for row in rows:
        assert row[1] == "chưa gộp: 2 xã có số, cần ít nhất 3"
        assert row[2:] == ["–", "–", "–"]
        assert "%" not in " ".join(row)


def test_a_share_that_may_be_0_or_100_per_cent_gets_words_and_no_number():
    saturated = _pooled("long_an", outcome="saturated")
    for row in _rows(saturated):
        assert row[1:] == ["không gộp: có xã ở mức 0% hoặc 100%", "–", "–", "–"]
    assert _figures(saturated) == []
    assert predicted.pooled_table(saturated, saturated.writer()) == ""


@pytest.mark.parametrize("run", POOLED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_three_priors_and_the_frequentist_answer_stand_beside_each_other(run, language):
    """With so few communes the answer is the prior, so no single one is given."""
    findings = findings_of(run)
    write = findings.writer(language)
    header = [text_of(cell) for cell in _next(findings, language).thead.find_all("th")]
    assert header[1:] == [write.term("pool_method", name) for name in METHODS]


@pytest.mark.parametrize("run", POOLED)
def test_a_number_of_the_next_commune_is_a_range_never_a_single_point(run):
    for row in _rows(findings_of(run)):
        if "chưa gộp" in row[1]:
            continue
        for cell in row[1:]:
            ahead, chance = cell.split("; xác suất đạt ")
            assert RANGE.fullmatch(ahead), cell
            said = chance.partition(": ")[2]
            assert re.fullmatch(r"\d+%–\d+%|trên 99%|không quá 1%|khoảng \d+%", said), cell


@pytest.mark.parametrize("run", POOLED)
def test_ranges_and_chances_are_those_of_the_table_to_the_digits_shown(run):
    findings = findings_of(run)
    groups = [rows for _, rows in _whole(findings).groupby(["quantity", "indicator", "definition"])]
    for row, group in zip(_rows(findings), groups, strict=True):
        if group["outcome"].iloc[0] != "pooled":
            continue
        decimals = 0 if group["quantity"].iloc[0] == "level" else 1
        for cell, method in zip(row[1:], METHODS, strict=True):
            found = _of(group, method)
            low, high = re.match(r"([\d,]+)%?–([\d,]+)", cell).groups()
            for shown, exact in ((low, "prediction_low"), (high, "prediction_high")):
                assert float(shown.replace(",", ".")) == pytest.approx(
                    found[exact], abs=0.501 * 10**-decimals
                )
            chances = [int(n) for n in re.findall(r"(\d+)%", cell.rpartition(": ")[2])]
            if len(chances) == 2:
                ends = [100 * found["chance_low"], 100 * found["chance_high"]]
                assert chances == pytest.approx(ends, abs=0.501)


def test_a_change_is_told_in_points_and_a_level_in_per_cent():
    level, change = sorted(_rows(findings_of("smoke")), key=lambda row: "tăng" in row[0])
    for cell in level[1:]:
        assert "điểm" not in cell
        assert "xác suất đạt 80% trở lên: " in cell
    for cell in change[1:]:
        assert "xác suất đạt 10 điểm phần trăm trở lên: " in cell
        assert not re.search(r"%", cell.partition(";")[0])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.523, 0.684, "52%–68%"),
        (0.9960774, 0.9999999, "trên 99%"),
        (0.99, 0.999, "99%–100%"),
        (1.0, 1.0, "trên 99%"),
        (1e-13, 0.004, "không quá 1%"),
        (0.0, 0.0, "không quá 1%"),
        (0.0, 0.03, "0%–3%"),
        (0.561, 0.562, "khoảng 56%"),
        (np.nan, np.nan, "–"),
    ],
)
def test_no_chance_is_written_as_certain_and_one_that_is_left_open_keeps_its_range(low, high, said):
    findings = _pooled("long_an", chance_low=low, chance_high=high)
    pooled = next(row for row in _rows(findings) if "chưa gộp" not in row[1])
    assert [cell.rpartition(": ")[2] for cell in pooled[1:]] == [said] * 4


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(2.9, 99.94, "3%–100%"), (98.6, 99.4, "98,6%–99,4%"), (0.0, 100.0, "0%–100%")],
)
def test_a_narrow_range_stays_a_range(low, high, said):
    findings = _pooled("long_an", prediction_low=low, prediction_high=high)
    pooled = next(row for row in _rows(findings) if "chưa gộp" not in row[1])
    assert [cell.partition(";")[0] for cell in pooled[1:]] == [said] * 4


@pytest.mark.parametrize("run", POOLED)
def test_the_red_assumptions_of_a_chance_stand_in_its_row(run):
    findings = findings_of(run)
    page = _next(findings)
    for row in page.tbody.find_all("tr"):
        marks = [text_of(link) for link in row.find_all("a", class_="red")]
        if "chưa gộp" in text_of(row):
            assert marks == []
        else:
            assert marks == RED["level" if "mức sau" in text_of(row) else "change"]
        assert [link["href"] for link in row.find_all("a")] == [f"#as-{mark}" for mark in marks]


def test_definitions_are_never_put_together():
    """The same indicator counted in another way is another row and another drawing."""
    findings = findings_of("long_an")
    first = "online_level34_assisted"
    second = next(name for name in findings.indicators["online_share"].definitions if name != first)
    twin = findings["pooled"].query("definition == @first")
    both = changed(findings, pooled=pd.concat([twin, twin.assign(definition=second)]))
    assert len(_rows(both)) == 2 * len(_rows(changed(findings, pooled=twin)))
    keys = [figure.key for figure in _figures(both)]
    assert keys == [f"fig-next-{name}" for name in sorted((first, second))]


# Table B7


@pytest.mark.parametrize("run", POOLED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_table_b7_has_every_method_and_every_commune_left_out(run, language):
    findings = findings_of(run)
    write = findings.writer(language)
    page = _parsed(predicted.pooled_table(findings, write))
    rows = table_rows(page.find(id="t-pooled").table)
    known = findings["pooled"].query("outcome == 'pooled'")
    assert len(rows) == len(known)
    for row, found in zip(rows, known.to_dict("records"), strict=True):
        method = write.term("pool_method", found["method"])
        if pd.notna(found["left_out"]):
            without = {"vi": "bỏ", "en": "without"}[language]
            method = f"{method}, {without} {findings.names[found['left_out']]}"
        assert row[1] == method
        assert all(row)


@pytest.mark.parametrize("run", POOLED)
def test_table_b7_says_how_far_communes_differ_in_each_way_of_the_model(run):
    findings = findings_of(run)
    rows = table_rows(_parsed(predicted.pooled_table(findings, findings.writer())).table)
    known = findings["pooled"].query("outcome == 'pooled'")
    for row, found in zip(rows, known.to_dict("records"), strict=True):
        number = r"(\d+(?:,\d)?)"
        ends = re.fullmatch(rf"{number}–{number} \({number}–{number}%\)", row[5]).groups()
        shown = [float(end.replace(",", ".")) for end in ends]
        names = ("tau_low", "tau_high", "i2_low", "i2_high")
        for end, name, digits in zip(shown, names, (1, 1, 0, 0), strict=True):
            assert end == pytest.approx(found[name], abs=0.501 * 10**-digits)


def test_table_b7_names_each_commune_of_the_simulated_run_left_out_once_a_method():
    findings = findings_of("smoke")
    rows = table_rows(_parsed(predicted.pooled_table(findings, findings.writer())).table)
    said = [row[1] for row in rows if row[0].startswith("mức sau") and "mô hình REML" in row[1]]
    left = (f", bỏ Xã mô phỏng {number}" for number in (1, 2, 3, 4))
    assert said == [f"mô hình REML{end}" for end in ("", *left)]


def test_a_pair_of_communes_makes_no_table_b7():
    findings = findings_of("bac_kan")
    assert predicted.pooled_table(findings, findings.writer()) == ""


# The drawing


def _groups(run):
    """Take what could be put together, a frame a definition and quantity, levels last."""
    whole = _whole(findings_of(run)).query("outcome == 'pooled'")
    return [rows for _, rows in whole.groupby(["quantity", "indicator", "definition"])]


def _words_of(figure):
    return [box.text for box in boxes_of(str(figure.desk))]


@pytest.mark.parametrize(
    ("run", "quantities"), [("long_an", ["level"]), ("bac_kan", []), ("smoke", ["change", "level"])]
)
def test_what_could_be_put_together_is_drawn_and_nothing_else(run, quantities):
    keys = [figure.key for figure in _figures(findings_of(run))]
    start = {"level": "fig-next-", "change": "fig-next-change-"}
    assert keys == [f"{start[quantity]}online_level34_assisted" for quantity in quantities]


@pytest.mark.parametrize("run", POOLED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_share_after_stands_in_its_row_as_it_is_printed(run, language):
    findings = findings_of(run)
    write = findings.writer(language)
    figure = _figures(findings, language)[-1]
    for contrast in findings.contrasts:
        after = findings.figures[contrast["after_observation"]]
        printed = str(write.figure(after, findings.indicators["online_share"], link=False))
        assert any(word.startswith(printed) for word in _words_of(figure))
        assert contrast["unit_name"] in _words_of(figure)
        assert f"{contrast['unit_name']}: {printed}" in figure.alt


@pytest.mark.parametrize("run", POOLED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_pool_and_predictions_stand_in_rows_of_their_own(run, language):
    findings = findings_of(run)
    write = findings.writer(language)
    for figure, group in zip(_figures(findings, language), _groups(run), strict=True):
        words = _words_of(figure)
        sign = "%" if group["quantity"].iloc[0] == "level" else ""
        for method in METHODS[:3]:
            found = _of(group, method)
            ends = "–".join(f"{found[f'prediction_{end}']:.0f}" for end in ("low", "high"))
            assert f"{ends}{sign}" in words
            assert f"{write.term('pool_method', method)}" in " ".join(words)
        middle = _of(group, "half_normal_1")
        ends = "–".join(f"{middle[f'conf_{end}']:.0f}" for end in ("low", "high"))
        (pool,) = [word for word in words if word.endswith(f"({ends}{sign})")]
        assert pool in figure.alt


def test_an_interval_of_a_share_stands_where_its_dossiers_are_printed_and_nowhere_else():
    figure = _figures(findings_of("smoke"))[-1]
    numbers = [word for word in _words_of(figure) if re.match(r"\d+,\d+%", word)]
    assert sorted(numbers) == ["63,92% (58–70)", "67,71%", "69,86%", "70,21%"]
    assert "Wilson" not in figure.subtitle
    assert "khoảng tin cậy 95% nơi nguồn nêu số hồ sơ" in figure.subtitle
    (bare,) = _figures(findings_of("long_an"))
    assert not any("(" in word for word in _words_of(bare) if word.startswith(("98", "86", "53")))
    assert "nguồn không nêu số hồ sơ nên từng xã không có khoảng" in bare.subtitle


def test_a_change_carries_the_widest_interval_that_its_dossiers_leave():
    findings = findings_of("smoke")
    figure = _figures(findings)[0]
    for contrast in findings.contrasts:
        ends = "–".join(f"{contrast[f'conf_{end}']:.0f}" for end in ("low", "high"))
        change = f"{contrast['change']:.2f}".replace(".", ",")
        assert f"{change} ({ends})" in _words_of(figure)
    assert "rộng nhất trên mọi số hồ sơ" in figure.subtitle
    assert "điểm phần trăm" in figure.subtitle
    assert not any(word.endswith("%") for word in _words_of(figure))


def test_units_stand_in_the_order_of_their_numbers():
    for figure, column in zip(_figures(findings_of("smoke")), ("change", "after"), strict=True):
        rows = sorted(findings_of("smoke").contrasts, key=lambda row: -row[column])
        names = [word for word in _words_of(figure) if word.startswith("Xã mô")]
        assert names == [row["unit_name"] for row in rows]


@pytest.mark.parametrize("run", POOLED)
def test_every_number_of_the_drawing_is_in_its_alternative_text(run):
    for figure in _figures(findings_of(run)):
        for word in _words_of(figure):
            if not re.fullmatch(r"\d+%?", word):  # ticks of the axis
                for number in re.findall(r"\d+(?:,\d+)?", word):
                    assert number in figure.alt, word


@pytest.mark.parametrize("run", POOLED)
def test_the_title_gives_the_widest_range_of_all_methods(run):
    for figure, group in zip(_figures(findings_of(run)), _groups(run), strict=True):
        widest = max(
            group.to_dict("records"),
            key=lambda row: row["prediction_high"] - row["prediction_low"],
        )
        level = widest["quantity"] == "level"
        low, high = (
            f"{widest[f'prediction_{end}']:.0f}%"
            if level
            else f"{widest[f'prediction_{end}']:.1f}".replace(".", ",")
            for end in ("low", "high")
        )
        assert f"{low}–{high}" in figure.title
        assert f"Từ {group['pilots'].iloc[0]} xã" in figure.title


@pytest.mark.parametrize("run", POOLED)
def test_the_drawing_says_its_definition_and_leads_to_table_b7(run):
    findings = findings_of(run)
    definition = findings.indicators["online_share"].definitions["online_level34_assisted"]
    for figure in _figures(findings):
        assert definition.vi in figure.subtitle
        assert "95%" in figure.subtitle
        assert 'href="#t-pooled"' in figure.source
        assert not re.search(r"[<>]|&\w+;", figure.title + figure.subtitle + figure.alt)


@pytest.mark.parametrize("run", POOLED)
@pytest.mark.parametrize("threshold", [1.0, 50.0, 100.0])
def test_no_label_of_the_drawing_leaves_the_paper_whatever_the_target(run, threshold):
    for figure in _figures(_pooled(run, threshold=threshold)):
        assert figure.phone is None
        assert outside(str(figure.desk)) == []
        assert overlapping(str(figure.desk)) == []
        assert min(box.size for box in boxes_of(str(figure.desk))) >= 12
        assert f"mốc {threshold:.0f}" in figure.alt


# Words


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_said_of_the_next_commune_claims_a_cause_or_ranks(run, language):
    findings = findings_of(run)
    write = findings.writer(language)
    said = [
        text_of(_next(findings, language)),
        text_of(_parsed(predicted.pooled_table(findings, write))),
        *(f"{f.title}. {f.subtitle}. {f.alt}" for f in _figures(findings, language)),
    ]
    for words in said:
        assert causal_sentences(words, language) == []
        assert mixing_sentences(words, language) == []


def test_tables_and_drawing_of_a_simulated_run_say_so():
    findings = findings_of("smoke")
    write = findings.writer()
    for table in (predicted.next_table, predicted.pooled_table):
        assert "MÔ PHỎNG" in text_of(_parsed(table(findings, write)).caption)
    for figure in _figures(findings):
        for words in (figure.subtitle, figure.alt, figure.source):
            assert "MÔ PHỎNG" in words


@pytest.mark.parametrize("language", ["vi", "en"])
def test_numbers_are_written_as_the_language_writes_them(language):
    findings = findings_of("smoke")
    wrong = {"vi": r"\d\.\d\b", "en": r"\d,\d\b"}[language]
    for row in _rows(findings, language):
        assert not [cell for cell in row if re.search(wrong, cell)]
