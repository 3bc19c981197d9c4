# make demo, make test: everything is set up in .venv on the first call.
PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
BIN := $(VENV)/bin
LIBRARY := tests/cooperation tests/evidence tests/sem tests/trust tests/planning tests/reports
SERVER := tests/server tests/cli

.PHONY: help demo test check static bench faults messages screenshots clean
help: ## say what can be made
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/demo-ready ## build the United States–Mexico workspace, print its assessment, serve its pages
	$(BIN)/confianza demo

test: $(VENV)/test-ready ## every test: library without Django, server on SQLite and PostgreSQL, pages in Chromium
	scripts/ensure.sh chromium
	scripts/ensure.sh nginx
	CONFIANZA_WITHOUT_DJANGO=1 $(BIN)/python -m pytest -p no:django $(LIBRARY)
	$(BIN)/python -m pytest tests/test_project.py $(SERVER) tests/browser
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python -m pytest $(SERVER)

check: static test ## format, lint, types, import contracts, translations, tests

static: $(VENV)/check-ready ## what can be checked without running anything
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py --check

bench: $(VENV)/test-ready ## benchmarks beside their peers
	$(BIN)/pip install --quiet --group peers
	$(BIN)/python -m benchmarks

faults: $(VENV)/test-ready ## many writers, 50 last seats, 50 kills on each database, 100,000 cases, 250,000 training rows (about half an hour)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python -m faults.concurrent
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python -m faults.last_seat --times 50
	$(BIN)/python -m faults.kill
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python -m faults.kill
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python -m faults.many
	$(BIN)/python -m faults.training
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python -m faults.training

messages: $(VENV)/test-ready ## take new strings of the pages into the Spanish catalogue and compile it
	$(BIN)/python scripts/messages.py

screenshots: $(VENV)/test-ready ## take the pictures of docs/screenshots again
	scripts/ensure.sh chromium
	CONFIANZA_SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser

clean: ## remove what was set up
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/pip:
	scripts/ensure.sh venv $(PYTHON) $(VENV)

$(VENV)/demo-ready: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/test-ready: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable '.[postgresql]' --group test
	touch $(VENV)/demo-ready $@

$(VENV)/check-ready: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable '.[postgresql]' --group test --group check
	touch $(VENV)/demo-ready $(VENV)/test-ready $@
