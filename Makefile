# The developers' verbs. ./run and ./check need none of them.
PYTHON = .venv/bin/python
.PHONY: lint test lock messages screenshots bench

lint:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

test:
	.venv/bin/pytest

COMPILE = .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links --no-annotate --upgrade --no-emit-package heatward-node \
  node/pyproject.toml collector/pyproject.toml

lock:  # every dependency with its hashes, and no address of an index
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra develop --extra postgresql --extra grafana -o requirements-develop.lock

screenshots:
	$(PYTHON) tests/support/screenshots.py

bench:
	.venv/bin/heatward bench ingest
