from __future__ import annotations

from datetime import date

import pytest
import yaml
from built import ROOT

from commune_pilots.errors import ParameterError
from commune_pilots.sources.deliveries import Delivery, delivery_names, load_delivery
from commune_pilots.sources.layouts import load_layout

TOLD = {"label_vi": "Sổ", "label_en": "Log", "layout": "commune_months", "as_of": "2024-12-31"}


@pytest.fixture
def write(tmp_path):
    folder = tmp_path / "deliveries"
    folder.mkdir()

    def write(name="so", **keys):
        path = folder / f"{name}.yml"
        path.write_text(yaml.safe_dump({**TOLD, **keys}, allow_unicode=True), encoding="utf-8")
        return tmp_path

    return write


def test_a_delivery_keeps_its_keys_and_the_others_have_defaults(write):
    found = load_delivery("so", write(province="80", definitions=["online_a_received"]))
    assert (found.province, found.definitions) == ("80", ["online_a_received"])
    assert (found.units_of, found.unit_list, found.simulated) == ("then", "press", False)


def test_deliveries_are_listed_in_order(write):
    write("b")
    assert delivery_names(write("a")) == ["a", "b"]


@pytest.mark.parametrize("name", ["sO", "khac", "../deliveries/so"])
def test_an_unknown_delivery_is_refused_with_those_there_are(write, name):
    with pytest.raises(ParameterError, match="there are: so") as refused:
        load_delivery(name, write())
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("as_of", "31/12/2024"),
        ("as_of", "2024-13-01"),
        ("since", "January"),
        ("units_of", "tomorrow"),
        ("province", "../80"),
        ("layout", "../layout"),
        ("simulated", "yes please"),
    ],
)
def test_a_wrong_value_is_refused_with_file_and_key(write, key, value):
    with pytest.raises(ParameterError, match=rf"params/deliveries/so\.yml.*{key}"):
        load_delivery("so", write(**{key: value}))


def test_a_missing_day_is_refused(write):
    folder = write()
    path = folder / "deliveries/so.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("as_of", "# as_of"), encoding="utf-8")
    with pytest.raises(ParameterError, match="as_of"):
        load_delivery("so", folder)


def test_an_unknown_key_is_refused_with_the_nearest(write):
    with pytest.raises(ParameterError, match="province"):
        load_delivery("so", write(provinse="80"))


def test_days_are_days_and_an_empty_one_has_its_default(write):
    found = load_delivery("so", write(since="2022-01-01"))
    assert found.day("since") == date(2022, 1, 1)
    assert found.day("until", date(2025, 6, 30)) == date(2025, 6, 30)


def test_what_a_delivery_says_of_place_goes_before_the_layout(write):
    layout = load_layout("commune_months", ROOT / "params")
    placed = Delivery(**TOLD, province="80", unit="28159").placed(layout)
    assert (placed.province, placed.unit, layout.province) == ("80", "28159", None)
    assert Delivery(**TOLD).placed(placed).province == "80"
