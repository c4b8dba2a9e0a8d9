# make setup | demo | test | test-postgres | check      (PYTHON=, PORT=, RESET=1)

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# A Python named by hand replaces the .venv of another one.
SETUP := $(PYTHON) .ci/setup.py $(if $(filter command% environment%,$(origin PYTHON)),--python-chosen)
# Whatever the shell is set to, these run on SQLite.
ON_SQLITE := env -u DATABASE_URL
IN_DEMO := env DEBUG=1 DEMO=1 DEMO_TODAY=2024-10-08 DATABASE_URL=sqlite:///$(CURDIR)/var/demo.sqlite3
# On as many cores as there are, up to four: each worker makes a database of its own, and what a
# file of tests makes once is made on one of them.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadfile
PACKAGES := unionplan members training targets

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-postgres test-browser screenshot lint check lock
.SILENT:

help:
	head -1 Makefile

setup:
	$(SETUP) requirements.lock

demo: setup
	mkdir -p var
	$(IN_DEMO) $(BIN)/python manage.py migrate --verbosity 0
	$(IN_DEMO) $(BIN)/python manage.py demo $(if $(filter 1,$(RESET)),--reset)
	$(IN_DEMO) $(BIN)/python manage.py runserver --noreload 127.0.0.1:$(PORT)

test:
	$(SETUP) requirements.lock requirements-dev.lock
	$(ON_SQLITE) $(BIN)/pytest -m "not browser" $(PARALLEL)

# On DATABASE_URL if it is set, else on an embedded server.
test-postgres:
	$(SETUP) requirements.lock requirements-dev.lock $(if $(DATABASE_URL),,.ci/pg.lock)
	$(if $(DATABASE_URL),,$(BIN)/python .ci/with_pg.py) $(BIN)/pytest -m "not browser" $(PARALLEL)

test-browser:
	$(SETUP) requirements.lock requirements-dev.lock .ci/e2e.lock
	$(ON_SQLITE) $(BIN)/pytest -m browser -rs

# The picture of the README, from the demo that runs on PORT.
screenshot: setup
	$(SETUP) requirements-dev.lock .ci/e2e.lock
	URL=http://127.0.0.1:$(PORT) $(BIN)/python .ci/screenshot.py

lint:
	$(SETUP) requirements.lock requirements-dev.lock .ci/lint.lock
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(ON_SQLITE) DEBUG=1 $(BIN)/mypy $(PACKAGES)
	$(ON_SQLITE) DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python .ci/catalogue.py check

# What the continuous integration runs, one after the other.
check:
	$(MAKE) lint
	$(MAKE) test-browser
	$(MAKE) test
	$(MAKE) test-postgres

# For developers, after a change of the dependencies in pyproject.toml; needs uv.
COMPILE := uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-header
lock:
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group test -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group pg -c requirements.lock -o .ci/pg.lock
	$(COMPILE) --group lint --group test -c requirements-dev.lock -o .ci/lint.lock
	$(COMPILE) --group e2e --group test -c requirements-dev.lock -o .ci/e2e.lock
