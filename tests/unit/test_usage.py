"""What the parser refuses, worded in both languages: driven through the command line itself."""

from __future__ import annotations

import pytest
import typer

from commune_pilots import cli
from commune_pilots.errors import ParameterError
from commune_pilots.usage import refusal


def _refused(*arguments):
    command = typer.main.get_command(cli.app)
    with pytest.raises(Exception) as caught:
        command.main(args=list(arguments), prog_name="pilots", standalone_mode=False)
    return refusal(caught.value)


@pytest.mark.parametrize(
    ("arguments", "vi", "en"),
    [
        (
            ["run"],
            "Lệnh thiếu RUN...; xem pilots run --help.",
            "The command lacks RUN...; see pilots run --help.",
        ),
        (
            ["rnu"],
            "Không có lệnh 'rnu', có phải 'run'?; xem pilots --help.",
            "There is no command 'rnu'; did you mean 'run'?; see pilots --help.",
        ),
        (
            ["run", "long_an", "--frce"],
            "Không có tùy chọn --frce, có phải '--force'?; xem pilots run --help.",
            "There is no option --frce; did you mean '--force'?; see pilots run --help.",
        ),
        (
            ["--nope"],
            "Không có tùy chọn --nope; xem pilots --help.",
            "There is no option --nope; see pilots --help.",
        ),
        (
            ["batch", "press", "--jobs"],
            "Tùy chọn --jobs thiếu giá trị; xem pilots --help.",
            "Option --jobs lacks its value; see pilots --help.",
        ),
        (
            ["batch", "press", "--jobs", "two"],
            "--jobs: giá trị không dùng được, cần số nguyên; xem pilots batch --help.",
            "--jobs: this value cannot be used, a whole number is needed; see pilots batch --help.",
        ),
        (
            ["batch", "press", "--jobs", "0"],
            "--jobs: giá trị không dùng được, cần từ 1 trở lên; xem pilots batch --help.",
            "--jobs: this value cannot be used, 1 or more is needed; see pilots batch --help.",
        ),
        (
            ["keys", "spare"],
            "Lệnh thừa spare; xem pilots keys --help.",
            "The command has spare too much; see pilots keys --help.",
        ),
    ],
)
def test_a_slip_of_the_hand_is_worded_in_both_languages(arguments, vi, en):
    error = _refused(*arguments)
    assert (error.sentence("vi"), error.sentence("en")) == (vi, en)


def test_a_value_out_of_a_list_names_the_list_in_both_languages():
    error = _refused("contrast", "--rounding", "zz", "1,1", "2")
    for language, words in (("vi", "cần một trong "), ("en", "one of ")):
        assert words in error.sentence(language)
        assert "'half_up'" in error.sentence(language)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_the_parser_says_of_itself_is_left_out_where_it_is_known(language):
    said = [_refused(*line).sentence(language) for line in (["run"], ["rnu"], ["run", "--nope"])]
    assert not [one for one in said if "No such" in one or "Missing" in one]


def test_an_unknown_refusal_keeps_the_parsers_words():
    error = refusal(ValueError("something else"))
    assert "something else" in error.sentence("vi")
    assert error.exit_code == ParameterError.exit_code


def test_a_reason_that_is_not_known_is_quoted():
    wrong = type("BadParameter", (Exception,), {"format_message": lambda self: self.args[0]})
    said = refusal(wrong("Invalid value for '--x': it is blue")).sentence("vi")
    assert said.startswith("--x: ")
    assert "it is blue" in said
