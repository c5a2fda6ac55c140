# Everything lives inside the checkout: .venv is made from the hash-pinned locks by uv. `make help` lists the targets.
PY ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev services demo serve page check test soak bench bench-peers shape lock format

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/uv: requirements-uv.lock
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Headway needs Python 3.11 or newer; say which with: make PY=/path/to/python3" >&2; exit 1; }
	$(PY) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

.venv/.run: $(BIN)/uv requirements.lock pyproject.toml
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

PAGE := $(shell find web -path web/node_modules -prune -o -type f -print)

.venv/.page: .venv/.run requirements-node.lock $(PAGE)
	@$(BIN)/python web/build.py --or-say-why
	@touch $@

page: .venv/.run ## build the page (setup does it too)
	$(BIN)/python web/build.py --check

setup: .venv/.run .venv/.page ## make .venv from the locks and install headway into it
setup-dev: .venv/.dev .venv/.page ## the same, with the tools that checks and tests need

services: setup-dev # what tests need beside Python: installed as root on Debian, named otherwise
	$(BIN)/python tools/ensure_services.py

demo: setup ## show it: a server on 127.0.0.1:9998 with real work, until Ctrl-C
	@$(BIN)/headway demo $(ARGS)

serve: setup ## start a server on 127.0.0.1:9998
	@$(BIN)/headway serve $(ARGS)

format: setup-dev ## lay out the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: setup-dev ## what needs no running: layout, lint, types, walls, generated pages
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python tools/shape.py --check
	$(BIN)/python tools/cli_reference.py --check
	$(BIN)/python web/build.py --check

# as many as `auto` says in tests/side_by_side.py; 0: one after the other, in one process
WORKERS ?= auto

# Compiled once, whatever the shell says of that: the hundreds of programs that tests start would else each do it anew.
test soak: export PYTHONDONTWRITEBYTECODE :=

test: services ## all tests, several at once (WORKERS=N); fault tests at a twentieth of their full counts
	$(BIN)/python web/build.py --test
	$(BIN)/python -m compileall -q src
	$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations 25 $(ARGS)

soak: services ## all properties with ten times the examples, other ones each time; then the fault tests at full counts (hours)
	HEADWAY_SOAK=1 $(BIN)/pytest -m hypothesis -n $(WORKERS) tests $(ARGS)
	HEADWAY_SOAK=1 $(BIN)/pytest -s -m "not hypothesis" tests/faults tests/contract tests/executors $(ARGS)

bench: setup-dev ## measure, each figure beside a limit probed in the same minute
	$(BIN)/python -m bench $(ARGS)

.cache/peers/.made: $(BIN)/uv bench/peers/requirements.lock
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .cache/peers
	$(BIN)/uv pip install --quiet --python .cache/peers/bin/python --require-hashes -r bench/peers/requirements.lock
	@touch $@

bench-peers: setup-dev .cache/peers/.made ## functions beside dramatiq, huey, Celery and ipyparallel, in an environment of their own
	$(BIN)/python -m bench.peers .cache/peers/bin/python $(ARGS)

shape: setup-dev ## the code's shape beside the budgets of well-kept projects: a mirror, not a gate
	$(BIN)/python tools/measure.py src/headway tests

lock: $(BIN)/uv ## write the locks anew from pyproject.toml
	$(COMPILE) -o requirements-uv.lock requirements-uv.in
	$(COMPILE) -o requirements-node.lock requirements-node.in
	$(COMPILE) -o bench/peers/requirements.lock bench/peers/requirements.in
	printf 'hatchling\neditables\n' | $(COMPILE) --extra aio --extra functions --extra tqdm -o requirements.lock pyproject.toml -
	$(COMPILE) --all-extras --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
