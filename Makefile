# bucketlist: what there is to do here. “make” alone lists it.
#
# Python is looked for; PYTHON names another: make test PYTHON=python3.12
# Settings come from the environment, a .env file or the command line: make run PORT=9000

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    if $$python -c '$(IS_NEW_ENOUGH)' 2>/dev/null; then echo $$python; break; fi; done)
VENV ?= .venv
endif
# A Python that was named has an environment of its own, so that versions never mix.
version := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
VENV ?= .venv-$(version)
BIN := $(VENV)/bin
JOBS ?= 3

export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := -m pip install --quiet --quiet --no-input
SDISTS := yattag
# A lock is complete: nothing is resolved, and what has no wheel is built with what is locked as well, so that what an
# index offers that day changes nothing.
define install_locked # python, locks
"$(1)" $(PIP) --no-deps --only-binary :all: --no-binary $(SDISTS) --no-build-isolation --use-pep517 --require-hashes \
    $(addprefix --requirement ,$(2))
missing=$$("$(1)" -m pip check) || { echo "$$missing" >&2; exit 1; }
endef

.PHONY: help run test test-busy test-servers test-power test-kills test-restarts test-failover test-web test-budgets screenshots check format check-format check-lint check-types check-imports check-document \
    check-badges check-contract fuzz mutants threats openapi migration translations badges release lock audit sbom clean

help: ## list what there is to do
	@awk -F ' *## *' '/^[a-z-]+:.*## / { sub(/:.*/, "", $$1); printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- virtual environments --------------------------------------------------------------------------------------------

