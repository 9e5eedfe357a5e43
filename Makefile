# Two commands set up everything they need: `make briefings` and `make test`.
# Needed beforehand: Python 3.11 or later with pip, git, make.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
# Tests start hundreds of interpreters: each would compile again what is not kept compiled.
unexport PYTHONDONTWRITEBYTECODE
RUN_IN := .venv/bin/
# The keys of commune_pilots.desk.git_drivers.
STRIP := --keep-id --extra-keys "metadata.papermill metadata.language_info.codemirror_mode metadata.language_info.file_extension metadata.language_info.mimetype metadata.language_info.nbconvert_exporter metadata.language_info.pygments_lexer metadata.language_info.version cell.metadata.editable cell.metadata.execution cell.metadata.jp-MarkdownHeadingCollapsed cell.metadata.papermill cell.metadata.slideshow"

.PHONY: browser briefings test quick check format clean setup rap sbom

briefings: .venv/.ready  ## Run every run of params/batches/press.csv and say where the briefings are
	$(RUN_IN)pilots batch press

test: .venv/.ready browser  ## Formatting, lint, types, import rules, notebook hygiene, then every test
	$(MAKE) --no-print-directory check quick
	$(RUN_IN)pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder

quick: .venv/.ready  ## The tests that start no kernel and no browser and draw no simulations
	$(RUN_IN)pytest -m "not slow" -n 2 --dist loadfile

check: .venv/.ready
	$(RUN_IN)ruff format --check .
	$(RUN_IN)ruff check .
	$(RUN_IN)mypy
	$(RUN_IN)lint-imports
	$(RUN_IN)nbstripout --verify $(STRIP) notebooks/*.ipynb

browser:  ## Chromium and its fonts, from Debian where they are missing: PDF and the tests of the page
	@command -v $${PILOTS_CHROMIUM:-chromium} >/dev/null 2>&1 && fc-list 2>/dev/null | grep -q DejaVuSans \
	|| (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	chromium fontconfig fonts-dejavu-core fonts-croscore) >/dev/null

format: .venv/.ready  ## Format code and notebooks, strip notebook outputs
	$(RUN_IN)ruff format .
	$(RUN_IN)ruff check --fix .
	$(RUN_IN)nbstripout $(STRIP) notebooks/*.ipynb

rap: .venv/.ready  ## Write what pages say of the repository itself: docs/rap.md, rooms in docs/architecture.md
	PYTHONPATH=tests $(RUN_IN)python tests/docs/rap_facts.py

setup: .venv/.ready  ## Install, set git up for notebooks, install the pre-commit hooks
	$(RUN_IN)pilots lab --prepare
	$(RUN_IN)pre-commit install

sbom: .venv/.ready  ## Write the bill of materials of the locked environment
	$(RUN_IN)python tests/packaging/sbom.py

# The stamp is newer than the lock as long as nothing has to be installed.
.venv/.ready: uv.lock pyproject.toml
	@command -v $(UV) >/dev/null 2>&1 || $(PYTHON) -m pip install --quiet --target .tools "uv==$(UV_VERSION)"
	$(UV) sync --frozen --compile-bytecode --python $(PYTHON)
	@touch $@

clean:  ## Delete everything that can be made again; what was released stays
	find data/processed reports -mindepth 1 ! -name .gitkeep ! -path "reports/released*" -delete
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
