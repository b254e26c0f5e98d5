# `make help` lists the targets. Everything is installed into .venv; nothing else is touched.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
VIEWER := static/vendor/openseadragon.js
PRETTIER := node_modules/prettier/bin/prettier.cjs
NPM := npm ci --ignore-scripts --no-audit --no-fund --silent --fetch-retries=1
.DEFAULT_GOAL := help
.PHONY: help setup demo stop test lint audit sbom format bench finetune-sample faults chaos vitals translations screenshots fuzz load clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(STAMP) ## install everything into .venv

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ekphrasis needs Python 3.11 or newer: make setup PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[embedded,map,dev]'
	@touch $(STAMP)

demo: setup $(VIEWER) ## load the sample museum and open the site on 127.0.0.1:$(PORT)
	@$(BIN)/python manage.py demo --port $(PORT)

stop: setup ## stop the embedded database
	@$(BIN)/python manage.py database stop

test: setup node_modules/axe-core/axe.min.js ## run every test (real Postgres, Redis and, where found, browser)
	$(BIN)/python -m pytest $(ARGS)

lint: setup ## ruff, mypy, djade, prettier, import-linter, migrations, OpenAPI, compose file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	@if [ -e $(PRETTIER) ]; then node $(PRETTIER) --check --log-level warn static; \
	else echo 'no prettier here: stylesheets and scripts not checked (npm ci installs it)'; fi
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py lint_migrations
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@compose=$$(docker compose version >/dev/null 2>&1 && echo docker compose || command -v docker-compose); \
	if [ -n "$$compose" ]; then \
		SECRET_KEY=check POSTGRES_PASSWORD=check AIC_CONTACT=check $$compose --profile scaled config -q \
		&& echo 'docker-compose.yml is valid'; \
	else echo 'no docker compose here: docker-compose.yml not checked'; fi

audit: setup ## known weaknesses in the code (bandit) and in the pinned packages (pip-audit)
	@PYTHON=$(PYTHON) .ci/audit

sbom: setup ## write build/sbom.json, a CycloneDX list of every installed package
	@PYTHON=$(PYTHON) .ci/audit sbom

format: setup ## format code, templates, stylesheets and scripts
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')
	@if [ -e $(PRETTIER) ]; then node $(PRETTIER) --write --log-level warn static; fi

bench: setup ## print the figures of docs/benchmarks.md
	$(BIN)/python manage.py bench_search

finetune-sample: setup ## train a base on generated pictures, fine-tune it, judge both (15 to 20 minutes)
	@$(BIN)/python manage.py finetune_sample

fuzz: setup ## send thousands of hostile inputs to a site of its own; no answer may be a 500
	@$(BIN)/python manage.py fuzz_test

load: setup ## load a site of its own to saturation, ten times that, and for ten minutes' soak
	@$(BIN)/python manage.py load_test

chaos: setup ## kill each process, fill the disk, move the clock of a site of its own (15 minutes)
	@$(BIN)/python manage.py chaos_test

faults: setup ## ingest through faults, restarts and kills; nothing may be lost
	@$(BIN)/python manage.py fault_test

$(VIEWER): package.json package-lock.json
	@{ command -v npm >/dev/null && $(NPM) --omit=dev && npm run --silent viewer; } \
	|| echo 'no npm here: pages have no deep zoom'

node_modules/axe-core/axe.min.js: package.json package-lock.json
	@{ command -v npm >/dev/null && $(NPM) && npm run --silent viewer; } \
	|| echo 'no npm here: tests by axe-core, of HTML and of deep zoom are skipped'

vitals: setup node_modules/axe-core/axe.min.js ## measure a running demo as a visitor with a phone does
	@$(BIN)/python manage.py vitals --url http://127.0.0.1:$(PORT)

translations: setup ## compile locale/*.po (polib; GNU gettext is not needed)
	@$(BIN)/python -c 'import pathlib, polib; [polib.pofile(str(p)).save_as_mofile(str(p.with_suffix(".mo"))) for p in pathlib.Path("locale").rglob("*.po")]'

screenshots: setup ## take the pictures in docs/screenshots from a running demo
	$(BIN)/python manage.py screenshots --url http://127.0.0.1:$(PORT)

clean: ## stop the database and remove .venv, var and caches
	@if [ -x $(BIN)/python ]; then $(BIN)/python manage.py database stop || true; fi
	rm -rf $(VENV) var staticfiles build *.egg-info .mypy_cache .ruff_cache .pytest_cache
