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

.PHONY: browser briefings test quick check format clean setup

briefings: .venv/.ready  ## Run every run of params/batches/press.csv and say where the briefings are
	$(RUN_IN)pilots batch press

test: .venv/.ready  ## Formatting, lint, types, import rules, notebook hygiene, then every test
	$(MAKE) --no-print-directory check quick
	$(RUN_IN)pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder

quick: .venv/.ready browser  ## The tests that start no kernel and draw no simulations
	$(RUN_IN)pytest -m "not slow" -n 2 --dist loadfile

check: .venv/.ready
	$(RUN_IN)ruff format --check .
	$(RUN_IN)ruff check .
	$(RUN_IN)mypy
	$(RUN_IN)lint-imports
	$(RUN_IN)nbstripout --verify --keep-id --extra-keys "metadata.papermill metadata.language_info.version cell.metadata.papermill cell.metadata.execution" notebooks/*.ipynb

browser:  ## Chromium and its fonts, from Debian where they are missing: PDF and the tests of the page
	@command -v $${PILOTS_CHROMIUM:-chromium} >/dev/null 2>&1 && fc-list 2>/dev/null | grep -q DejaVuSans \
	|| (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	chromium fontconfig fonts-dejavu-core fonts-croscore) >/dev/null

format: .venv/.ready  ## Format code and notebooks, strip notebook outputs
	$(RUN_IN)ruff format .
	$(RUN_IN)ruff check --fix .
	$(RUN_IN)nbstripout --keep-id --extra-keys "metadata.papermill metadata.language_info.version cell.metadata.papermill cell.metadata.execution" notebooks/*.ipynb

setup: .venv/.ready  ## Install, and wire git to show notebooks as text
	git config diff.notebook.command "$(CURDIR)/.venv/bin/git-nbdiffdriver diff" || true
	$(RUN_IN)pre-commit install

# The stamp is newer than the lock as long as nothing has to be installed.
.venv/.ready: uv.lock pyproject.toml
	@command -v $(UV) >/dev/null 2>&1 || $(PYTHON) -m pip install --quiet --target .tools "uv==$(UV_VERSION)"
	$(UV) sync --frozen --compile-bytecode --python $(PYTHON)
	@touch $@

clean:  ## Delete everything that can be made again; what was released stays
	find data/processed reports -mindepth 1 ! -name .gitkeep ! -path "reports/released*" -delete
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
