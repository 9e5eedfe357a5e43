from __future__ import annotations

import json

import jsonschema
import pytest
from typer.testing import CliRunner

from commune_pilots import store, strict_yaml
from commune_pilots.cli import app
from commune_pilots.desk import run_schema
from commune_pilots.params import Run, load_run


@pytest.fixture(scope="module")
def schema(root):
    return json.loads((root / "params" / run_schema.FILE).read_text(encoding="utf-8"))


def _runs(root):
    return sorted((root / "params" / "runs").glob("*.yml"))


def test_the_committed_schema_is_that_of_the_contract(root):
    committed = (root / "params" / run_schema.FILE).read_text(encoding="utf-8")
    assert committed == run_schema.as_text(), "run: pilots keys --schema"


def test_the_schema_is_a_schema_that_knows_every_key_and_no_other(schema):
    jsonschema.Draft7Validator.check_schema(schema)
    assert set(schema["properties"]) == set(Run.model_fields) - {"run"}
    assert schema["additionalProperties"] is False
    assert "required" not in schema


def test_every_key_is_titled_and_explained_vietnamese_first(schema):
    for key, told in schema["properties"].items():
        assert " / " in told["title"], key
        assert " / " in told["description"], key
        assert len(told.get("enum", [])) == len(told.get("markdownEnumDescriptions", [])), key


def test_files_of_the_project_pass_and_name_their_schema(root, schema):
    for path in [root / "params" / "base.yml", *_runs(root)]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == root / "params" / run_schema.FILE
        jsonschema.validate(strict_yaml.load(path) or {}, schema)
    assert f"{first}\n" == run_schema.MODELINE


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("alpha", 0.5), ("alpha", 0), ("seed", -1), ("least_dossiers", 1.5), ("sources", "001"),
        ("rounding", "up"), ("province", "x y"), ("since", "22/11/2026"), ("run", "long_an"),
        ("colour", "red"),
    ],
)  # fmt: skip
def test_an_editor_refuses_what_the_contract_refuses(schema, root, key, wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: wrong}, schema)
    held = load_run("smoke", root / "params").model_dump()
    with pytest.raises(ValueError, match=key):
        Run.model_validate({**held, key: wrong, **({"run": 5} if key == "run" else {})})


def test_the_command_writes_the_schema_of_the_project_it_stands_in(tmp_path, monkeypatch, root):
    (tmp_path / "params").mkdir()
    monkeypatch.setenv(store.ROOT_VARIABLE, str(tmp_path))
    result = CliRunner().invoke(app, ["keys", "--schema"])
    assert (result.exit_code, result.output) == (0, "params/run.schema.json\n")
    written = (tmp_path / "params" / run_schema.FILE).read_bytes()
    assert written == (root / "params" / run_schema.FILE).read_bytes()


def test_the_table_of_keys_is_vietnamese_where_that_is_the_only_language(monkeypatch, root):
    monkeypatch.setenv(store.ROOT_VARIABLE, str(root))
    tables = {}
    for language in ("vi", "en", "both"):
        monkeypatch.setenv("PILOTS_LANG", language)
        tables[language] = CliRunner().invoke(app, ["keys"]).output
    assert tables["vi"].startswith("| khóa | chấp nhận |")
    assert tables["en"] == tables["both"]
    assert tables["en"].startswith("| key | accepts |")
