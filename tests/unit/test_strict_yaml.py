from __future__ import annotations

import pytest

from commune_pilots import strict_yaml
from commune_pilots.errors import ParameterError


@pytest.fixture
def read(tmp_path):
    def _read(content: str | bytes):
        path = tmp_path / "file.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return strict_yaml.load(path, shown="params/file.yml")

    return _read


def _refusal(read, content) -> ParameterError:
    with pytest.raises(ParameterError) as caught:
        read(content)
    return caught.value


def test_a_key_that_appears_twice_is_refused_with_its_line(read):
    error = _refusal(read, "alpha: 0.05\nseed: 1\nalpha: 0.1\n")
    assert error.key == "yaml_duplicate"
    assert error.sentence("en") == "params/file.yml, line 3: key 'alpha' appears twice; keep one."


def test_a_key_that_appears_twice_inside_a_mapping_is_refused(read):
    error = _refusal(read, "a:\n  b: 1\n  b: 2\n")
    assert (error.key, error.values["line"]) == ("yaml_duplicate", 3)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a: &x [1]\nb: *x\n", 2),
        ("a: &x [1]\nb: *x\nc: 3\nd: 4\n", 2),
        ("a: &x 1\nb: [2, *x]\nc: 3\n", 2),
        ("a: &x {b: 1}\nc:\n  - *x\n\n\nd: 4\n", 3),
    ],
)
def test_an_alias_is_refused_with_its_line(read, content, line):
    error = _refusal(read, content)
    assert (error.key, error.values["line"]) == ("yaml_alias", line)


@pytest.mark.parametrize("value", ["00123", "001", "-01", "1_000", "2026-11-22", "2026-1-2"])
def test_an_unquoted_code_or_date_is_refused_with_the_advice_to_quote_it(read, value):
    error = _refusal(read, f"a: 1\nprovince: {value}\n")
    assert error.key == "yaml_unquoted"
    assert error.sentence("en") == (
        f'params/file.yml, line 2: {value} is a code or a date; put it in quotes, as in "{value}".'
    )
    assert f'ví dụ "{value}"' in error.sentence("vi")


def test_an_unquoted_code_inside_a_list_is_refused(read):
    assert _refusal(read, "sources: [001, 002]\n").key == "yaml_unquoted"


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quoted_code_or_date_is_text(read, quote):
    content = f"a: {quote}00123{quote}\nb: {quote}2026-11-22{quote}\n"
    assert read(content) == {"a": "00123", "b": "2026-11-22"}


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "1:30", "0x1F"])
def test_a_word_that_plain_yaml_would_turn_into_something_else_stays_text(read, word):
    assert read(f"a: {word}\n") == {"a": word}


def test_plain_values_get_their_plain_types(read):
    content = "a: 5\nb: 0.05\nc: true\nd: null\ne: draft\nf: [1, two]\ng: -3\nh: 0\n"
    assert read(content) == {
        "a": 5,
        "b": 0.05,
        "c": True,
        "d": None,
        "e": "draft",
        "f": [1, "two"],
        "g": -3,
        "h": 0,
    }


def test_a_key_without_a_value_is_null(read):
    assert read("a:\nb: 1\n") == {"a": None, "b": 1}


@pytest.mark.parametrize("content", ["", "# only a comment\n"])
def test_a_file_without_content_is_none(read, content):
    assert read(content) is None


def test_a_byte_order_mark_is_not_part_of_the_first_key(read):
    assert read(b"\xef\xbb\xbfalpha: 0.05\n") == {"alpha": 0.05}


@pytest.mark.parametrize(
    ("content", "line"),
    [("a: 1\nb: 'open\n", 3), ("a: [1, 2\nb: 3\n", 2), ("a: 1\n\tb: 2\n", 2), ("a: b: c\n", 1)],
)
def test_broken_syntax_is_refused_with_a_line(read, content, line):
    error = _refusal(read, content)
    assert (error.key, error.values["line"]) == ("yaml_syntax", line)
    assert error.values["file"] == "params/file.yml"


@pytest.mark.parametrize(
    "content",
    [
        "a: !!int x\n",
        "a: !!bool x\n",
        "a: !!timestamp x\n",
        "a: !!python/object:os.system x\n",
        "a: !custom x\n",
    ],
)
def test_a_tag_is_refused_as_an_error_of_the_file(read, content):
    assert _refusal(read, content).values["file"] == "params/file.yml"


def test_a_list_as_a_key_is_refused_as_an_error_of_the_file(read):
    assert _refusal(read, "[a, b]: c\n").values["file"] == "params/file.yml"


def test_a_control_character_is_refused_as_an_error_of_the_file(read):
    assert _refusal(read, b"a: \x00\n").values["file"] == "params/file.yml"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ParameterError) as caught:
        strict_yaml.load(tmp_path / "none.yml", shown="params/none.yml")
    assert caught.value.key == "file_missing"
    assert caught.value.sentence("en").startswith("params/none.yml: file not found")


def test_a_file_that_is_not_utf8_is_refused(read):
    error = _refusal(read, "a: Cần Giuộc\n".encode("utf-16"))
    assert error.key == "file_unreadable"
    assert "UTF-8" in error.sentence("vi")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(ParameterError) as caught:
        strict_yaml.load(tmp_path)
    assert caught.value.key == "file_unreadable"
    assert caught.value.values["file"] == tmp_path.as_posix()


def test_a_file_that_was_read_and_changed_is_read_anew(read):
    """The same few files are parsed once for all runs of a batch: by their text, not their name."""
    assert read("a: 1\n") == {"a": 1}
    assert read("a: 2\n") == {"a": 2}


def test_what_one_reader_does_to_what_it_read_is_its_own_affair(read):
    first = read("a: [1, {b: 2}]\n")
    first["a"][1]["b"] = 3
    first["a"].append(4)
    assert read("a: [1, {b: 2}]\n") == {"a": [1, {"b": 2}]}


def test_the_same_mistake_in_two_files_is_told_of_each_by_its_own_name(tmp_path):
    for name in ("one", "two"):
        path = tmp_path / f"{name}.yml"
        path.write_text("a: 1\na: 2\n", encoding="utf-8")
        with pytest.raises(ParameterError) as caught:
            strict_yaml.load(path, shown=f"params/{name}.yml")
        assert caught.value.values["file"] == f"params/{name}.yml"


def test_a_text_is_read_as_a_file_is_and_told_where_its_keys_stand():
    text = "# one\nalpha: 0.1\nunits:\n  - '1'\n"
    assert strict_yaml.parse(text, shown="x") == {"alpha": 0.1, "units": ["1"]}
    strict_yaml.parse(text, shown="x")["units"].append("2")
    assert strict_yaml.parse(text, shown="x")["units"] == ["1"], "each reader has its own"
    (alpha, value), (_, units) = strict_yaml.compose(text).value
    assert text[alpha.start_mark.index : value.end_mark.index] == "alpha: 0.1"
    assert units.value[0].start_mark.line == 3
    with pytest.raises(ParameterError) as caught:
        strict_yaml.parse("seed: 007\n", shown="params/runs/x.yml")
    assert caught.value.sentence("en").startswith("params/runs/x.yml")
