# The commands that README names. Each is enough on a fresh clone, and quick the second time.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2

.PHONY: demo demo-data test lint bench docs install install-browser lock

demo: install
	@PORT=$(PORT) $(BIN)/python manage.py demo --serve

demo-data: install
	@$(BIN)/python manage.py demo

test: install-browser
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DATABASE_URL=postgresql:///unused $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	JIXIAO_MODE=production JIXIAO_SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_hex(40))") \
	    JIXIAO_HOSTS=jixiao.example $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: install
	$(BIN)/python -m benchmarks

# Writes the documents that are made from the code.
docs: install
	$(BIN)/python -m declarations.checks.documentation

install: .venv/.installed static/node_modules/.installed
	@config/system-packages

install-browser: install
	@config/system-packages --with-browser

.venv/.installed: config/requirements-dev.lock
	@config/system-packages
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --require-hashes -r $<
	touch $@

static/node_modules/.installed: static/package-lock.json .venv/.installed
	cd static && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund
	touch $@

# Rewrites the lock files from pyproject.toml and package.json (needs uv: pip install uv).
lock:
	uv pip compile pyproject.toml $(LOCK_FLAGS) -o config/requirements.lock
	uv pip compile pyproject.toml --group dev $(LOCK_FLAGS) -o config/requirements-dev.lock
	cd static && npm install --package-lock-only

LOCK_FLAGS := --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet
