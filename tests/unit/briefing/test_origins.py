"""From a table on the page to the cell that computed it, told from the code of the notebooks."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from built import PRESS_RUNS, ROOT, analysis, findings_of, page_of, parsed, text_of, written
from markupsafe import Markup
from nbformat.v4 import new_code_cell, new_markdown_cell

from commune_pilots.briefing.export import export_notebook
from commune_pilots.briefing.origins import cells_of, link_tables, traced
from commune_pilots.briefing.tables import Row, html_table
from commune_pilots.errors import ExportError

RUNS = (*PRESS_RUNS, "smoke")
CELLS = {"contrasts": "03_estimate_effects.html#contrast-all"}


def _cells(*sources):
    return [new_code_cell(source, id=f"cell-{at}") for at, source in enumerate(sources)]


def _found(*sources, written=("t", "u", "v")):
    return {
        table: address.partition("#")[2]
        for table, address in cells_of({"01_x": _cells(*sources)}, {"01_x": written}).items()
    }


def _shown(caption="Bảng B1. Các cặp"):
    return traced(html_table(caption, ["Đơn vị"], [Row(cells=["A"])]), "contrasts")


def test_a_keyword_names_the_table_and_the_cell_is_the_one_that_assigns_its_variable():
    assert _found("a = 1", "b = a", "project.write(t=a, u=b)") == {"t": "cell-0", "u": "cell-1"}


def test_the_address_is_the_page_of_the_notebook_and_the_id_of_the_cell():
    assert cells_of({"01_x": _cells("a = 1", "project.write(t=a)")}, {"01_x": ["t"]}) == {
        "t": "01_x.html#cell-0"
    }


def test_of_several_assignments_the_last_before_the_writing_counts():
    assert _found("a = 1", "a = 2", "b = 3", "project.write(t=a)", "a = 4") == {"t": "cell-1"}


def test_a_name_taken_from_a_tuple_is_assigned_there_even_within_the_cell_that_writes():
    assert _found("a, (b, *c) = f()", "project.write(t=b, u=c)") == {"t": "cell-0", "u": "cell-0"}
    assert _found("a = 0", "a, b = f()\nproject.write(t=a)") == {"t": "cell-1"}


def test_a_name_set_within_the_cell_after_the_writing_does_not_count():
    assert _found("a = 1", "project.write(t=a)\na, b = f()") == {"t": "cell-0"}


def test_what_is_computed_within_the_call_is_computed_by_its_cell():
    assert _found("a = 1", "project.write(t=a.head(), u=1, v=unknown)") == {
        "t": "cell-1",
        "u": "cell-1",
        "v": "cell-1",
    }


def test_a_mapping_holds_every_table_that_was_written_and_that_no_keyword_names():
    found = _found("kept, left = f()", "b = 1", "project.write(**kept, u=b)")
    assert found == {"t": "cell-0", "v": "cell-0", "u": "cell-1"}


def test_of_two_mappings_nobody_can_say_which_held_a_table():
    assert _found("a = f()", "b = f()", "project.write(**a, **b, t=a)") == {"t": "cell-0"}


def test_a_table_that_the_run_did_not_write_has_no_cell():
    assert _found("a = 1", "project.write(t=a)", written=("u",)) == {}


def test_prose_and_writing_of_anything_else_name_no_table():
    cells = [new_markdown_cell("project.write(t=a) is prose"), *_cells("file.write(t=1)", "x(t=1)")]
    assert cells_of({"01_x": cells}, {"01_x": ["t"]}) == {}


def test_the_number_of_a_table_is_linked_and_its_mark_taken_out():
    page = link_tables(str(_shown()), CELLS, name="x")
    assert '<a href="03_estimate_effects.html#contrast-all">Bảng B1</a>. Các cặp' in page
    assert "data-of" not in page
    assert page.count("<a ") == 1


def test_a_caption_without_a_number_is_linked_whole():
    page = link_tables(str(_shown("Chỉ tiêu, thời hạn")), CELLS, name="x")
    assert ">Chỉ tiêu, thời hạn</a></caption>" in page


def test_every_marked_table_of_a_page_is_linked():
    page = link_tables(str(_shown() + _shown("Bảng B2. Số liệu")), CELLS, name="x")
    assert re.findall(r"#contrast-all\">([^<]*)</a>", page) == ["Bảng B1", "Bảng B2"]


def test_a_table_that_no_cell_computed_is_refused_with_its_page():
    with pytest.raises(ExportError) as caught:
        link_tables(str(_shown()), {"levels": "x.html#y"}, name="long_an/briefing.html")
    assert caught.value.key == "export_no_cell"
    assert caught.value.values == {"page": "long_an/briefing.html", "table": "contrasts"}


def test_only_the_first_table_of_what_is_shown_is_marked_and_nothing_is_made_of_nothing():
    assert str(traced(_shown() + Markup("<table>"), "x")).count("data-of") == 2
    assert traced(Markup(""), "contrasts") == Markup("")


def test_every_table_of_the_project_is_written_by_a_cell_that_is_shown_on_its_page():
    cells = cells_of({name: node.cells for name, node in analysis().items()}, written())
    assert set(cells) == {table for tables in written().values() for table in tables}
    for address in cells.values():
        page, _, cell = address.partition("#")
        name = page.removesuffix(".html")
        assert export_notebook(analysis()[name], name=name, pages={}).count(f'id="{cell}"') == 1


def test_the_cell_of_a_table_is_the_one_that_shows_it_computed():
    cells = cells_of({name: node.cells for name, node in analysis().items()}, written())
    told = {table: cells[table].partition("#")[2] for table in ("contrasts", "stress", "outlook")}
    assert told == {"contrasts": "contrast-all", "stress": "stress", "outlook": "plan-stages"}
    source = (ROOT / "notebooks" / "05_project_scaling.ipynb").read_text(encoding="utf-8")
    assert "months = outlook.outlook(" in source


@pytest.mark.parametrize("run", RUNS)
def test_every_number_leads_over_its_row_to_a_cell_or_to_its_source(run):
    """A number's link, then its table's link, then the cell; of a press figure its source too."""
    page = parsed(run)
    addresses = set(
        cells_of({name: node.cells for name, node in analysis().items()}, written()).values()
    )
    numbers = [link["href"] for link in page.select('a.n[href^="#"]')]
    assert numbers
    for target in set(numbers):
        row = page.find(id=target.removeprefix("#"))
        link = row.find_parent("table").find("caption").find("a")
        assert link["href"] in addresses, target


@pytest.mark.parametrize("run", RUNS)
def test_the_row_of_a_printed_figure_names_source_paragraph_and_row_of_the_file(run):
    page, figures = parsed(run), findings_of(run).figures
    linked = {link["href"] for link in page.select('a.n[href^="#o-"]')}
    assert linked
    for target in linked:
        row = page.find(id=target.removeprefix("#"))
        figure = figures[target.removeprefix("#o-")]
        source = row.find("a", href=f"#s-{figure['source']}")
        assert text_of(source) == figure["source"]
        assert page.find(id=f"s-{figure['source']}").name == "tr"
        cells = [text_of(cell) for cell in row.find_all(["th", "td"])]
        assert cells[-1].replace(".", "") == str(figure["row"])
        paragraph = "" if pd.isna(figure["paragraph"]) else f" , {figure['paragraph']}"
        assert cells[-2].replace(".", "") == f"{figure['source']}{paragraph}"
        assert paragraph or figure["source"].startswith("ctx-") or run == "smoke"


def test_links_to_cells_are_few_bytes():
    page = page_of("long_an")
    links = re.findall(r'<a href="0[^"]*#[^"]*">', page)
    assert len(links) >= 15
    assert sum(map(len, links)) < 1500
