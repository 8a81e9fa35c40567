# The two commands of the README are `make demo` and `make test`; each prepares its own environment.
# Another interpreter: make test PYTHON=python3.13

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
TAG := $(shell $(PYTHON) -c 'import sys; print(sys.implementation.cache_tag)' 2>/dev/null)
VENV := .venv/$(TAG)
BIN := $(VENV)/bin
# Modules are compiled when they are first imported: few of those installed ever are.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile --editable
# Hundreds of processes of the tests would each compile all they import where this is set.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check-python lint types layers kernels docs pytest thorough mutants bench bench-peers boundaries network clean

demo: $(VENV)/.installed
	$(BIN)/unarmed-router demo --output build/demo.html

# Types and pages are checked side by side, each on one processor; tests take all there are. Kernels
# are compiled while pages are still made: the tests' processes would each compile them.
test: lint layers $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory -j2 types docs kernels
	@$(MAKE) --no-print-directory pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports --no-cache

kernels: $(VENV)/.installed-dev
	$(BIN)/unarmed-router warmup

# Several processes, four at most: each grows to over a gigabyte. WORKERS=0 is one, for a debugger.
WORKERS ?= auto

pytest: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses=4 --dist=worksteal $(ARGS)

# Every race and crash of the ledger in full: a thousand kills, every byte altered (some minutes).
thorough: $(VENV)/.installed-dev
	UNARMED_ROUTER_THOROUGH=1 $(BIN)/python -m pytest tests/races --durations=10 $(ARGS)

docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs

# Not part of `make test`: every mutant of dispatch against the tests that reach it.
mutants: $(VENV)/.installed-mutants
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mutmut run $(ARGS)
	$(BIN)/python -m tests.mutation.report docs/mutation.md

bench: $(VENV)/.installed-dev
	@mkdir -p build
	$(BIN)/python -m pytest benchmarks --benchmark-columns=median,iqr,rounds --benchmark-json=build/benchmarks.json $(ARGS)

PEERS := .venv/peers

bench-peers: $(PEERS)/.installed
	@mkdir -p build
	$(PEERS)/bin/python -m pytest benchmarks --benchmark-columns=median,iqr,rounds --benchmark-json=build/benchmarks.json $(ARGS)
	$(PEERS)/bin/python -m benchmarks.report build/benchmarks.json docs/benchmarks.md

$(PEERS)/.installed: pyproject.toml benchmarks/peers/requirements.txt benchmarks/peers/install.py | check-python
	@echo "Installing unarmed_router and its peers into $(PEERS) (some minutes, once)"
	$(PYTHON) benchmarks/peers/install.py
	@touch $@

# Rebuild the embedded data from the published files in boundaries/source; git diff shows any change.
DATA := src/unarmed_router/data/los_angeles

boundaries: $(VENV)/.installed
	$(BIN)/unarmed-router boundaries build boundaries/source/lapd_divisions_official.geojson.gz \
		--attributes boundaries/divisions.csv --output $(DATA)/divisions.geojson

network: $(VENV)/.installed
	$(BIN)/unarmed-router network build boundaries/source/la_planning_nodes.csv.gz \
		boundaries/source/la_planning_arcs.csv.gz \
		--metadata boundaries/source/la_planning_network.toml --output $(DATA)/roads.network

# The stamps hold the environment: they are made anew only when the requirements change.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing unarmed_router into $(VENV) (about a minute, once)"
	$(INSTALL) .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing unarmed_router and its test tools into $(VENV) (about two minutes, once)"
	$(INSTALL) '.[dev,docs]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-mutants: $(VENV)/.installed-dev
	$(INSTALL) '.[dev,docs,mutants]'
	@touch $@

$(VENV)/bin/python: | check-python
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "error: '$(PYTHON) -m venv' failed; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }

check-python:
	@test -n "$(TAG)" || { echo "error: Python 3.11 or newer not found; name one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than Python 3.11; name another with PYTHON=..." >&2; exit 1; }

clean:
	rm -rf .venv build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
