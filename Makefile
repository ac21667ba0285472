# Two commands: `make book` builds the book, `make test` proves the course. `make help` lists all.
SHELL := bash
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
CH ?= 01
PROFILE ?= full
SEEDS ?= 0-4
BIN := $(VENV)/bin
READY := $(VENV)/.coursekit-ready
QUICK := COURSEKIT_PROFILE=quick OMP_NUM_THREADS=1 TQDM_DISABLE=1

# conda has chosen its versions from environment.yml; everywhere else they are the tested ones.
PINS := $(if $(wildcard $(VENV)/conda-meta),,--constraint constraints.txt)

# $(call or_say,what to do): stop with a line of advice when the command before it failed.
or_say = || { printf '\n*** %s\n' "$(1)"; exit 1; }

.PHONY: help environment book test lint test-unit coverage test-notebooks test-book run spread bench clean

help:
	@echo "make book                        build the HTML book from stored outputs (1 min)"
	@echo "make test                        lint, unit tests, notebooks in quick, book, pages (12 to 18 min)"
	@echo "     test-unit, test-notebooks, test-book    one part of it"
	@echo "make coverage                    unit tests, and the lines that none of them reaches (a quarter longer)"
	@echo "make lint                        names, imports and layout of the Python files (seconds)"
	@echo "make run CH=01 PROFILE=full      run a chapter and store its outputs (3 to 8 min)"
	@echo "make spread CH=01 SEEDS=0-9       its numbers and claims over these seeds"
	@echo "make bench                       speed of training, models and grading against peers (25 min)"
	@echo "make clean                       remove the built book and caches"
	@echo "The environment (.venv) is made when it is missing or out of date (3 to 10 min)."
	@echo "PYTHON=python3.12 names another Python, VENV=folder another environment."

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  $(call or_say,Python 3.11 to 3.13 is needed. Install one and name it: make PYTHON=python3.12)
	@echo "== Environment in $(VENV): downloading about 1 GB the first time. 3 to 10 minutes."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  $(call or_say,Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    $(PINS) --editable ".[book,test]" \
	  $(call or_say,The installation stopped. Check the connection to your package index and the free disk space and run the command again.)
	@touch $@

environment: $(READY)

book: $(READY)
	@echo "== Book: building the pages from stored outputs. 1 minute."
	@rm -rf _build
	@$(BIN)/jupyter-book build --all -W -n --keep-going . \
	  $(call or_say,The book has warnings; each names its file and line above. Mend them and run make book again.)
	@echo "The book is ready. Open $(CURDIR)/_build/html/index.html"

test: $(READY)
	@$(MAKE) lint
	@$(MAKE) test-unit
	@$(MAKE) test-notebooks
	@$(MAKE) test-book
	@echo "All parts passed: lint, unit tests, notebooks in quick, book, built pages."

lint: $(READY)
	@echo "== Lint: names, imports and layout of the Python files. Seconds."
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . \
	  $(call or_say,Most of it mends itself: $(BIN)/ruff check --fix . && $(BIN)/ruff format .)

test-unit: $(READY)
	@echo "== Unit tests of coursekit, coursetools and the rules for notebooks. 6 to 10 minutes."
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest coursekit coursetools tests --ignore=tests/book -q \
	    -n 2 --dist loadfile --no-loadscope-reorder --durations=5 $(COVERAGE) \
	  $(call or_say,A unit test failed. Run it alone: $(BIN)/python -m pytest FILE::TEST)

coverage: COVERAGE = --cov=coursekit --cov=coursetools --cov-report=term:skip-covered
coverage: test-unit

test-notebooks: $(READY)
	@echo "== Notebooks in the quick profile under nbval. 1 to 2 minutes."
	@$(QUICK) $(BIN)/python -m pytest --nbval-lax --ignore-glob='*.py' \
	    notebooks book/data.ipynb -n 2 --dist loadscope -q \
	  $(call or_say,A cell failed or a checked output changed. Open the notebook in Jupyter with COURSEKIT_PROFILE=quick; after a wanted change store its outputs: make run CH=01)

test-book: $(READY)
	@$(MAKE) book
	@echo "== Built pages: links, anchors, alt texts, browser. 1 minute."
	@$(BIN)/python -m pytest tests/book -n 2 -q \
	  $(call or_say,A built page is wrong; the test names it. Look at it under _build/html)

run: $(READY)
	@$(BIN)/python -m coursetools run $(CH) --profile $(PROFILE)

spread: $(READY)
	@$(BIN)/python -m coursetools spread $(CH) --profile $(PROFILE) --seeds $(SEEDS)

bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    $(PINS) --editable ".[bench]" \
	  $(call or_say,The packages to compare with could not be installed.)
	@for name in training models realism grading soak; do \
	  echo "== benchmarks/$$name.py"; $(BIN)/python benchmarks/$$name.py || exit 1; done

clean:
	rm -rf _build .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -r {} +
