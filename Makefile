# Two commands carry a newcomer: `make run` and `make test`. Both set themselves up, need no root and no network but the package registry.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DEMO   ?= demo

.PHONY: help setup run test check unit slow lock clean
.DELETE_ON_ERROR:

help:
	@echo "make run    set up, then watch the sample county in ./$(DEMO) until Ctrl-C"
	@echo "make test   set up, then every check and test"
	@echo "make unit   the quick tests alone"
	@echo "make lock   resolve the dependencies anew into the lock files"
	@echo "make clean  remove the environment and the sample county"

setup: $(VENV)/.run

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/huiyin train --if-needed
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run
	@test -f $(DEMO)/huiyin.toml || $(BIN)/huiyin init $(DEMO) --sample
	@exec $(BIN)/huiyin -C $(DEMO) run

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/pytest -m "not slow" -n 2

slow: $(VENV)/.dev
	$(BIN)/pytest -m slow

test: check
	$(BIN)/pytest -m "not slow" -n 2
	$(BIN)/pytest -m slow

# The lock files name versions and hashes and no registry: whoever installs takes the registry of the machine.
lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --build-deps-for editable -o requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info
