# `make demo` and `make test` are all a newcomer needs: they install what they use into .venv first.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Matrix products of several processes at once do not share the cores by themselves.
export OPENBLAS_NUM_THREADS ?= 1
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help demo test check bench docs lock format clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## models, a table of who is let in, then the server on http://localhost:8000
	$(BIN)/countersign demo

test: $(VENV)/.dev ## the whole test suite, on real models
	@sh scripts/test_packages.sh
	$(BIN)/countersign models pull
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/.dev ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## write the format, fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.runtime ## time every stage on this machine
	$(BIN)/countersign bench

docs: $(VENV)/.dev ## rewrite the generated reference pages
	$(BIN)/python scripts/generate_reference.py

lock: $(VENV)/.dev ## resolve the pinned requirements anew
	$(LOCK) pyproject.toml --extra client --extra demo --extra mongodb --extra server -o requirements/runtime.txt
	$(LOCK) --group build -o requirements/build.txt
	$(LOCK) pyproject.toml --extra client --extra demo --extra mongodb --extra server --group dev -c requirements/runtime.txt -o requirements/dev.txt

clean: ## remove the environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Countersign needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)

# The build backend is pinned in the same file, so nothing is fetched that is not in the lock.
$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@
