from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.errors import ContractError, InputError
from commune_pilots.sources.press import check_press, read_press

# Lines of the source texts, by the sha256 under which sources.csv logs them (paragraph = line).
LINES = {
    "3fba1b367a3fe5b54c5aba0481e6f0c82ea3cc72dea8daf55da7d77111916e88": 32,
    "25db14be23d44383b228179afd2ba448b7e84556d43d75e0b83bef08c7620155": 16,
    "121704deccc7f6d4978c721f4f41226ba54e955e229d724f928860ea5982bdd6": 16,
    "23a6642a96a6fb2cb76915a82cfb54cff666ea45811f84f1a4046cf89495492e": 8,
    "d97d5970f1e8169cf64c4e795da84d0aa4d360dd4a6762686951853f1edf75b2": 16,
}


PANEL_HEADER = [name for name in schemas.columns("panel") if name not in ("file", "row")]
PANEL_ROW = [
    "001", "27691", "online_share", "online_level34_assisted", "2021-05-01", "2021-05-31", "12",
    "61", "",
]  # fmt: skip


class Folder:
    """A copy of the press tables in which a test breaks one thing."""

    def __init__(self, path: Path, indicators) -> None:
        self.path = path
        self.indicators = indicators

    def rows(self, name: str) -> list[list[str]]:
        with (self.path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))

    def put(self, name: str, rows: list[list[str]]) -> None:
        with (self.path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)

    def set_cell(self, name: str, key: str, column: str, value: str) -> int:
        """Overwrite one cell of the row whose first cell is `key`; returns its row number."""
        rows = self.rows(name)
        at = next(place for place, row in enumerate(rows) if row[0] == key)
        rows[at][rows[0].index(column)] = value
        self.put(name, rows)
        return at + 1

    def read(self) -> dict[str, pd.DataFrame]:
        return read_press(self.path, self.indicators, shown="data/raw/press")

    def refusal(self) -> InputError:
        with pytest.raises(InputError) as caught:
            self.read()
        return caught.value

    def failures(self) -> list[tuple[str, int | None, str, str, str]]:
        error = self.refusal()
        assert isinstance(error, ContractError)
        return [(f.file, f.row, f.column, f.value, f.rule) for f in error.failures]


@pytest.fixture
def press(root, indicators, tmp_path):
    shutil.copytree(root / "data" / "raw" / "press", tmp_path / "press")
    return Folder(tmp_path / "press", indicators)


def _columns(press, name, *columns):
    header, *rows = press.rows(name)
    return [[row[header.index(column)] for row in rows] for column in columns]


def _place(name):
    return f"data/raw/press/{name}.csv"


def test_the_projects_own_tables_are_read(press):
    assert list(press.read()) == list(schemas.RAW_TABLES)


@pytest.mark.parametrize("name", sorted(set(schemas.RAW_TABLES) - set(schemas.OPTIONAL)))
def test_a_missing_file_is_named(press, name):
    (press.path / f"{name}.csv").unlink()
    error = press.refusal()
    assert (error.key, error.values["file"]) == ("raw_missing", _place(name))


@pytest.mark.parametrize("name", schemas.OPTIONAL)
def test_an_optional_table_without_a_file_has_no_rows_and_keeps_its_contract(press, name):
    assert not (press.path / f"{name}.csv").exists()
    assert_frame_equal(press.read()[name], schemas.empty(name))


def test_counts_by_month_are_read_where_there_is_a_file_and_say_where_they_stand(press):
    press.put("panel", [PANEL_HEADER, PANEL_ROW])
    (row,) = press.read()["panel"].to_dict("records")
    assert (row["numerator"], row["denominator"]) == (12, 61)
    assert (row["file"], row["row"]) == (_place("panel"), 2)


def test_counts_by_month_are_checked_with_every_other_table(press):
    broken = dict(zip(PANEL_HEADER, PANEL_ROW, strict=True)) | {"numerator": "62", "unit": "xx"}
    press.put("panel", [PANEL_HEADER, list(broken.values())])
    assert press.failures() == [
        (_place("panel"), 2, "unit", "xx", "unknown_unit"),
        (_place("panel"), 2, "numerator", "62", "most"),
    ]


