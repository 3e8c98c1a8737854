# Thin: sets the environment up once, then calls the commands that the README also prints.
SHELL := /bin/bash
PYTHON := python3.11
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Tests wait for sandboxes, browsers and time limits for a good part of their time, so there are more of them than cores.
WORKERS := $(shell expr $$(nproc) + 2)
# Each of them has a core to itself at best: threads would only wait for each other.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: grade test lab build bundle precision claims attacks test-colab test-gpu bench-sweep bench-grading clean
.DEFAULT_GOAL := grade

# Grade what lies in gradebook/submitted; a sample class first if there is nothing.
grade: .venv/ready sandbox
	@python -m grading simulate --if-empty
	@python -m grading grade $(CHAPTER)

# Everything that has to hold before a change lands; what takes longest begins first.
test: .venv/ready sandbox browser database
	ruff check .
	ruff format --check .
	$(ONE_THREAD) python -m grading build --check
	$(ONE_THREAD) TQDM_DISABLE=1 pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --nbval \
		--nbval-sanitize-with tests/nbval_sanitize.cfg --nbval-cell-timeout 300 \
		--durations 25 --durations-min 15 solutions tests/precision tests

# JupyterLab at the repository root, where nbgrader's extensions find the course.
lab: .venv/ready
	jupyter lab --LabApp.default_url=/lab/tree/notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

# Rebuild what changed: make build, or make build CHAPTER=ch04_sgd_variants
build: .venv/ready
	@$(ONE_THREAD) python -m grading build $(CHAPTER)

bundle: .venv/ready
	@python -m grading bundle

# Does the grader tell right from wrong? Misconceptions, mutants and honest variants of every exercise.
precision: .venv/ready sandbox
	@python -m tests.precision $(CHAPTER)

# Are the claims true of other dice, and could they fail? make claims, or make claims CHAPTER=ch04_sgd_variants/momentum
claims: .venv/ready
	@python -m tests.claims $(CHAPTER)

# Does any attack pay, or harm anybody?
attacks: .venv/ready sandbox
	@python -m tests.attacks

# Do the notebooks work with Colab's versions? Downloads some 3 GB, once.
test-colab: .venv/ready
	@python -m tests.colab

# Do the notebooks work on a GPU, and how much faster is a sweep there? Ends at once where torch sees none.
test-gpu: .venv/ready
	@DESCENT_DEVICE=cuda python -c "from utils.device import best_device, report; print(report(best_device()))"
	DESCENT_DEVICE=cuda TQDM_DISABLE=1 pytest --nbval-lax --nbval-cell-timeout 600 -p no:cacheprovider solutions
	DESCENT_DEVICE=cuda python benchmarks/sweep.py --device

bench-sweep: .venv/ready
	python benchmarks/sweep.py

bench-grading: .venv/ready sandbox
	python -m benchmarks.grading

.venv/ready: requirements.txt pyproject.toml
	@scripts/setup.sh $(PYTHON) .venv
	@touch $@

# Debian packages: one to grade with, two that only tests need
.PHONY: sandbox browser database
sandbox:
	@command -v bwrap >/dev/null || scripts/install_package.sh bubblewrap
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || scripts/install_package.sh chromium
database:
	@command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || \
		scripts/install_package.sh postgresql

clean:
	rm -rf .venv build bundle.zip
