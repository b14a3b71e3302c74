# Everything a developer does, by name. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test check screens journeys crash races bench-import bench-export bench-assess fix migration lock templates manual

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv with everything pinned

$(STAMP): pyproject.toml requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "[1/3] making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "[2/3] installing the pinned packages, which takes a minute or two"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@echo "[3/3] installing the product itself"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: $(STAMP) ## serve the product; an empty database gets the demo
	@$(BIN)/registry demo --if-empty
	@$(BIN)/registry serve

test: $(STAMP) ## run all tests, on SQLite and on PostgreSQL
	@echo "tests on SQLite"
	@$(BIN)/python -m pytest -n auto
	@echo "tests on PostgreSQL, which the tests start themselves"
	@REGISTRY_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n auto

check: $(STAMP) ## lint, types, import contracts, migrations, blank workbooks, manual, wheel
	@$(BIN)/python -m tools.check

screens: $(STAMP) ## shoot every page of the demo in Chromium and check it
	@$(BIN)/python -m tools.screens

journeys: $(STAMP) ## walk whole tasks through Chromium: an import, a round, a title of the ministry
	@$(BIN)/python -m tools.journeys

crash: $(STAMP) ## kill imports at random moments, on SQLite and on PostgreSQL
	@$(BIN)/python -m tools.crash

races: $(STAMP) ## decide the same case twice at once, a thousand times on each database
	@$(BIN)/python -m tools.races

bench-import: $(STAMP) ## measure an import of 100,000 rows against its floor
	@$(BIN)/registry bench import --rows 100000

bench-export: $(STAMP) ## measure an export of 100,000 rows against its floor
	@$(BIN)/registry bench export --rows 100000

bench-assess: $(STAMP) ## measure the evaluation of 100,000 firms against its floor
	@$(BIN)/registry bench assess --rows 100000

fix: $(STAMP) ## format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

migration: $(STAMP) ## start the next numbered migration: make migration name=add_thing
	@$(BIN)/python -m tools.migration $(name)

templates: $(STAMP) ## write import_templates/ anew from the catalogues
	@$(BIN)/python -m tools.templates

manual: $(STAMP) ## write the table of reviews into the manual anew
	@$(BIN)/python -m tools.workflow

lock: $(STAMP) ## pin the newest allowed packages, with hashes
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@for kind in "requirements.txt --extra postgresql" "requirements-dev.txt --extra postgresql --extra dev"; do \
	  set -- $$kind; target=$$1; shift; \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --upgrade "$$@" pyproject.toml --output-file $$target; done