def test_counts_by_day_are_read_and_checked_where_there_is_a_file(press):
    header = [name for name in schemas.columns("days") if name not in ("file", "row")]
    row = ["001", "27691", "online_share", "online_level34_assisted", "2021-05-03", "2", "3", ""]
    press.put("days", [header, row])
    (read,) = press.read()["days"].to_dict("records")
    assert (read["day"], read["denominator"]) == (pd.Timestamp(2021, 5, 3), 3)
    assert (read["file"], read["row"]) == (_place("days"), 2)
    press.put("days", [header, row, [*row[:5], "4", *row[6:]]])
    assert press.failures() == [
        (_place("days"), 3, "numerator", "4", "most"),
        (_place("days"), 3, "day", "2021-05-03", "figure_twice"),
    ]


@pytest.mark.parametrize("name", schemas.RAW_TABLES)
def test_an_empty_file_is_named(press, name):
    (press.path / f"{name}.csv").write_bytes(b"")
    error = press.refusal()
    assert (error.key, error.values["file"]) == ("raw_empty", _place(name))


def test_a_folder_in_place_of_a_file_is_named(press):
    (press.path / "pilots.csv").unlink()
    (press.path / "pilots.csv").mkdir()
    assert press.refusal().key == "raw_unreadable"


def test_a_file_that_is_not_utf8_is_refused_with_the_place_of_the_byte(press):
    path = press.path / "pilots.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" + whole[100:])
    error = press.refusal()
    assert (error.key, error.values["position"]) == ("raw_encoding", 100)
    assert "UTF-8" in error.sentence("vi")


def test_a_byte_order_mark_is_not_part_of_the_first_column(press):
    path = press.path / "pilots.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(press.read()["pilots"]) == 11


def test_windows_line_ends_are_read(press):
    path = press.path / "pilots.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert len(press.read()["pilots"]) == 11


def test_an_unbalanced_quote_is_refused(press):
    path = press.path / "observations.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"98,08"', '"98,08', 1), encoding="utf-8")
    error = press.refusal()
    assert (error.key, error.values["file"]) == ("raw_csv", _place("observations"))


def test_a_missing_column_is_named(press):
    rows = press.rows("pilots")
    at = rows[0].index("arm")
    press.put("pilots", [row[:at] + row[at + 1 :] for row in rows])
    assert press.failures() == [(_place("pilots"), 1, "arm", "arm", "column_missing")]


def test_an_extra_column_is_named(press):
    press.put("pilots", [[*row, "x"] for row in press.rows("pilots")])
    assert press.failures() == [(_place("pilots"), 1, "x", "x", "column_unknown")]


def test_a_misspelt_column_is_both_unknown_and_missing(press):
    rows = press.rows("pilots")
    rows[0][rows[0].index("arm")] = "amr"
    press.put("pilots", rows)
    assert {(column, rule) for _, _, column, _, rule in press.failures()} == {
        ("arm", "column_missing"),
        ("amr", "column_unknown"),
    }


def test_a_column_that_appears_twice_is_refused(press):
    rows = press.rows("observations")
    at = rows[0].index("value")
    press.put("observations", [[*row, row[at] if row is rows[0] else "7"] for row in rows])
    assert press.failures()[0][:3] == (_place("observations"), 1, "value")


def test_columns_in_another_order_are_read_alike(press):
    before = press.read()["pilots"]
    press.put("pilots", [list(reversed(row)) for row in press.rows("pilots")])
    assert_frame_equal(press.read()["pilots"], before)


@pytest.mark.parametrize("change", [lambda row: row[:-1], lambda row: [*row, ""]])
def test_a_row_with_too_few_or_too_many_cells_is_placed(press, change):
    rows = press.rows("observations")
    rows[9] = change(rows[9])
    press.put("observations", rows)
    assert press.failures() == [(_place("observations"), 10, "-", str(len(rows[9])), "fields")]


