# Every target makes or refreshes .venv first: `make demo` is all a fresh clone needs.
PYTHON ?= python3
JOBS ?= 2
PY := .venv/bin/python
FAST := not slow and not browser and not local_llm and not gpu and not live
SLOW := (slow or browser or local_llm or gpu) and not live

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-slow lint format types bench docs

help: ## what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

venv:
	@$(PYTHON) scripts/bootstrap.py

demo: venv ## the main job on the bundled world: check, fit, backtest, forecast, report
	@$(PY) -m wmjax demo

test: venv ## the fast tests
	@$(PY) -m pytest -n $(JOBS) -m "$(FAST)" $(ARGS)

test-slow: venv ## the slow tests: environments, kills, browser, local model, GPU; races run alone
	@$(PY) -m pytest -n $(JOBS) --dist loadfile -m "$(SLOW) and not alone" $(ARGS) || { s=$$?; [ $$s -eq 5 ]; } # 5: none
	@$(PY) -m pytest -m "$(SLOW) and alone" $(ARGS) || { s=$$?; [ $$s -eq 5 ]; }

lint: venv ## ruff and the import layers
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports

format: venv ## let ruff sort imports and lay out the code
	@.venv/bin/ruff check --fix --select I .
	@.venv/bin/ruff format .

types: venv ## pyright
	@.venv/bin/pyright

bench: venv ## the measurements behind our claims, as a table
	@$(PY) -m benchmarks $(ARGS)

docs: ## the guide, into site/
	@$(PYTHON) scripts/bootstrap.py --venv .cache/docs --extras docs
	@.cache/docs/bin/zensical build
