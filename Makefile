# Everything here needs Python 3.11 or newer, git, make and OpenSSH; the rest is fetched into $(VENV).
PYTHON ?= python3
VENV ?= .venv
# What `make test` runs: all of it, or the folders that are named. Four processes for two cores: many tests wait.
TESTS ?=

BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/.ready

# The runners of JavaScript that some tests run; without them those tests skip.
JAVASCRIPT := tests/proving/javascript

.PHONY: javascript help demo demo-bad test lint check lint-rules lint-format lint-types lint-layers

help:
	@echo "make demo      the life of a hotfix, on a real shop, in less than a minute"
	@echo "make demo-bad  a fix that breaks checkout: the canary catches it, one unit goes back"
	@echo "make test      the whole test suite"
	@echo "make lint      style, types and the direction of dependency"
	@echo "make check     lint, then test"

demo: $(READY)
	@PATH="$(BIN):$$PATH" $(BIN)/python examples/shop/demo.py

demo-bad: $(READY)
	@PATH="$(BIN):$$PATH" $(BIN)/python examples/shop/demo.py --bad

test: $(READY)
	@PATH="$(BIN):$$PATH" $(BIN)/python -m pytest -n 4 $(TESTS)

javascript:
	@cd $(JAVASCRIPT) && npm install --no-package-lock --no-audit --no-fund --loglevel=error

# Each linter speaks, even where an earlier one had something to say.
lint: $(READY)
	@$(MAKE) --no-print-directory --keep-going lint-rules lint-format lint-types lint-layers

lint-rules: $(READY)
	$(BIN)/ruff check .

lint-format: $(READY)
	$(BIN)/ruff format --check .

lint-types: $(READY)
	$(BIN)/mypy

lint-layers: $(READY)
	$(BIN)/lint-imports --no-logo

check:
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'hotfix needs Python 3.11 or newer, and $(PYTHON) is not: name one with  make PYTHON=python3.11' >&2; \
	  exit 1; }
	@echo "setting up $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