def test_a_blank_line_inside_a_table_is_placed(press):
    path = press.path / "pilots.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:4], "\n", *lines[4:]]), encoding="utf-8")
    assert press.failures() == [(_place("pilots"), 5, "-", "0", "fields")]


@pytest.mark.parametrize(
    ("key", "column", "value", "shown", "rule"),
    [
        ("001-03", "value", "980.8", "980.8", "most"),
        ("001-03", "value", "-1", "-1.0", "least"),
        ("001-03", "value", "98.8", "98.8", "agree_with_printed"),
        ("001-03", "value", "98,08", "98,08", "kind_number"),
        ("001-03", "value", "", "", "required"),
        ("001-03", "decimals", "1", "1", "agree_with_printed"),
        ("001-03", "decimals", "", "", "agree_with_printed"),
        ("001-03", "decimals", "two", "two", "kind_count"),
        ("001-03", "paragraph", "3.0", "3.0", "kind_count"),
        ("001-03", "paragraph", "0", "0", "least"),
        ("001-03", "printed", "98.08", "98.08", "figure"),
        ("001-03", "printed", "17/63", "17/63", "figure"),
        ("001-03", "printed", "", "", "figure"),
        ("001-04", "period_end", "31/12/2021", "31/12/2021", "kind_date"),
        ("001-04", "period_end", "2021-13-01", "2021-13-01", "kind_date"),
        ("001-04", "period_end", "2021-02-30", "2021-02-30", "kind_date"),
        ("001-03", "unit", "28158", "28158", "unknown_unit"),
        ("001-03", "unit", "", "", "required"),
        ("001-03", "unit", "28 159", "28 159", "pattern"),
        ("001-03", "source", "01", "01", "unknown_source"),
        ("001-03", "indicator", "onlne_share", "onlne_share", "unknown_indicator"),
        ("001-03", "definition", "on_line", "on_line", "unknown_definition"),
        ("001-03", "role", "later", "later", "isin"),
        ("001-03", "qualifier", "sure", "sure", "isin"),
        ("001-08", "value", "0", "0.0", "must_be_empty"),
        ("001-03", "denominator", "0", "0", "least"),
        ("001-03", "numerator", "-1", "-1", "kind_count"),
    ],
)
def test_a_broken_figure_is_placed_by_file_row_column_and_rule(
    press, key, column, value, shown, rule
):
    row = press.set_cell("observations", key, column, value)
    assert (_place("observations"), row, column, shown, rule) in press.failures()


def test_a_share_of_nine_hundred_per_cent_is_refused_though_both_entries_agree(press):
    press.set_cell("observations", "001-03", "printed", "980,8%")
    press.set_cell("observations", "001-03", "decimals", "1")
    row = press.set_cell("observations", "001-03", "value", "980.8")
    assert press.failures() == [(_place("observations"), row, "value", "980.8", "most")]


def test_printed_figure_and_number_that_disagree_quote_the_printed_one(press):
    press.set_cell("observations", "001-03", "value", "98.8")
    error = press.refusal()
    assert error.sentence("en").endswith("must agree with the printed figure '98,08'.")
    assert "phải khớp với số đã in '98,08'" in error.sentence("vi")


def test_a_definition_of_another_indicator_is_refused_with_the_right_ones(press):
    press.set_cell("observations", "001-03", "definition", "payment_fees_all_dossiers")
    assert "online_level34_assisted" in press.refusal().sentence("en")


