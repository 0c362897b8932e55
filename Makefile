# The developers' verbs. ./run and ./check need none of them.
.PHONY: audit coverage-evidence fuzz lint mutation test lock messages bench dashboards grafana-check screenshots

lint:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

test:
	.venv/bin/pytest

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links --no-annotate --upgrade --no-emit-package heatward-node \
  --no-emit-package heatward-dashboards \
  node/pyproject.toml collector/pyproject.toml

lock:  # every dependency with its hashes, and no address of an index
	.venv/bin/python -m pip install --quiet uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra develop --extra postgresql --extra dask -o requirements-develop.lock

PYBABEL = cd collector/src/heatward_collector && ../../../.venv/bin/pybabel --quiet
EXTRACT = extract -F locale/extraction.cfg -k say -k message -k plural:1,2 --add-location file --sort-by-file
UPDATE = update -i ../../../heatward.pot --no-fuzzy-matching --ignore-obsolete --no-wrap -l zh_CN -o locale/zh_CN.po
HEADERS = /^"(Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated-By)/d

messages:  # collect the texts of code and pages; a test fails where a translation is then missing
	$(PYBABEL) $(EXTRACT) -o ../../../heatward.pot . && ../../../.venv/bin/pybabel --quiet $(UPDATE)
	sed -i -E '$(HEADERS)' collector/src/heatward_collector/locale/zh_CN.po
	rm heatward.pot

dashboards:  # write the generated JSON of the Grafana dashboards; a test fails where it is stale
	.venv/bin/python -m heatward_dashboards dashboards

grafana-check:  # in a real Grafana: GRAFANA_URL=http://127.0.0.1:3000 GRAFANA_TOKEN=token-file
	.venv/bin/python dashboards/check.py $(GRAFANA_URL) $(GRAFANA_TOKEN)

AUDIT = .venv/audit
audit:  # known weaknesses of what is locked, and a bill of materials (CycloneDX) in AUDIT/sbom.json
	test -x $(AUDIT)/bin/pip-audit || (python3 -m venv $(AUDIT) && $(AUDIT)/bin/pip install --quiet pip-audit cyclonedx-bom)
	$(AUDIT)/bin/cyclonedx-py requirements requirements.lock --output-reproducible -o $(AUDIT)/sbom.json
	$(AUDIT)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

COVERAGE = .venv/coverage
MEASURED = COVERAGE_FILE=.venv/coverage.data PYTHONPATH=$(COVERAGE) .venv/bin/python -m
EVIDENCE = */heatward_node/journal*.py,*/heatward_node/control.py,*/heatward_collector/ledger/*.py,*/heatward_collector/alerts/outbox.py,*/heatward_collector/conclusions/*verdicts.py
EVIDENCE_TESTS = tests/node/test_journal*.py tests/node/test_control.py tests/collector/ledger \
  tests/collector/alerts/test_outbox.py tests/collector/conclusions/test_*verdicts.py
coverage-evidence:  # every branch of journal, acks, ledger, outbox and verdicts, by their own tests
	test -d $(COVERAGE)/coverage || .venv/bin/python -m pip install --quiet --target $(COVERAGE) coverage
	$(MEASURED) coverage run --branch --include='$(EVIDENCE)' -m pytest -q -p no:cacheprovider $(EVIDENCE_TESTS)
	$(MEASURED) coverage report --show-missing --fail-under=100

MUTATED ?=
mutation:  # small faults in the modules of evidence: do their tests notice? MUTATED="ledger ack" for some; goes on where it was cut
	PYTHONPATH=tests .venv/bin/python -m mutation.run $(MUTATED)

SUBJECT ?= readings
SECONDS ?= 60
FUZZ = .venv/fuzz
fuzz:  # coverage-guided: make fuzz SUBJECT=readings SECONDS=60; heatward torture --malformed N needs no extra
	test -d $(FUZZ)/atheris || .venv/bin/python -m pip install --quiet --target $(FUZZ) atheris
	PYTHONPATH=$(FUZZ) .venv/bin/python tests/fuzz/guided.py $(SUBJECT) \
	  -max_total_time=$(SECONDS) -max_len=6000 -timeout=10 tests/fuzz/corpus/$(SUBJECT)

bench:
	.venv/bin/heatward bench ingest && .venv/bin/heatward bench kill

PAGES ?=
screenshots:  # every page of every role; PAGES=http://127.0.0.1:8080 takes a running ./run
	mkdir -p screenshots
	HEATWARD_SCREENSHOTS=$(CURDIR)/screenshots HEATWARD_PAGES=$(PAGES) \
	  .venv/bin/pytest -q -p no:cacheprovider tests/collector/api/test_browser_roles.py -k every_page
