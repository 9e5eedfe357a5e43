"""What every notebook keeps to: one question a cell, nothing but calls, parameters declared once.

See style.md 2.1 and 2.2: order of cells, what a cell may do, ids and tags.
"""

from __future__ import annotations

import ast
import inspect
import re
from statistics import median

import nbformat
import pytest
import yaml
from built import ROOT
from papermill.inspection import inspect_notebook

from commune_pilots import assumptions
from commune_pilots.desk.drafts import TEMPLATE
from commune_pilots.desk.lab_settings import lab_data
from commune_pilots.effects.evidence import causal_sentences
from commune_pilots.params import Run

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
MEDIAN_LINES = 3
MOST_CELLS = MOST_LINES = 12
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.For, ast.AsyncFor, ast.While, ast.If, ast.IfExp, ast.Match,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Raise, ast.Assert,
    ast.Global, ast.Nonlocal, ast.Delete, ast.AugAssign, ast.NamedExpr,
)  # fmt: skip
FORBIDDEN_CALLS = {"print", "open", "exec", "eval", "display", "setattr", "input", "__import__"}
GLOBAL_STATE = {"seed", "set_option", "filterwarnings", "simplefilter", "rc", "use"}
PACKAGES = {"pandas", "numpy", "commune_pilots"}
FORBIDDEN_METHODS = {"read_csv", "read_parquet", "to_csv", "to_parquet", "read_text", "write_text"}
TAGS = {"parameters", "remove-input", "remove-cell"}
ID = re.compile(r"title|parameters|setup|write|[a-z]+(?:-[a-z]+)+|[a-z]+")
LABELLED = ("Reads: ", "Writes: ", "Before: ", "Next: ")  # lines of the title that are lists
FILLERS = re.compile(r"\b(?:simply|clearly|obviously|of course|just|very)\b", re.IGNORECASE)
NAMED = re.compile(r"`[^`]*`|\[[^\]]*\]\([^)]*\)")  # code and links: what they spell claims nothing
ESTIMAND = re.compile(r"\beffects?\b", re.IGNORECASE)  # the noun: docs/methods.md says of what
ASSUMPTION = re.compile(r"\bA\d+\b")
# Digits that name things rather than count them: notebooks, paths, assumptions and methods.
NAMES_WITH_DIGITS = re.compile(r"\[[^\]]*\]\([^)]*\)|`[^`]*`|\b[AMG]\d+\b")