@pytest.mark.parametrize(
    ("name", "key", "column", "value", "rule"),
    [
        ("pilots", "28159", "unit", "99999", "unknown_unit"),
        ("pilots", "28159", "source", "999", "unknown_source"),
        ("pilots", "28159", "arm", "treated", "isin"),
        ("events", "dom-e1", "unit", "99999", "unknown_unit"),
        ("events", "dom-e1", "source", "999", "unknown_source"),
        ("events", "dom-e1", "date_start", "5/2022", "kind_date"),
        ("decisions", "001-d1", "unit", "99999", "unknown_unit"),
        ("decisions", "001-d1", "kind", "stop", "isin"),
        ("interventions", "000-i01", "pillar", "culture", "isin"),
        ("interventions", "000-i01", "unit", "99999", "unknown_unit"),
        ("sources", "001", "text_sha256", "abc", "pattern"),
        ("units", "28159", "level", "hamlet", "isin"),
        ("units", "28159", "valid_to", "30-06-2025", "kind_date"),
        ("candidates", "28159", "source", "999", "unknown_source"),
        ("candidates", "28159", "province", "81", "unknown_unit"),
        ("candidates", "28159", "former_province", "81", "unknown_unit"),
        ("candidates", "28159", "formers", "28159,28162", "pattern"),
        ("candidates", "28159", "formers", "", "required"),
        ("candidates", "28159", "name", "Xã Cần Giuộc 2", "isin"),
        ("candidates", "28159", "definition", "online", "unknown_definition"),
        ("candidates", "28159", "population", "31.000", "kind_count"),
        ("candidates", "28159", "dossiers", "-1", "kind_count"),
    ],
)
def test_a_broken_value_of_any_table_is_placed(press, name, key, column, value, rule):
    row = press.set_cell(name, key, column, value)
    assert (_place(name), row, column, value, rule) in press.failures()


@pytest.mark.parametrize(
    ("column", "value", "shown", "rule"),
    [
        ("area_km2", "0", "0.0", "above"),
        ("area_km2", "60,4", "60,4", "kind_number"),
        ("internet_share", "101", "101.0", "most"),
        ("online_share", "-0.1", "-0.1", "least"),
    ],
)
def test_an_impossible_number_of_a_candidate_is_placed(press, column, value, shown, rule):
    row = press.set_cell("candidates", "28159", column, value)
    assert (_place("candidates"), row, column, shown, rule) in press.failures()


def test_a_share_of_a_candidate_without_its_definition_is_refused(press):
    row = press.set_cell("candidates", "28159", "online_share", "41.5")
    assert press.failures() == [(_place("candidates"), row, "definition", "", "required")]
    press.set_cell("candidates", "28159", "definition", "online_level34_assisted")
    assert press.read()["candidates"]["online_share"].dropna().tolist() == [41.5]


def test_a_candidate_that_takes_in_a_commune_which_went_elsewhere_is_refused(press):
    """A homonym once sent Phường 4 of Tân An to Tân Ninh too; units.csv knows better."""
    formers = dict(zip(*_columns(press, "candidates", "candidate", "formers"), strict=True))
    row = press.set_cell("candidates", "28159", "formers", f"{formers['28159']};27691")
    assert press.failures() == [(_place("candidates"), row, "candidate", "28159", "isin")]
    assert press.refusal().sentence("en").endswith("accepted: 27694.")


def test_a_candidate_made_of_communes_of_another_province_is_refused(press):
    row = press.set_cell("candidates", "28159", "former_province", "93")
    assert (_place("candidates"), row, "former_province", "93", "isin") in press.failures()


def test_a_candidate_that_appears_twice_is_refused(press):
    rows = press.rows("candidates")
    press.put("candidates", [*rows, rows[1]])
    assert {(row, rule) for _, row, _, _, rule in press.failures()} == {
        (2, "unique"),
        (len(rows) + 1, "unique"),
    }


def test_the_register_has_every_unit_of_today_of_the_four_old_provinces(press_tables):
    """As many as resolutions 1657, 1668, 1682 and 1683 make of each province's communes."""
    found = press_tables["candidates"]
    units = found.groupby("former_province")["candidate"].nunique().to_dict()
    assert units == {"04": 56, "06": 37, "80": 60, "93": 28}
    formers = found.assign(former=found["formers"].str.split(";")).explode("former")
    whole = formers.groupby("former_province")["former"].nunique().to_dict()
    assert whole == {"04": 161, "06": 108, "80": 186, "93": 75}
    today = found.groupby("former_province")["province"].agg(set).to_dict()
    assert today == {"04": {"04"}, "06": {"19"}, "80": {"80"}, "93": {"92"}}


