# Two commands: make book, make test. Each sets itself up on a fresh machine (Linux, macOS, WSL).
# A results cache outside this folder keeps trained networks, so that nothing is trained twice.

PYTHON ?= $(firstword $(foreach name,python3.11 python3 python3.12 python3.13,$(shell \
	$(name) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $(name))))
BIN := .venv/bin
PYTEST = $(BIN)/python -m pytest --junitxml=_build/tests/$(1).xml
# In two processes; the tests of a file, and the cells of a notebook, stay together. In the order in
# which they are named, since what takes longest (the notebooks alone) comes early.
TWO := -n 2 --dist loadfile --no-loadscope-reorder
BUILD = $(BIN)/jupyter-book build . --path-output _build/$(1) -W -n --keep-going
SPACES = AnyNetX_A AnyNetX_B AnyNetX_C AnyNetX_D AnyNetX_E RegNetX
CONTROLS = AnyNetX_C_equal_widths AnyNetX_C_decreasing_widths \
	AnyNetX_D_equal_depths AnyNetX_D_decreasing_depths
NEEDS_PYTHON = test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed" \
	"(Debian: apt-get install python3 python3-venv)"; exit 1; }
N ?= 500
# Those that take longest first, so that neither process is left alone with one.
LONG = $(addprefix chapters/,training.ipynb tensorflow.ipynb jax.ipynb discussion.ipynb)
NOTEBOOKS = $(LONG) $(filter-out $(LONG),$(wildcard index.ipynb chapters/*.ipynb))
ALONE = $(CURDIR)/_build/alone
RUN_NOTEBOOKS = JUPYTER_PATH=$(ALONE) $(call PYTEST,notebooks) $(TWO) \
	--nbval --nbval-kernel-name alone $(NOTEBOOKS)

.PHONY: help book test preview slides pdf notebooks figures bench gpu-rehearsal soak populations lint clean
.NOTPARALLEL:
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

book: export BOOK_PROFILE := full
book: .venv/.stamp ## train RegNetX32 and build the HTML (about 40 minutes on two cores, then seconds)
	$(BIN)/python -m designspaces train
	$(call BUILD,full)
	@echo "The book: $(CURDIR)/_build/full/_build/html/index.html"

test: export BOOK_PROFILE := quick
# Two processes or more on two cores: a thread for each. Small batches gain nothing from a second.
test: export OMP_NUM_THREADS := 1
test: export OMP_WAIT_POLICY := PASSIVE
# What JAX has compiled for one test or notebook serves the others.
test: export JAX_COMPILATION_CACHE_DIR := $(CURDIR)/_build/jax
test: export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS := 0
test: lint ## every test: package, notebooks, pages in a browser (half an hour)
	@rm -rf _build/tests && mkdir -p _build/tests
	$(call PYTEST,package) $(TWO) --ignore=tests/pages
	$(BIN)/python tools/alone.py $(ALONE)
	@echo "The quick build runs its pages one by one; beside it run the notebooks, then the numpy half."
	@$(BIN)/python tools/beside.py '$(call BUILD,quick)' \
		'$(RUN_NOTEBOOKS); alone=$$?; $(BIN)/python tools/numpy_half.py && exit $$alone'
	$(call PYTEST,book) $(TWO) -m "" tests/pages
	@$(BIN)/python tools/total.py _build/tests

preview: export BOOK_PROFILE := preview
preview: export PYTHONPATH := $(CURDIR)/code
preview: .venv-preview/.stamp ## pages with the numbers of the last full build, without PyTorch (two minutes)
	.venv-preview/bin/jupyter-book build . --path-output _build/preview --all
	@echo "The preview: $(CURDIR)/_build/preview/_build/html/index.html"

# Of the full build, which is made first where it is not there; BOOK_HTML names the pages of another.
PAGES = $(if $(BOOK_HTML),.venv/.stamp,book)
slides: $(PAGES) ## a deck of slides a chapter and one for a talk, HTML and PDF, from the pages
	PYTHONPATH=tools $(BIN)/python -m slides

pdf: $(PAGES) ## the book as one PDF, from the pages (needs Chromium)
	PYTHONPATH=tools $(BIN)/python -m printed

notebooks: export BOOK_PROFILE := full
notebooks: book ## write, from the full build, chapters/*.ipynb, outputs/ and figures/
	PYTHONPATH=tools $(BIN)/python -m notebooks _build/full/_build
	$(BIN)/python _ext/kept.py _build/full/_build
	$(MAKE) figures

figures: .venv/.stamp ## every figure as an SVG file in figures/, from recorded data and outputs/
	$(BIN)/python -m designspaces figures
	$(BIN)/python tools/exported.py

bench: export PYTHONPATH := tests/support
bench: .venv/.stamp ## time training and sweeps against the textbook's loop, Ray too, and the statistics (25 minutes)
	$(BIN)/python benchmarks/bench_training.py speed
	$(BIN)/python benchmarks/bench_training.py accuracy
	$(BIN)/python benchmarks/bench_training.py busy
	$(BIN)/python benchmarks/bench_population.py
	$(BIN)/python benchmarks/bench_cluster.py ray
	$(BIN)/python benchmarks/bench_cluster.py files
	$(BIN)/python benchmarks/bench_statistics.py

gpu-rehearsal: .venv/.stamp ## rehearse on the CPU what tools/gpu.py does on a GPU (two minutes)
	$(BIN)/python tools/gpu.py --quick --device cpu --minutes 30 --out _build/gpu-rehearsal

soak: export PYTHONPATH := tests/support
soak: .venv/.stamp ## kill, fill, damage and forge, hundreds of times, and count (two hours)
	$(BIN)/python tools/soak.py

populations: SWEEP = $(BIN)/python -m designspaces sweep --folder code/designspaces/recorded/populations
populations: .venv/.stamp ## go on with the populations: N networks a space, N/2 a control (500: half a day)
	$(SWEEP) $(SPACES:%=--space %) --n $(N)
	$(SWEEP) $(CONTROLS:%=--space %) --n $$(($(N) / 2))

lint: .venv/.stamp ## ruff
	$(BIN)/ruff check .

clean: ## remove what was built; trained results and environments stay
	rm -rf _build

.venv/.stamp: requirements.txt pyproject.toml
	@$(NEEDS_PYTHON)
	@echo "Setting up .venv: about 8 GB with PyTorch and others, a few minutes the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps d2l==1.0.3
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Of what requirements.txt pins, only what reads and renders the pages.
RENDERS = jupyter-book sphinx-exercise sphinx-proof sphinx-sitemap sphinxext-opengraph fonttools
.venv-preview/.stamp: requirements.txt
	@$(NEEDS_PYTHON)
	test -x .venv-preview/bin/python || $(PYTHON) -m venv .venv-preview
	.venv-preview/bin/python -m pip install --quiet --constraint requirements.txt $(RENDERS)
	@touch $@