@pytest.fixture(params=[*NOTEBOOKS, lab_data() / TEMPLATE], ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def prose(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _base():
    return yaml.safe_load((ROOT / "params" / "base.yml").read_text(encoding="utf-8"))


def _assigned(cell):
    return {
        node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body
    }


def test_the_six_notebooks_are_numbered_in_order():
    assert [path.stem[:3] for path in NOTEBOOKS] == ["01_", "02_", "03_", "04_", "05_", "06_"]


def test_no_output_count_or_foreign_metadata_is_committed(notebook, code):
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert set(notebook.metadata) <= {"kernelspec", "language_info", "title"}
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


def test_a_notebook_is_stored_as_jupyter_writes_it(path, notebook):
    """Otherwise the filter that git strips notebooks by would show a change nobody made."""
    assert path.read_text(encoding="utf-8") == f"{nbformat.writes(notebook)}\n"


def test_ids_are_words_and_unique(notebook):
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(ID.fullmatch(name) for name in ids)


def test_title_parameters_and_setup_come_first(notebook):
    first = [(cell.cell_type, cell.id) for cell in notebook.cells[:3]]
    assert first == [("markdown", "title"), ("code", "parameters"), ("code", "setup")]


def test_exactly_one_cell_is_tagged_as_parameters(notebook):
    tagged = [cell.id for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == ["parameters"]


def test_only_known_tags_are_used(notebook):
    for cell in notebook.cells:
        assert set(cell.metadata.get("tags", [])) <= TAGS
    assert notebook.cells[2].metadata.tags == ["remove-input"]


def test_figures_hide_their_input(code):
    for cell in code:
        if cell.id.startswith("fig-"):
            assert "remove-input" in cell.metadata.tags


def test_the_title_is_the_only_h1_and_says_reads_writes_and_neighbours(path, notebook, prose):
    headings = [line for cell in prose for line in cell.source.splitlines() if line[:2] == "# "]
    assert len(headings) == 1
    title = notebook.cells[0].source
    assert title.startswith(f"{headings[0]}\n")
    assert headings[0] == f"# {notebook.metadata.title}"
    assert "?" in title
    assert "\nReads: " in title
    assert "\nWrites: " in title
    at = NOTEBOOKS.index(path) if path in NOTEBOOKS else len(NOTEBOOKS) + 1  # a draft has none
    neighbours = [
        other.stem for other in (*NOTEBOOKS[max(0, at - 1) : at], *NOTEBOOKS[at + 1 : at + 2])
    ]
    assert all(f"[{name}]({name}.ipynb)" in title for name in neighbours)


def test_second_headings_are_questions(prose):
    for cell in prose[1:]:
        heading = cell.source.splitlines()[0]
        assert heading.startswith("## ")
        assert heading.endswith("?")


def test_headings_are_in_sentence_case(prose):
    for cell in prose:
        for line in cell.source.splitlines():
            if line.startswith("#"):
                first, *others = ASSUMPTION.sub("", NAMED.sub("", line.lstrip("# "))).split()
                assert first[0] == first[0].upper()
                assert [word for word in others if word[0].isupper()] == [], line


def test_every_question_is_answered_by_the_code_cell_below_it(notebook):
    for cell, below in zip(notebook.cells[1:], [*notebook.cells[2:], None], strict=True):
        if cell.cell_type == "markdown":
            assert cell.id.startswith("ask-")
            assert below is not None
            assert below.cell_type == "code", cell.id


def test_a_line_of_prose_is_one_sentence(prose):
    for cell in prose:
        for line in filter(None, cell.source.splitlines()):
            if not line.startswith(("#", *LABELLED)):
                assert line.endswith((".", "?")), line
                assert not re.search(r"[.?!]\s+\S", NAMED.sub("", line)), line


def test_prose_has_no_filler_and_no_verb_of_cause(prose):
    for cell in prose:
        words = NAMED.sub("", cell.source)
        assert not FILLERS.search(words), cell.id
        assert causal_sentences(ESTIMAND.sub("", words), "en") == [], cell.id


def test_what_a_called_function_assumes_is_cited_by_its_question(notebook):
    """A function's docstring says what it assumes; so must the question that it answers."""
    known: dict[str, object] = {}
    exec(notebook.cells[2].source.partition("\nproject = ")[0], known)
    asked, missing = "", {}
    for cell in notebook.cells[3:]:
        if cell.cell_type == "markdown":
            asked = cell.source
            continue
        assumed = {one for called in _called(cell, known) for one in _assumed(called)}
        if lacking := assumed - set(ASSUMPTION.findall(asked)):
            missing[cell.id] = sorted(lacking)
    assert missing == {}


def test_every_assumption_that_is_cited_is_in_the_register(prose):
    cited = {one for cell in prose for one in ASSUMPTION.findall(cell.source)}
    assert cited <= set(assumptions.load())


def _called(cell, known):
    """The functions of the package that a cell calls, as the imports of `setup` name them."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call):
            first, *rest = ast.unparse(node.func).split(".")
            found = known.get(first)
            for name in rest:
                found = getattr(found, name, None)
            if callable(found):
                yield found


def _assumed(called):
    return ASSUMPTION.findall(inspect.getdoc(called) or "")


def test_half_of_all_cells_have_three_lines_or_fewer():
    lengths = [
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    ]
    assert median(lengths) <= MEDIAN_LINES


def test_at_most_twelve_code_cells_of_at_most_twelve_lines(code):
    assert len(code) <= MOST_CELLS
    for cell in code:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert 1 <= len(lines) <= MOST_LINES, cell.id


def test_a_cell_defines_loops_branches_and_catches_nothing(code):
    for cell in code:
        found = [type(node).__name__ for node in ast.walk(ast.parse(cell.source))
                 if isinstance(node, FORBIDDEN)]  # fmt: skip
        assert not found, cell.id


def test_a_cell_prints_and_opens_nothing_and_uses_no_magic(code):
    for cell in code:
        assert not re.search(r"^\s*[%!?]|\?\s*$", cell.source, re.MULTILINE), cell.id
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
                assert name not in FORBIDDEN_CALLS | FORBIDDEN_METHODS, cell.id


def test_a_cell_changes_nothing_that_is_not_its_own(code):
    """It assigns names alone: no attribute, no column of a table it was given, no global switch."""
    for cell in code:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Assign):
                inside = [part for target in node.targets for part in ast.walk(target)]
                assert not any(isinstance(part, ast.Attribute | ast.Subscript) for part in inside)
            if isinstance(node, ast.Call):
                assert getattr(node.func, "attr", "") not in GLOBAL_STATE, cell.id


def test_only_tables_come_from_other_packages_than_our_own(notebook):
    named = [
        name
        for node in ast.parse(notebook.cells[2].source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    ]
    assert {name.partition(".")[0] for name in named} <= PACKAGES


def test_imports_stand_in_setup_only_packages_before_pilots(code):
    for cell in code:
        nodes = ast.walk(ast.parse(cell.source))
        imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        assert bool(imports) == (cell.id == "setup"), cell.id
        own = [getattr(node, "module", "").startswith("commune_pilots") for node in imports]
        assert own == sorted(own)


def test_the_project_is_opened_for_the_run_asked_for(notebook):
    assert "project = store.Project(run)" in notebook.cells[2].source


def test_every_cell_that_reads_asks_or_draws_ends_in_what_it_shows(code):
    for cell in code:
        if cell.id not in ("parameters", "setup"):
            last = ast.parse(cell.source).body[-1]
            assert isinstance(last, ast.Expr), cell.id
            assert not isinstance(last.value, ast.Constant | ast.Dict), cell.id


def test_tables_are_written_in_the_last_cell_and_nowhere_else(path, code):
    writing = [cell.id for cell in code if "project.write(" in cell.source]
    if path.stem.startswith("06"):
        assert writing == []
    else:
        assert writing == [code[-1].id] == ["write"]


def test_no_number_is_typed_into_prose(prose):
    for cell in prose:
        assert not re.search(r"\d", NAMES_WITH_DIGITS.sub("", cell.source)), cell.id


def test_parameters_are_plain_assignments_each_with_a_comment(notebook):
    cell = notebook.cells[1]
    for node in ast.parse(cell.source).body:
        assert isinstance(node, ast.Assign)
        assert len(node.targets) == 1
        ast.literal_eval(node.value)
    assert all(re.search(r"  # \S", line) for line in cell.source.splitlines())


def test_papermill_documents_every_parameter_from_its_cell(path, notebook):
    told = inspect_notebook(path)
    assert set(told) == set(_assigned(notebook.cells[1]))
    assert [name for name, one in told.items() if not one["help"]] == []


def test_the_first_parameter_is_the_smoke_run(notebook):
    assert notebook.cells[1].source.startswith('run = "smoke"  # ')


def test_defaults_equal_those_of_base_yml(notebook):
    base = {"run": "smoke", **_base()}
    assigned = _assigned(notebook.cells[1])
    assert assigned == {name: base[name] for name in assigned}


def test_every_declared_parameter_is_in_the_contract_and_is_used(notebook, code):
    source = "\n".join(cell.source for cell in code[1:])
    for name in _assigned(notebook.cells[1]):
        assert name in Run.model_fields
        assert re.search(rf"\b{name}\b", source), name


def test_every_key_of_the_contract_is_used_by_a_notebook_or_by_the_runner():
    declared = {
        name for path in NOTEBOOKS for name in _assigned(nbformat.read(path, as_version=4).cells[1])
    }
    assert set(Run.model_fields) - declared == {"cell_timeout", "notebook_timeout"}
