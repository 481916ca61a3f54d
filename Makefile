# Needs git, make and Python 3.10 or newer with venv; everything else is set up in .venv.
# `make PYTHON=python3.12 TARGET` uses another interpreter.

PYTHON ?= python3
BIN := .venv/bin
ACTIONS := action.yml gate/action.yml
WORKFLOWS := .github/workflows/*.yml tests/action/workflows/*.yml \
	examples/monorepo/.github/workflows/*.yml

.DEFAULT_GOAL := help
.PHONY: help set-up demo test test-thorough goldens lint style types layers workflows \
	format package check lock bench bench-clones bench-no-checkout bench-checks bench-workflows \
	bench-install compare clean

help:  ## what can be made
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / {printf "%-19s%s\n", $$1, $$2}' Makefile

set-up:
	@$(PYTHON) requirements/set_up.py

demo: set-up  ## which parts of CI a real commit of an example repository wakes, and why
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: set-up  ## all tests
	$(BIN)/python -m pytest -n 3 $(ARGS)

test-thorough: set-up  ## all tests, the random ones with many more examples
	$(BIN)/python -m pytest -n 2 --thorough $(ARGS)

goldens: set-up  ## write the expected outputs of the tests anew
	$(BIN)/python -m pytest --goldens $(ARGS)

lint: style types layers workflows  ## everything that reads the code without running it

style: set-up
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: set-up
	$(BIN)/mypy

layers: set-up
	$(BIN)/lint-imports --no-logo

workflows: set-up
	$(BIN)/zizmor --offline --no-progress $(ACTIONS) $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)

format: set-up  ## rewrite the code as `make lint` wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

package: set-up  ## build wheel and sdist, and run the demo from the wheel alone
	sh requirements/package.sh $(BIN)/python

check: lint package demo test  ## all that CI runs

lock: set-up  ## solve the lock files in requirements/ anew; ARGS=--upgrade for newer versions
	sh requirements/lock.sh $(BIN) $(ARGS)

bench: set-up  ## matching, start-up and growth, beside other tools; some minutes
	$(BIN)/python -m benchmarks.run $(ARGS)

bench-clones: set-up  ## what is fetched in every kind of clone, beside git by hand
	$(BIN)/python -m benchmarks.clones $(ARGS)

bench-no-checkout: set-up  ## without a checkout of 1 GB, beside with it
	$(BIN)/python -m benchmarks.no_checkout $(ARGS)

bench-checks: set-up  ## `impact check` beyond its start-up, for many rules and many files
	$(BIN)/python -m benchmarks.checks $(ARGS)

bench-workflows: set-up  ## `impact check` on workflows, beside the same without them
	$(BIN)/python -m benchmarks.workflows $(ARGS)

bench-install: set-up  ## the step of the action beside the detection alone, cold and warm
	$(BIN)/python -m benchmarks.install $(ARGS)

compare: set-up  ## read the workflows of the repositories in ARGS here and as GitHub does
	$(BIN)/python -m benchmarks.parity $(ARGS)

clean:  ## remove what can be made again
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
