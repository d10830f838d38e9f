# make run    open the application on the demo corpus
# make test   run the tests, ruff, mypy and import-linter among them
# make lint   those alone
# make docs   make the documentation's site, in site/
VENV   ?= .venv
ifeq ($(OS),Windows_NT) # with the shell that comes with Git
PYTHON ?= python
BIN     = $(VENV)/Scripts
else
PYTHON ?= python3
BIN     = $(VENV)/bin
endif

.PHONY: run test lint docs browser clean

run: $(VENV)/installed
	@$(BIN)/zsr-tui open --dataset demo

# The tests start some hundred processes: what the first compiles the others read, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/installed-dev browser
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# The HTML report is tested in a real browser. Root on Debian gets one; elsewhere those tests are skipped without it.
browser:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	  command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the tests of the report ..."; \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; } || \
	  echo "Chromium cannot be installed: the tests of the report in a browser are skipped."; \
	else echo "There is no Chromium: the tests of the report in a browser are skipped."; fi

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every warning is an error; mkdocs-material's note about its successor is none of ours.
docs: $(VENV)/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Both marks are made last, so an installation that was interrupted is taken up again; an environment without pip, as
# Debian's Python leaves it where python3-venv is lacking, is made again.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("zsr_tui needs Python 3.11 or newer; name one with make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV): this takes a few minutes, once ..."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[embedded,web]"
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
