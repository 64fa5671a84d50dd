# The daily verbs. `make run` and `make test` need nothing but git, make and Python 3.11 or newer.

PY := .venv/bin/python
PYTHON ?=
PORT ?= 8000
SIZES ?= 10k,100k
ARGS ?=
export PYTHON PORT

.PHONY: help setup run test check lint types fix bench faults consumers e2e lock docs

help: ## what each verb does
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: ## install everything for working on the project
	@sh tools/setup.sh dev

run: ## start everything, with a demo project; PORT=8000
	@sh tools/setup.sh local
	@exec $(PY) manage.py up --with-parent

test: setup ## every test: unit, integration, browser, faults; ARGS="-k word"
	@sh tools/setup.sh browser
	@exec $(PY) -m pytest -n auto --dist loadgroup $(ARGS)

check: setup ## the quick part: lint, types, import contracts, tests that need no database
	@$(MAKE) --no-print-directory lint types
	@exec $(PY) -m pytest -n auto --dist loadgroup -m "not database and not browser and not faults and not processes and not consumers" $(ARGS)

lint: setup ## style, imports, templates
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) tools/lint_imports.py
	@$(PY) -m djlint --quiet --lint templates

types: setup ## mypy, strict
	@$(PY) -m mypy

fix: setup ## repair what can be repaired by itself
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

e2e: setup ## browser tests alone
	@sh tools/setup.sh browser
	@exec $(PY) -m pytest -m browser $(ARGS)

faults: setup ## kill processes, start them again
	@exec $(PY) -m pytest -m faults $(ARGS)

consumers: setup ## load a release in the trainers' own code
	@exec $(PY) -m pytest -m consumers $(ARGS)

bench: setup ## measure; SIZES=10k,100k,1m
	@SIZES=$(SIZES) exec $(PY) -m tests.bench $(ARGS)

docs: setup ## write the reference pages that are made from the code
	@exec $(PY) manage.py write_reference

lock: setup ## compile the five requirement files again
	@for extras in base server local node dev; do \
	    case $$extras in \
	        base) with= ;; \
	        server) with="--extra model" ;; \
	        local) with="--extra local --extra model" ;; \
	        dev) with="--extra local --extra model --extra dev" ;; \
	        *) with="--extra $$extras" ;; \
	    esac; \
	    $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	        pyproject.toml $$with -o requirements/$$extras.txt || exit 1; \
	done