def test_every_pilot_commune_went_whole_into_one_candidate(press_tables):
    formers = press_tables["candidates"]["formers"].str.split(";").explode()
    held = formers[formers.isin(press_tables["pilots"]["unit"])]
    assert sorted(held) == sorted(press_tables["pilots"]["unit"])
    successors = press_tables["units"].set_index("code")["successor"].dropna()
    codes = press_tables["candidates"]["candidate"]
    assert [codes[at] for at in held.index] == [successors[code] for code in held]


def test_the_register_agrees_with_every_commune_that_units_lists(press_tables):
    units, found = press_tables["units"], press_tables["candidates"].set_index("candidate")
    communes = units[units["level"] == "commune"]
    for former in communes[communes["successor"].notna()].itertuples():
        assert former.code in found.loc[former.successor, "formers"].split(";")
    for today in communes[communes["valid_from"].notna()].itertuples():
        area = float(re.match(r"Area ([\d.]+) km2", today.note)[1])
        row = found.loc[today.code]
        listed = (row["name"], row["type"], row["province"], row["area_km2"])
        assert listed == (today.name, today.type, today.province, area)


def test_only_communes_cut_in_parts_went_into_several_candidates_and_the_note_says_so(press_tables):
    found = press_tables["candidates"]
    formers = found["formers"].str.split(";").explode()
    cut = formers[formers.duplicated(keep=False)]
    assert (cut.nunique(), set(found.loc[cut.index, "former_province"])) == (11, {"80"})
    noted = found["note"].fillna("").str.extractall(r"\((\d{5})\)")[0].droplevel(1)
    assert sorted(zip(noted.index, noted, strict=True)) == sorted(zip(cut.index, cut, strict=True))


def test_the_areas_of_a_province_add_up_where_all_are_known(press_tables):
    """Published: Cao Bằng 6.700,4 km2 and Hậu Giang about 1.622."""
    areas = press_tables["candidates"].groupby("former_province")["area_km2"]
    assert areas.apply(lambda area: int(area.isna().sum())).to_dict() == {
        "04": 0, "06": 5, "80": 13, "93": 0,
    }  # fmt: skip
    assert areas.sum()["04"] == pytest.approx(6700.4, abs=0.1)
    assert areas.sum()["93"] == pytest.approx(1622, abs=1)


def test_nobody_printed_how_many_live_or_file_in_a_candidate(press_tables):
    unknown = ["population", "dossiers", "internet_share", "online_share", "definition"]
    assert press_tables["candidates"][unknown].isna().all(axis=None)


def test_an_id_that_appears_twice_is_refused(press):
    row = press.set_cell("observations", "001-04", "observation", "001-03")
    places = {(place, rule) for _, place, column, _, rule in press.failures()}
    assert places == {(row - 1, "unique"), (row, "unique")}


def test_one_figure_entered_twice_under_two_ids_is_refused(press):
    rows = press.rows("observations")
    twin = next(row for row in rows if row[0] == "001-03")
    press.put("observations", [*rows, ["001-99", *twin[1:]]])
    assert len(rows) + 1 in {row for _, row, _, _, _ in press.failures()}


def test_every_broken_value_is_listed_across_files(press):
    press.set_cell("observations", "001-03", "decimals", "two")
    press.set_cell("pilots", "28159", "arm", "treated")
    press.set_cell("events", "dom-e1", "date_start", "5/2022")
    assert {file for file, *_ in press.failures()} == {
        _place("observations"),
        _place("pilots"),
        _place("events"),
    }


def test_text_is_composed_when_it_is_read(press):
    press.set_cell("units", "28237", "name", "Xã\u00a0Dương Xuân Hội ")
    names = press.read()["units"].query("code == '28237'")["name"].tolist()
    assert names == ["Xã Dương Xuân Hội"]