$(VENV)/.python-$(version):
	@if ! "$(PYTHON)" -c '$(IS_NEW_ENOUGH)' 2>/dev/null; then \
	    echo "bucketlist takes Python 3.11 or newer, and found none$(if $(PYTHON), in $(PYTHON))." \
	        "Install one, or name it: make $(or $(firstword $(MAKECMDGOALS)),run) PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	fi
	@if [ "$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" != "$(version)" ]; then \
	    echo "Making $(VENV) with Python $(version) …"; \
	    rm -rf "$(VENV)"; \
	    "$(PYTHON)" -m venv "$(VENV)" || { \
	        rm -rf "$(VENV)"; echo "Python's venv module is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }; \
	fi
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt | $(VENV)/.python-$(version)
	@echo "Installing what bucketlist needs …"
	@$(call install_locked,$(BIN)/python,requirements/runtime.txt requirements/build.txt)
	@touch $@

$(VENV)/.package: pyproject.toml | $(VENV)/.runtime
	@echo "Installing bucketlist itself, as it stands here …"
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime | $(VENV)/.package
	@echo "Installing what the tests and checks need …"
	@$(call install_locked,$(BIN)/python,requirements/dev.txt)
	@touch $@

# Tools that must not meet bucketlist's own packages have an environment each.
.cache/%-$(version)/.ready: requirements/%.txt requirements/build.txt | $(VENV)/.python-$(version)
	@echo "Installing what requirements/$*.txt lists …"
	@rm -rf $(@D)
	@$(BIN)/python -m venv $(@D)
	@$(if $(filter mutants,$*),$(call install_locked,$(@D)/bin/python,requirements/build.txt))
	@$(call install_locked,$(@D)/bin/python,$<)
	@touch $@

contract/node_modules/.ready: contract/package.json contract/package-lock.json
	@echo "Installing the contract's linters and TypeScript …"
	@command -v npm >/dev/null || { echo "make check-contract takes Node.js 20 or newer, with npm." >&2; exit 1; }
	@npm ci --prefix contract --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# --- server: to run it -----------------------------------------------------------------------------------------------

run: $(VENV)/.package ## set up, migrate the database, serve http://127.0.0.1:8000
	@echo "Bringing the database up to date …"
	@$(BIN)/python -m bucketlist db upgrade
	@exec $(BIN)/python -m bucketlist serve

# --- development, tests and checks: to change it ---------------------------------------------------------------------

# Bytecode is kept whatever the environment says: to make that of the tests takes every process ten seconds.
test test-busy test-servers: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.dev ## set up, run all tests on SQLite and PostgreSQL, with at least 97 % coverage
	@mkdir -p build
	@echo "Running all tests on SQLite and PostgreSQL …"
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder --junit-xml build/tests.xml \
	    --cov --cov-report term --cov-report json

test-web: $(VENV)/.dev ## tests of the web app and of the documentation in a browser, accessibility in all variants, then under a path
	@VARIANTS=all $(BIN)/python -m pytest --quiet --no-cov --numprocesses $(JOBS) --dist loadfile tests/web tests/docs
	@UNDER=/bucketlist $(BIN)/python -m pytest --quiet --no-cov --numprocesses $(JOBS) --dist loadfile -m slow \
	    tests/web --ignore tests/web/test_smoke.py

test-budgets: $(VENV)/.dev ## performance budgets of pages: bytes, requests, LCP, CLS, INP on a slowed-down browser; fails where one is missed
	@$(BIN)/python -m tests.web.budgets

screenshots: $(VENV)/.dev ## a screenshot of each page of a dummy life, in build/screenshots; KIND=readme those of the README
	@$(BIN)/python -m tests.web.screenshots $(KIND)

RUNS ?= 5

test-busy: $(VENV)/.dev ## stress test for flaky tests: RUNS=5 times, while all cores are busy otherwise; TESTS=tests/auth
	@$(BIN)/python -m tests.busy $(RUNS) --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder --cov --cov-report= \
	    --cov-fail-under=0 $(TESTS)

test-servers: $(VENV)/.dev ## load balancing: all tests that ask the API, each request to one of two servers on one PostgreSQL; SEED=1
	@SERVERS=2 $(BIN)/python -m pytest --quiet -rfE --no-cov --numprocesses $(JOBS) --dist loadfile $(TESTS)

CUTS ?= 50

test-power: $(VENV)/.dev ## crash recovery: cut the power 50 times, kill everything and upgrades as often, mistreat databases
	@CUTS=$(CUTS) $(BIN)/python -m pytest --quiet tests/power tests/faults tests/migrations/test_kill_upgrades.py

KILLS ?= 50

test-kills: $(VENV)/.dev ## crash recovery of uploads and trash: kill -9 of the server 50 times during each, on both databases
	@KILLS=$(KILLS) $(BIN)/python -m pytest --no-cov --quiet tests/serving/test_kill_uploads.py tests/serving/test_kill_the_trash.py

test-restarts: $(VENV)/.dev ## zero-downtime restarts: a hundred under load, behind nginx and behind Caddy at once
	@RESTARTS=100 $(BIN)/python -m pytest --no-cov --capture no tests/deploy/test_restart.py

FAILOVERS ?= 20

test-failover: $(VENV)/.dev ## failover: kill a PostgreSQL primary 20 times under load, and promote its standby each time
	@FAILOVERS=$(FAILOVERS) $(BIN)/python -m pytest --no-cov --quiet tests/faults/test_fail_over.py

check: check-format check-lint check-types check-imports check-document check-badges check-commits ## format, lint, types, imports, openapi.json, badges, commit messages

check-format: $(VENV)/.dev
	@$(BIN)/python -m ruff format --check

check-lint: $(VENV)/.dev
	@$(BIN)/python -m ruff check

check-types: $(VENV)/.dev
	@$(BIN)/python -m mypy

check-imports: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/imports

check-document: $(VENV)/.package
	@mkdir -p build
	@APP_SETTING=testing DATA_DIR=build/data $(BIN)/python -m bucketlist openapi > build/openapi.json
	@cmp -s build/openapi.json openapi.json || { echo "openapi.json is not what the code makes: make openapi" >&2; exit 1; }
	@echo "openapi.json is what the code makes"

check-badges: $(VENV)/.dev
	@$(BIN)/python -m badges --check

check-commits: $(VENV)/.python-$(version)
	@$(BIN)/python deploy/commits.py

format: $(VENV)/.dev ## format code: layout, imports, what ruff can mend
	@$(BIN)/python -m ruff check --fix --exit-zero --quiet
	@$(BIN)/python -m ruff format

check-contract: $(VENV)/.dev .cache/contract-$(version)/.ready contract/node_modules/.ready ## contract tests: real clients and linters against real servers
	@$(BIN)/python -m contract --schemathesis .cache/contract-$(version)/bin/schemathesis

fuzz: $(VENV)/.dev .cache/contract-$(version)/.ready ## fuzzing: make up requests on both databases; FOR=3600 (seconds) SEED=1
	@$(BIN)/python -m contract --schemathesis .cache/contract-$(version)/bin/schemathesis \
	    --seconds $(or $(FOR),3600) --seed $(or $(SEED),1)

mutants: $(VENV)/.dev .cache/mutants-$(version)/.ready ## mutation testing of the kit, the rooms about people and what compares owners: do tests notice? (an hour)
	@.cache/mutants-$(version)/bin/python -W ignore -m mutants --python $(BIN)/python --jobs $(JOBS) $(MUTANTS)

threats: $(VENV)/.dev ## the threat model: list the tests of each row of handbook/security.md, in build/threats.md
	@mkdir -p build
	@$(BIN)/python -m tests.threats > build/threats.md

openapi: $(VENV)/.package ## write openapi.json
	@APP_SETTING=testing DATA_DIR=build/data $(BIN)/python -m bucketlist openapi > openapi.json

migration: $(VENV)/.dev ## write the next migration, of what models/ has and it lacks; NAME="places of items"
	@file=$$($(BIN)/python -W ignore -m bucketlist.migrations "$(NAME)" | tail -n 1); \
	    $(BIN)/python -m ruff format --quiet "$$file"; echo "$$file"

translations: $(VENV)/.package ## bring the translations up to date with the texts, and tell what waits for words; NEW=fr begins French
	@$(BIN)/python deploy/translations.py $(NEW)

badges: $(VENV)/.dev ## draw the badges from what “make test” and “make check-contract” measured last
	@$(BIN)/python -m badges

release: $(VENV)/.dev ## a release: VERSION=1.2.0, changelog with its date, wheel and sdist in dist/, a tag; nothing is pushed
	@$(BIN)/python deploy/release.py $(VERSION)

# --- supply chain: what it is made of --------------------------------------------------------------------------------

TOOLS := .cache/tools-$(version)/bin
COMPILE = $(TOOLS)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

lock: .cache/tools-$(version)/.ready ## lock files: write requirements/*.txt; UPGRADE=1 takes the newest versions
	@$(COMPILE) pyproject.toml --output-file requirements/runtime.txt
	@$(COMPILE) --group build --output-file requirements/build.txt
	@$(COMPILE) pyproject.toml --group dev --constraint requirements/runtime.txt --constraint requirements/build.txt \
	    --output-file requirements/dev.txt
	@$(COMPILE) --group contract --output-file requirements/contract.txt
	@$(COMPILE) --group mutants --output-file requirements/mutants.txt
	@$(COMPILE) --group tools --output-file requirements/tools.txt
	@$(COMPILE) bench/requirements.in pyproject.toml --constraint requirements/runtime.txt \
	    --constraint requirements/dev.txt --output-file bench/requirements.txt

audit_log := build/audit.log

audit: .cache/tools-$(version)/.ready ## audit dependencies: look for known flaws in the locked packages, and fail when nobody can be asked
	@mkdir -p $(dir $(audit_log))
	@if $(TOOLS)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes \
	    --requirement requirements/runtime.txt --requirement requirements/dev.txt > $(audit_log) 2>&1; \
	then echo "No known flaws in the locked packages"; \
	elif grep -q "^Found " $(audit_log); then cat $(audit_log) >&2; exit 1; \
	else tail -n 1 $(audit_log) >&2; \
	    echo "Nothing was audited: who knows of flaws could not be asked from here." >&2; exit 1; fi

sbom: .cache/tools-$(version)/.ready ## software bill of materials (SBOM) with hashes, in build/sbom.json (CycloneDX)
	@mkdir -p build
	@$(TOOLS)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements/runtime.txt \
	    --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json

clean: ## remove all that was made here, but never data/
	@rm -rf .venv .venv-* .cache build dist contract/node_modules contract/generated .mypy_cache .ruff_cache \
	    .pytest_cache .hypothesis .schemathesis .coverage .coverage.* ./*.egg-info bench/.venv bench/.cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

-include bench/Makefile.part
