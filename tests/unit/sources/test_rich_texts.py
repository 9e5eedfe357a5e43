"""Marks inside a text change its number: a raised note is none of its digits."""

from __future__ import annotations

import pytest

from commune_pilots.sources.rich_texts import Marked, marked_texts, rich_texts


def _run(text: str, marks: str = "") -> str:
    return f"<r><rPr>{marks}<sz val='11'/></rPr><t xml:space='preserve'>{text}</t></r>"


RAISED, STRUCK = '<vertAlign val="superscript"/>', "<strike/>"


def _marked(*runs: str) -> Marked | None:
    shared = f"<sst><si><t>x</t></si><si/><si>{''.join(runs)}</si></sst>".encode()
    return marked_texts(shared).get(2)


def test_a_raised_note_stands_in_brackets():
    assert _marked(_run("1230"), _run("1", RAISED)) == Marked("1230(1)", struck=False)
    assert _marked(_run("Cần &amp; Giuộc"), _run("a", RAISED)) == Marked("Cần & Giuộc(a)", False)


def test_a_struck_part_is_told():
    assert _marked(_run("1"), _run("999", STRUCK), _run("230")) == Marked("1999230", struck=True)


@pytest.mark.parametrize(
    "runs",
    [
        [_run("1230"), _run("7")],
        [_run("1230", RAISED)],
        [_run("12", '<strike val="0"/>'), _run("30")],
        [_run("1230"), _run("456", RAISED)],
        [_run(" ", STRUCK), _run("5")],
    ],
)
def test_a_text_without_a_note_or_a_struck_part_is_left_alone(runs):
    assert _marked(*runs) is None


def test_cells_are_found_by_their_shared_text_or_their_own():
    shared = {4: Marked("9(2)", struck=False)}
    own = f'<c r="B3" t="inlineStr"><is>{_run("12")}{_run("3", RAISED)}</is></c>'
    xml = f'<c r="A1" t="s"><v>4</v></c><c r="A2" t="s"><v>5</v></c><c r="C1"><v>4</v></c>{own}'
    assert rich_texts(xml.encode(), shared) == {
        (b"A", b"1"): Marked("9(2)", struck=False),
        (b"B", b"3"): Marked("12(3)", struck=False),
    }