def test_checking_tables_against_each_other_does_not_change_them(press_tables, indicators):
    before = {name: frame.copy(deep=True) for name, frame in press_tables.items()}
    assert check_press(press_tables, indicators, shown="x") == []
    for name, frame in press_tables.items():
        assert_frame_equal(frame, before[name])


def test_rows_are_numbered_as_in_the_file(press_tables, press):
    found = press_tables["observations"]
    lines = press.rows("observations")
    assert [lines[row - 1][0] for row in found["row"]] == found["observation"].tolist()
    assert set(found["file"]) == {_place("observations")}


def test_the_sources_print_five_pairs_before_and_after(press_tables):
    found = press_tables["observations"]
    ends = found[found["role"].isin(["before", "after"])]
    keys = ["unit", "indicator", "definition"]
    wide = ends.pivot(index=keys, columns="role", values="printed").dropna()
    assert {(key[0], row["before"], row["after"]) for key, row in wide.iterrows()} == {
        ("28159", "16,8", "98,08"),
        ("28237", "18,98", "86,41"),
        ("27691", "chưa có", "53,53"),
        ("01837", "0,1", "10,7"),
        ("02017", "2,0", "8,3"),
    }


@pytest.mark.parametrize(
    ("observation", "value", "decimals"),
    [
        ("001-04", 16.8, 1),
        ("001-03", 98.08, 2),
        ("001-06", 18.98, 2),
        ("001-05", 86.41, 2),
        ("001-07", 53.53, 2),
        ("002-05", 0.1, 1),
        ("002-06", 10.7, 1),
        ("002-07", 2.0, 1),
        ("002-08", 8.3, 1),
    ],
)
def test_a_figure_of_a_pair_is_read_with_its_decimals(press_tables, observation, value, decimals):
    found = press_tables["observations"].set_index("observation").loc[observation]
    assert (found["value"], found["decimals"]) == (value, decimals)


def test_no_online_dossiers_yet_is_unknown_and_never_zero(press_tables):
    found = press_tables["observations"].set_index("observation").loc["001-08"]
    assert found["qualifier"] == "none_yet"
    assert pd.isna(found["value"])


def test_the_sources_name_eleven_pilot_communes(press_tables):
    pilots = press_tables["pilots"]
    assert pilots.groupby("source")["unit"].nunique().to_dict() == {"001": 3, "002": 8}
    assert pilots["unit"].is_unique


def test_codes_keep_their_leading_zeros(press_tables):
    assert "01837" in press_tables["pilots"]["unit"].tolist()
    assert press_tables["pilots"]["unit"].str.len().eq(5).all()


@pytest.mark.parametrize("name", ["observations", "pilots", "interventions", "events", "decisions"])
def test_every_paragraph_lies_within_its_source_text(press_tables, name):
    hashes = press_tables["sources"].set_index("source")["text_sha256"]
    cited = press_tables[name].dropna(subset="paragraph")
    lines = cited["source"].map(hashes).map(LINES)
    assert lines.notna().all()
    assert (cited["paragraph"] <= lines).all()


def test_every_source_text_is_logged_under_its_checksum(press_tables):
    sources = press_tables["sources"]
    assert set(sources["text_sha256"].dropna()) == set(LINES)
    assert sources["text_file"].notna().equals(sources["text_sha256"].notna())


@pytest.mark.parametrize(("name", "column"), [("events", "moves"), ("interventions", "indicators")])
def test_every_indicator_a_list_names_is_in_the_catalogue(press_tables, indicators, name, column):
    named = set(press_tables[name][column].dropna().str.split(";").explode())
    assert named - set(indicators) == set()


def test_a_misspelt_indicator_in_a_list_is_refused(press):
    row = press.set_cell("events", "dom-e1", "moves", "onlne_share")
    found = press.failures()
    assert (_place("events"), row, "moves") in {failure[:3] for failure in found}
