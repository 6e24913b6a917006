# What people do with a checkout. Needs Python >= 3.11, make and a package index; everything else goes into .venv.
#   make demo    the sample company, its nightly flow and the report, in demo/
#   make test    the tests (the long proofs are in `make prove`)
#   make check   style, types, import directions, SQL
#   make bench   speed against the alternatives
#   make prove   the long proofs
# PYTHON=python3.12 chooses the interpreter, TESTS=tests/house a part of the tests, DEMO='--persons 500' demo options.

PYTHON ?= python3
VENV ?= .venv
TESTS ?= tests
DEMO ?=
BIN := $(VENV)/bin

.PHONY: demo test check bench prove clean
.DEFAULT_GOAL := test

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "journeys needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" -V 2>/dev/null || echo not to be found)." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -m venv "$(VENV)" || { rm -rf "$(VENV)"; \
	  echo "No virtual environment could be made (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }

# The stamps are older than pyproject.toml or constraints.txt when something has to be installed again.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing into $(VENV) ..."
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch "$@"

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing into $(VENV) ..."
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch "$(VENV)/.installed" "$@"

demo: $(VENV)/.installed
	"$(BIN)/journeys" demo --dir demo $(DEMO)

test: $(VENV)/.installed-dev
	"$(BIN)/python" -m pytest --numprocesses 2 --dist loadfile $(TESTS)

prove: $(VENV)/.installed-dev
	"$(BIN)/python" -m pytest --numprocesses 2 -m prove --hypothesis-profile=prove $(TESTS)

check: $(VENV)/.installed-dev
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports" --no-logo
	"$(BIN)/python" -m journeys.warehouse.lint sql
	"$(BIN)/python" -m pytest -q tests/house/test_files.py

bench: $(VENV)/.installed-dev
	@for file in $$(grep -l __main__ benchmarks/*.py); do \
	  case "$$file" in benchmarks/context_peers.py) ;; *) echo "== $$file"; "$(BIN)/python" "$$file" || exit 1;; esac; done

clean:
	rm -rf "$(VENV)" demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
