# Thin: sets the environment up once, then calls the commands that the README also prints.
SHELL := /bin/bash
PYTHON := python3.11
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: grade test lab build check lint bundle bench-sweep clean
.DEFAULT_GOAL := grade

# Grade what lies in gradebook/submitted; a sample class first if there is nothing.
grade: .venv/ready sandbox
	@python -m grading simulate --if-empty
	@python -m grading grade $(CHAPTER)

# Everything that has to hold before a change lands.
test: .venv/ready sandbox
	ruff check .
	ruff format --check .
	python -m grading build --check
	pytest -n 2 --dist loadscope tests
	TQDM_DISABLE=1 pytest -n 2 --dist loadscope --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
		--nbval-cell-timeout 300 -p no:cacheprovider solutions

# JupyterLab at the repository root, where nbgrader's extensions find the course.
lab: .venv/ready
	jupyter lab --LabApp.default_url=/lab/tree/notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

# Rebuild what changed: make build, or make build CHAPTER=ch04_sgd_variants
build: .venv/ready
	@python -m grading build $(CHAPTER)

bundle: .venv/ready
	@python -m grading bundle

bench-sweep: .venv/ready
	python benchmarks/sweep.py

.venv/ready: requirements.txt pyproject.toml
	@grading/setup.sh $(PYTHON) .venv
	@touch $@

.PHONY: sandbox
sandbox:
	@command -v bwrap >/dev/null || grading/install_package.sh bubblewrap

clean:
	rm -rf .venv build bundle.zip
