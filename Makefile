# `make` lists what there is. Every target sets up what it needs, once.
PYTHON ?= python3
RUN := .venv/bin/python
COUNT ?= 20000
ZIG := ziglang==0.17.1
CHAOS := $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) \
	$(if $(HOSTS),--hosts $(HOSTS)) $(if $(RATE),--rate $(RATE)) $(if $(CALM),--calm $(CALM)) $(if $(KILLS),--kills $(KILLS))
DEMO := $(if $(FILE),--file "$(FILE)" --contract "$(CONTRACT)" $(if $(DROP),--drop),--count $(COUNT))

.DEFAULT_GOAL := help
.PHONY: help setup demo check test chaos fuzz bench lint wheel package up down drop status

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the virtual environment, install pinned packages, Azurite and Spark's jars
	@$(PYTHON) local/setup.py

demo: setup ## Run the main job on a stack of its own  [FILE=... CONTRACT=... [DROP=1]] [COUNT=20000]
	@$(RUN) -m local demo $(DEMO)

# What a contributor runs before a commit: under a minute.
check: setup ## Check style, types and contracts, and run the unit tests quickly
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -m ops contracts
	@$(RUN) -m pytest tests/unit --quiet --hypothesis-profile=quick

# Tests mostly wait, so two processes share them, file by file; the long files come first.
test: setup ## Run every test
	@$(RUN) -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

chaos: setup ## Break everything at once, and account for every event  [SEED=n] [MINUTES=5] [HOSTS=3] [RATE=1000] [CALM=1] [KILLS=n]
	@$(RUN) -m chaos $(CHAOS)

bench: setup ## Measure speed beside other ways, and write docs/benchmarks.md  [QUICK=1] [ONLY=a,b]
	@$(RUN) -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

fuzz: setup ## Hold the two cores against each other, and the native one against any bytes  [MINUTES=60] [SEED=n]
	@if command -v cargo > /dev/null; then cd native && \
		LANDFALL_FUZZED_BODIES=1000000 cargo test --quiet --profile fuzz --no-default-features; fi
	@$(RUN) -m fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

lint: setup ## Check style, types, contracts and the bundle
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@if command -v cargo-fmt > /dev/null && command -v cargo-clippy > /dev/null; then cd native && \
		cargo fmt --check && cargo clippy --quiet --all-targets -- --deny warnings; fi
	@$(RUN) -m ops contracts
	@$(RUN) -m ops bundle

wheel: setup ## Build the wheel that the jobs import, into dist/
	@rm -f dist/landfall-*.whl
	@$(RUN) -m pip wheel --quiet --disable-pip-version-check --no-index --no-deps \
		--no-build-isolation --wheel-dir dist .

# Without zig the package is made too, and says what it lacks.
package: setup ## Make dist/app and its zip, for Azure: the app, and the native core for its Linux
	@if command -v cargo > /dev/null; then $(RUN) -m pip install --quiet --disable-pip-version-check $(ZIG) || true; fi
	@$(RUN) -m ops package

up: setup ## Start the local stack, and leave it running
	@$(RUN) -m local up

down: setup ## Stop the local stack
	@$(RUN) -m local down

drop: setup ## Put a file into the running stack's drop zone  FILE=... CONTRACT=...
	@$(RUN) -m local drop "$(FILE)" --contract "$(CONTRACT)"

status: setup ## Say what of the local stack runs, and where everything stands
	@$(RUN) -m local status
