# Every target sets up what it needs; only Python 3.11 or newer and make are taken for granted.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: dashboard test test-slow test-notebooks test-spark coverage mutants lab check docs screenshots example-release real-release

dashboard: $(READY)
	$(BIN)/hyte dashboard

test: $(READY)
	$(BIN)/python -m pytest -m "not slow and not browser and not notebook" -n 2 --dist loadfile
	$(BIN)/python -m pytest -m "browser and not slow" -n 2 --dist loadfile tests/browser

test-slow: $(READY)
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -m slow

test-notebooks: $(READY)
	$(BIN)/python -m pytest -m notebook -n 2 tests/test_notebooks.py

# Needs Java; adds the spark extra to the environment.
test-spark: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[test,spark]'
	$(BIN)/python -m pytest -m "spark and not slow" tests/sources/microdata

# Branches of the statistics that their own tests reach: at least 95 % of each package (tests/branches.py).
coverage: $(READY)
	$(BIN)/python -m pytest -q -m "not slow and not browser and not notebook" -n 2 --dist loadfile --cov-branch \
	  --cov=hyteanalysis.inequality --cov=hyteanalysis.actions --cov=hyteanalysis.disclosure --cov=hyteanalysis.plan \
	  --cov=hyteanalysis.rates --cov-report=term-missing:skip-covered --cov-report=json:build/coverage.json \
	  tests/inequality tests/actions tests/disclosure tests/plan tests/test_measures_common.py tests/test_adjusted.py \
	  tests/test_rates*.py
	$(BIN)/python tests/branches.py build/coverage.json inequality actions disclosure plan rates

# Slips put into a copy of the package, each with the tests that should notice (tests/mutants.yml).
mutants: $(READY)
	$(BIN)/python tests/mutants.py

lab: $(READY)
	$(BIN)/hyte lab

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The documentation site, into site/; a broken link or reference fails it.
docs: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Full-page pictures of every page in three languages, into screenshots/ (not committed).
screenshots: $(READY)
	PYTHONPATH=tests $(BIN)/python tests/browser/screenshots.py

# The committed example release, made anew from the seed.
example-release: $(READY)
	rm -rf build/example
	$(BIN)/hyte example build/example
	$(BIN)/hyte release build/example/cells.parquet --policy thl --synthetic -o data/releases/example

# The committed release of official figures, made anew from data/facts; data/facts/make.py makes the facts too.
real-release: $(READY)
	$(BIN)/python data/facts/make.py release data/releases/real

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[test]'
	touch $@
