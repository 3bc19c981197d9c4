# make demo, make test: everything is set up in .venv on the first call.
PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test test-all check static bench messages screenshots lock sbom clean ready
help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/demo-ready ## build the United States–Mexico workspace, print its assessment, serve its pages
	$(BIN)/confianza demo

test: $(VENV)/develop-ready ## library without Django, server on SQLite, what differs by database on PostgreSQL, pages in Chromium; PARTS="library" for some
	scripts/ensure.sh chromium
	scripts/ensure.sh nginx
	$(BIN)/python scripts/prove.py test $(PARTS)

test-all: $(VENV)/develop-ready ## everything at full length on both databases, fault programs, a smoke run of each benchmark (PARTS="faults-sqlite benchmarks" for some)
	scripts/ensure.sh chromium
	scripts/ensure.sh nginx
	scripts/ensure.sh lavaan
	$(BIN)/pip install --quiet --group peers
	$(BIN)/python scripts/prove.py test-all $(PARTS)

check: ## format, lint, types, import contracts and translations beside the tests
	.ci/run

static: $(VENV)/develop-ready ## what can be checked without running anything
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/djlint --check --quiet src/confianza/server/web/templates
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py --check

bench: $(VENV)/develop-ready ## benchmarks beside their peers
	scripts/ensure.sh lavaan
	$(BIN)/pip install --quiet --group peers
	$(BIN)/python -m benchmarks

messages: $(VENV)/develop-ready ## take new strings of the pages into the Spanish catalog and compile it
	$(BIN)/python scripts/messages.py

screenshots: $(VENV)/develop-ready ## take the pictures of docs/screenshots again
	scripts/ensure.sh chromium
	CONFIANZA_SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser

lock: $(VENV)/bin/pip ## write requirements/ from pyproject.toml (UPGRADE=--upgrade: with the newest releases)
	$(BIN)/pip install --quiet --group lock
	$(BIN)/python scripts/lock.py $(UPGRADE)

sbom: $(VENV)/develop-ready ## write dist/confianza.cdx.json, the bill of materials (CycloneDX) of what everybody installs
	$(BIN)/python scripts/sbom.py dist/confianza.cdx.json

clean: ## remove what was set up
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/pip:
	scripts/ensure.sh venv $(PYTHON) $(VENV)

# What is installed stands in requirements/ with hashes; pyproject.toml says what may be (scripts/lock.py).
LOCKED := $(BIN)/pip install --quiet --require-hashes --requirement
PACKAGE := $(BIN)/pip install --quiet --no-deps --build-constraint requirements/build.txt --editable .

$(VENV)/demo-ready: pyproject.toml requirements/run.txt requirements/build.txt | $(VENV)/bin/pip
	$(LOCKED) requirements/run.txt
	$(PACKAGE)
	touch $@

$(VENV)/develop-ready: pyproject.toml requirements/develop.txt requirements/build.txt | $(VENV)/bin/pip
	$(LOCKED) requirements/develop.txt
	$(PACKAGE)
	touch $(VENV)/demo-ready $@

ready: $(VENV)/develop-ready # for what runs beside each other: set up once, before
