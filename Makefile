# Everything a person or CI runs. Needs Python 3.11 or newer, make and pip; all else is installed
# into .venv, pinned by hash.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help setup demo serve test check fix bench wheel lock clean

help:
	@echo "make demo    run the main job on the two embedded inputs (results in demo-output/)"
	@echo "make serve   start the API with both demo studies on http://127.0.0.1:8000"
	@echo "make test    the whole test suite"
	@echo "make check   ruff, mypy, import contracts"
	@echo "make fix     format and mend what ruff can"
	@echo "make bench   whole-city runs and speed (needs LIVING_CIRCLE_TEST_DATA or ../shared/data)"
	@echo "make wheel   build the wheel and try it in a clean environment"
	@echo "make lock    resolve the pins anew (needs uv)"
	@echo "make clean   remove everything that was made"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements-demo.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements-demo.txt
	$(PIP) --require-hashes -r requirements-build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

setup: $(VENV)/.dev

demo: $(VENV)/.demo
	$(BIN)/living-circle demo --out demo-output

serve: $(VENV)/.demo
	@test -d demo-output/sample-district -a -d demo-output/helsinki || $(BIN)/living-circle demo --out demo-output
	$(BIN)/living-circle serve --studies demo-output

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not slow"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow tests --no-header -q -s

wheel: $(VENV)/.dev
	$(BIN)/python tests/wheel_smoke.py

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements.txt
	uv pip compile pyproject.toml --extra demo --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -c requirements.txt -o requirements-demo.txt
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -c requirements.txt -o requirements-dev.txt
	uv pip compile requirements-build.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -c requirements-dev.txt -o requirements-build.txt

clean:
	rm -rf $(VENV) build dist demo-output bench-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find analysis service tests -name __pycache__ -type d -prune -exec rm -rf {} +
