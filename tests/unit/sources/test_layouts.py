from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from commune_pilots.errors import ParameterError
from commune_pilots.params import Definition, Indicator
from commune_pilots.sources.headers import bare_key, header_key
from commune_pilots.sources.layouts import aliases, check_definitions, layout_names, load_layout

LEAST: dict[str, Any] = {
    "kind": "aggregate",
    "label_vi": "Bảng",
    "label_en": "Table",
    "columns": {
        "unit": {"cells": "unit", "headers": ["Xã"]},
        "total": {"cells": "count", "headers": ["Tổng"], "required": True},
        "part": {"cells": "count", "headers": ["Phần"]},
    },
    "period": {"stands": ["title"]},
}


def _load(folder: Path, **changes: Any) -> Any:
    path = folder / "layouts" / "mine.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(LEAST | changes, allow_unicode=True), encoding="utf-8")
    return load_layout("mine", folder)


def test_every_layout_of_the_project_keeps_its_contract(root):
    names = layout_names(root / "params")
    assert {"commune_months", "form_06a"} <= set(names)
    assert all(load_layout(name, root / "params").columns for name in names)


def test_a_layout_says_which_header_means_which_column(tmp_path):
    layout = _load(tmp_path, ignored=["Ghi chú"], personal=["Họ tên"])
    assert {key: name for key, name in aliases(layout).items() if key[0] != "~"} == {
        header_key("Xã"): "unit",
        header_key("Tổng"): "total",
        header_key("Phần"): "part",
        header_key("Ghi chú"): "",
        header_key("Họ tên"): "",
    }


def test_a_header_without_its_marks_is_known_where_it_can_mean_one_column_only(tmp_path):
    columns = {"a": ["Hạn"], "b": ["Hàn"], "c": ["Số hồ sơ", "SoHoSo"]}
    layout = _load(
        tmp_path,
        kind="aggregate",
        columns={name: {"cells": "text", "headers": own} for name, own in columns.items()},
    )
    known = aliases(layout)
    assert [known.get(bare_key(one)) for one in ("HAN", "SO_HO_SO", "sohoso")] == [None, "c", "c"]


@pytest.mark.parametrize("name", ["mime", "../base", "layouts/mine"])
def test_an_unknown_layout_is_refused_with_those_there_are(tmp_path, name):
    _load(tmp_path)
    with pytest.raises(ParameterError, match="there are: mine"):
        load_layout(name, tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "other"}, "kind is 'other'"),
        ({"extra": 1}, "unknown key 'extra'"),
        ({"columns": {"unit": {"cells": "unit", "headers": []}}}, "columns.unit.headers"),
        ({"period": {"stands": ["roof"]}}, "period.stands"),
        ({"period": None}, "key 'period' is missing"),
        ({"ignored": ["XÃ "]}, "header 'XÃ ' is declared for unit and ignored"),
        ({"sums": [{"total": "total", "parts": ["other"]}]}, "sums: there is no 'other'"),
        (
            {
                "shares": [
                    {
                        "indicator": "a",
                        "definition": "b",
                        "numerator": ["part"],
                        "denominator": ["whole"],
                    }
                ]
            },
            "shares: there is no 'whole'",
        ),
        ({"period": {"stands": ["across"], "measure": "other"}}, "period: there is no 'other'"),
    ],
)
def test_a_layout_that_contradicts_itself_is_refused(tmp_path, changes, words):
    with pytest.raises(ParameterError, match=words) as refused:
        _load(tmp_path, **changes)
    assert "params/layouts/mine.yml" in str(refused.value)


LOG: dict[str, Any] = {
    "kind": "log",
    "period": None,
    "columns": {
        "dossier": {"cells": "code", "headers": ["Số hồ sơ"], "required": True},
        "status": {"cells": "choice", "headers": ["Trạng thái"], "values": {"Xong": "9", "?": ""}},
        "filed_by": {"cells": "person", "headers": ["Người nộp"]},
    },
}


def _log(**columns: Any) -> dict[str, Any]:
    return LOG | {"columns": LOG["columns"] | columns}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (_log(total={"cells": "count", "headers": ["Tổng"]}), "columns: there is no 'total'"),
        (_log(agency={"cells": "percent", "headers": ["a"]}), "columns.agency.cells: there is no"),
        (
            _log(status={"cells": "choice", "headers": ["a"], "values": {"Xong": "11"}}),
            "columns.status.values: there is no '11'; accepted: 1, 2, 3",
        ),
        (
            _log(channel={"cells": "choice", "headers": ["a"], "values": {"Mạng": "internet"}}),
            "columns.channel.values: there is no 'internet'; accepted: counter, online, post",
        ),
        (LOG | {"columns": {"received": {"cells": "moment", "headers": ["a"]}}}, "columns.dossier"),
    ],
)
def test_a_layout_of_a_log_names_facts_of_a_dossier_and_values_of_its_contract(
    tmp_path, changes, words
):
    assert _load(tmp_path, **LOG).period is None
    with pytest.raises(ParameterError, match=words):
        _load(tmp_path, **changes)


def _indicator() -> Indicator:
    return Indicator(
        label_vi="",
        label_en="",
        unit="percent",
        minimum=0,
        maximum=100,
        better="up",
        pillar="government",
        definitions={"b": Definition(vi="", en="")},
    )


@pytest.mark.parametrize(
    ("indicator", "definition", "words"),
    [("other", "b", "unknown indicator 'other'"), ("a", "c", "there is no 'c'; accepted: b")],
)
def test_a_share_needs_a_known_indicator_and_definition(tmp_path, indicator, definition, words):
    share = {
        "indicator": indicator,
        "definition": definition,
        "numerator": ["part"],
        "denominator": ["total"],
    }
    layout = _load(tmp_path, shares=[share])
    with pytest.raises(ParameterError, match=words):
        check_definitions(layout, {"a": _indicator()}, file="params/layouts/mine.yml")


def test_known_definitions_pass(tmp_path):
    share = {"indicator": "a", "definition": "b", "numerator": ["part"], "denominator": ["total"]}
    check_definitions(_load(tmp_path, shares=[share]), {"a": _indicator()}, file="x")


def test_form_06a_counts_under_definitions_of_the_project(root, indicators):
    check_definitions(load_layout("form_06a", root / "params"), indicators, file="x")
