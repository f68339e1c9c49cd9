# Two jobs: `make report` makes a period's reports, `make test` passes the tests. Both make the environment first.
PERIOD ?= 2024-Q4
DATA   ?= data/raw/sample
OUT    ?= outputs
ARGS   ?=
PYTHON ?= python3
BIN    := .venv/bin

.PHONY: report test test-look look check lab bench lock clean

report: .venv/.ready
	$(BIN)/chiso run "$(PERIOD)" --data "$(DATA)" --out "$(OUT)" $(ARGS)

test: .venv/.ready check
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-look: .venv/.ready  ## pages in Chromium, workbooks and the Word draft in LibreOffice
	@$(BIN)/python tests/look/programs.py
	@$(MAKE) --no-print-directory .venv/.look
	$(BIN)/python -m pytest tests/look -n 2 --dist loadgroup

look: .venv/.ready  ## pictures of the pages and sheets of a run, for a person to look at
	@$(BIN)/python tests/look/programs.py
	@$(MAKE) --no-print-directory .venv/.look
	$(BIN)/python tests/look/pictures.py "$(OUT)/$(PERIOD)" "$(OUT)/pictures/$(PERIOD)"

check: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: .venv/.ready
	$(BIN)/jupyter lab notebooks

bench: .venv/.ready
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/dask_engine.py
	$(BIN)/python benchmarks/grid.py --bodies 2 --periods 2024-Q3..2024-Q4 --cases 1000
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/survey.py
	$(BIN)/python benchmarks/scoring.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/forecast.py
	$(BIN)/python benchmarks/forecast.py --kind month
	$(BIN)/python benchmarks/figures.py

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên; chỉ rõ bằng: make report PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.look: requirements-look.lock .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-look.lock
	@touch $@

lock:  ## after a change of dependencies in pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --group pyproject.toml:look -c requirements.lock -o requirements-look.lock

clean:
	rm -rf .venv
