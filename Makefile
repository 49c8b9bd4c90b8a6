# Two commands do everything on a fresh machine: `make demo` and `make test`. They need python3.11, make, gcc and the
# package registries. All else is for people who work on Clearslate.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR := $(if $(CLEARSLATE_HOME),$(CLEARSLATE_HOME),var)
DEMO := var/demo

export DAGSTER_DISABLE_TELEMETRY := yes
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.PHONY: docs setup demo test check ui bench bench-law fuzz fuzz-court differential mutants ui-test court-demo bench-court clean

setup: $(VENV)/ready

$(VENV)/ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: setup
	rm -rf $(DEMO)
	mkdir -p $(DEMO)
	$(BIN)/clearslate synth --rows 100000 --seed 64 --out $(DEMO)/extract.csv
	$(BIN)/clearslate inspect $(DEMO)/extract.csv
	$(BIN)/clearslate run $(DEMO)/extract.csv --home $(DEMO)/home --as-of 2025-01-15 --data-through 2024-12-31 \
		--policy tests/data/sacramento_example/options.json --review full
	@echo
	@echo "A county's files:"
	@ls -l $(DEMO)/home/review/sacramento/ $(DEMO)/home/court/sacramento/*/

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy clearslate assets expectations pipelines
	$(BIN)/sqlfluff lint sql --processes 2
	$(BIN)/dagster definitions validate -w workspace.yaml

docs: setup
	$(BIN)/python -m clearslate.law.book > docs/law.md

ui: setup
	DAGSTER_HOME=$$($(BIN)/python -c "from clearslate.home import Home; print(Home.find('$(HOME_DIR)').prepare_dagster())") \
		CLEARSLATE_HOME=$(abspath $(HOME_DIR)) $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

bench: setup
	$(BIN)/python benchmarks/run.py

bench-law: setup
	$(BIN)/python benchmarks/law.py

fuzz: setup
	CLEARSLATE_FUZZ=200 CLEARSLATE_PROMISES=8000 $(BIN)/python -m pytest tests/property

fuzz-court: setup
	CLEARSLATE_FUZZ=5000 $(BIN)/python -m pytest -n 2 tests/unit/acknowledgement/test_parsing.py tests/unit/sheets/test_hostile.py \
		tests/unit/ledger/test_ledger_history.py

differential: setup
	CLEARSLATE_DIFFERENTIAL=100000 $(BIN)/python -m pytest tests/differential

mutants: setup
	CLEARSLATE_MUTANTS=1 $(BIN)/python -m pytest tests/mutants

# Los Angeles in 2020 against a simulated court: 20 minutes on two cores. Smaller: make court-demo CLEARSLATE_COURT_DEMO=60000
court-demo: setup
	$(BIN)/python -m tests.court_demo

bench-court: setup
	$(BIN)/python benchmarks/court.py
	$(BIN)/python benchmarks/acknowledgements.py
	$(BIN)/python benchmarks/reconcile.py

ui-test: setup
	CLEARSLATE_BROWSER=1 $(BIN)/python -m pytest tests/browser -m browser

# Not var: without --home or CLEARSLATE_HOME it is the home, and its ledger can't be made again.
clean:
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .hypothesis *.egg-info
