# `make compare` and `make test` set everything up by themselves; they need python3 >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: compare test lint audit bench fuzz clean lock

compare: $(VENV)/run.stamp
	$(BIN)/webdyno compare $(ARGS)

# What is timed needs the machine for itself, and what is paced a quiet one; all else is tested side by side. Where few
# files have what is run, only those are looked at.
MARKED = $$(grep -rl --include='test_*.py' 'mark\.$(1)' tests)
test: $(VENV)/dev.stamp
ifeq ($(ARGS),)
	$(BIN)/pytest -n 3 --dist loadfile -m "not paced and not timed"
	$(BIN)/pytest -n 4 --dist worksteal -m "paced and not timed" $(call MARKED,paced)
	$(BIN)/pytest -m timed $(call MARKED,timed)
else
	$(BIN)/pytest $(ARGS)
endif

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Known vulnerabilities of what the lock files name; where their database cannot be reached it says so.
audit: $(VENV)/dev.stamp
	$(BIN)/python requirements/audit.py

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks $(ARGS)

$(VENV)/bin/uv: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "webdyno needs Python 3.11 or newer; say which one with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/run.stamp: requirements/run.txt pyproject.toml $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# Resolve the newest versions anew and write them down with their hashes.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade
lock: $(VENV)/bin/uv
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) src/webdyno/services/requirements.in src/webdyno/services/*/requirements.in -o src/webdyno/services/requirements.txt

fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m tests.fuzz $(ARGS)

clean:
	rm -rf $(VENV) .webdyno report.html .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -exec rm -rf {} +
