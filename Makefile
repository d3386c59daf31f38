# Everything here sets itself up. It needs make, a POSIX shell and Python >= 3.11 with venv.
# Set-up talks on stderr only: the last line of `make -s demo` is the program's last line.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
INTEROP := .venv-interop
CLIENTS := build/clients
NODE := $(CLIENTS)/node
GO_PROGRAMS := $(addprefix $(CLIENTS)/,verify-bundle read-log ask-witness hold-key)
STOCK := $(INTEROP)/.stamp $(NODE)/.stamp $(GO_PROGRAMS) $(addprefix $(CLIENTS)/,litewitness omniwitness cosign versitygw)
GO ?= go
BIN := $(VENV)/bin
WORKERS ?= 2
CYCLES ?= 300

# Pinned with hashes and wheels only: nothing unpinned runs during set-up.
PIP_FLAGS := -q --no-input --disable-pip-version-check
PINNED := -m pip install $(PIP_FLAGS) --only-binary :all: --require-hashes
LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --annotation-style line

# $(call new_venv,FOLDER): keep a working environment, else make one with the first Python that is
# new enough. A command that is only a shim for a missing version fails the test and is passed over.
define new_venv
@set -e; \
new='import sys; sys.exit(sys.version_info < (3, 11))'; \
if $(1)/bin/python -c "$$new" 2>/dev/null && $(1)/bin/python -m pip --version >/dev/null 2>&1; then \
	touch $@; exit 0; \
fi; \
for python in $(PYTHON) python3.13 python3.12 python3.11; do \
	if "$$python" -c "$$new" 2>/dev/null; then found=$$python; break; fi; \
done; \
if [ -z "$${found:-}" ]; then \
	echo "error: no Python >= 3.11 found (tried $(PYTHON), python3.13, python3.12, python3.11)" >&2; \
	echo "hint: make PYTHON=/path/to/python3 ..." >&2; exit 1; \
fi; \
echo "setting up $(1) with $$found" >&2; \
if ! "$$found" -m venv --clear $(1) >&2; then \
	echo "error: '$$found -m venv' failed" >&2; \
	echo "hint: some systems ship it apart, for example: apt install python3-venv" >&2; exit 1; \
fi; \
touch $@
endef

# $(call go_build,MODULE,PACKAGE): build a stock client at the versions and hashes of MODULE's go.sum.
define go_build
@command -v $(GO) >/dev/null || { echo "error: make interop needs Go >= 1.26, found none" >&2; exit 1; }
@echo "building $(notdir $@); with nothing cached cosign takes four minutes" >&2
@mkdir -p $(@D)
@$(GO) -C tests/interop/$(1) build -buildvcs=false -trimpath -ldflags='-s -w' -o $(CURDIR)/$@ $(2) 2>$@.log \
	|| { cat $@.log >&2; exit 1; }
@touch $@
endef

.PHONY: help demo test check differential torture torture-short bench bench-log bench-people interop browser walkthroughs image topology docs vectors requirements clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; \
		do printf '  make %-14s%s\n' "$$name" "$$text"; done

demo: $(VENV)/.server-stamp ## the whole job on this machine: join, sign, verify
	@$(BIN)/touchplate demo --once

test: $(VENV)/.test-stamp ## all tests but those of `make interop` and `make browser`
	@$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/interop --ignore=tests/browser

check: $(VENV)/.test-stamp $(VENV)/.lint-stamp ## lint, format, types, import contracts, documentation
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/docs tests/architecture

differential: $(VENV)/.test-stamp ## ask the second implementation and ours about 10,000 changed attestations
	@$(BIN)/python -m tests.reference.differential

torture: $(VENV)/.test-stamp ## break a registry on purpose, CYCLES kills and more; goes on where it was stopped
	@PYTHONPATH=tests/support $(BIN)/python -m tests.torture.main --cycles $(CYCLES)

torture-short: $(VENV)/.test-stamp ## the same, as long as CI has time for
	@PYTHONPATH=tests/support $(BIN)/python -m tests.torture.main --short

bench: $(VENV)/.test-stamp $(INTEROP)/.stamp ## measure, and write build/bench.json
	@PYTHONPATH=tests/support $(BIN)/python -m tests.bench.main

bench-log: $(VENV)/.test-stamp ## measure what the log takes and gives, and write build/bench-log.json
	@PYTHONPATH=tests/support $(BIN)/python -m tests.bench.log

bench-people: $(VENV)/.test-stamp ## measure chains of people and long key histories, and write build/bench-people.json
	@PYTHONPATH=tests/support $(BIN)/python -m tests.bench.people

interop: $(VENV)/.test-stamp $(STOCK) ## stock clients accept what we sign, and refuse forgeries
	@TOUCHPLATE_REQUIRE_CLIENTS=1 $(BIN)/python -m pytest tests/interop

browser: $(VENV)/.test-stamp $(VENV)/.browser-stamp ## join and sign on the pages, in a real Chromium
	@TOUCHPLATE_REQUIRE_BROWSER=1 $(BIN)/python -m pytest -n 0 tests/browser

walkthroughs: $(VENV)/.test-stamp ## play the stories of specs/walkthroughs: lost, stolen, a studio, a fleet
	@$(BIN)/python -m pytest -n 0 -v tests/walkthroughs

image: $(VENV)/.test-stamp ## build docker/Dockerfile twice, compare, and use what it serves
	@PYTHONPATH=tests/support $(BIN)/python -m tests.image.main

topology: $(VENV)/.test-stamp ## run the services of docker/compose.yaml as processes, and use them
	@PYTHONPATH=tests/support $(BIN)/python -m tests.topology.main

docs: $(VENV)/.test-stamp ## write again what is generated: OpenAPI, examples, help, sessions of the documents
	@$(BIN)/python -m trust.api.openapi specs/openapi.json
	@$(BIN)/python -m tests.docs.spec_examples
	@$(BIN)/python -m tests.docs.manual
	@$(BIN)/python -m tests.docs.sessions

vectors: $(VENV)/.test-stamp ## write specs/vectors again, from their generator
	@$(BIN)/python -m tests.vectors.generate

requirements: $(VENV)/.lock-stamp ## compile requirements/*.txt again; UPGRADE=--upgrade for newer versions
	@$(LOCK) $(UPGRADE) pyproject.toml -o requirements/run.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra server -c requirements/run.txt -o requirements/server.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra pkcs11 -c requirements/server.txt -o requirements/pkcs11.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra guardians -c requirements/run.txt -o requirements/guardians.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra mcp -c requirements/server.txt -o requirements/mcp.txt
	@$(LOCK) $(UPGRADE) requirements/build.in -o requirements/build.txt
	@$(LOCK) $(UPGRADE) --group test -c requirements/server.txt -c requirements/pkcs11.txt -c requirements/guardians.txt \
		-c requirements/mcp.txt -c requirements/build.txt -o requirements/test.txt
	@$(LOCK) $(UPGRADE) --group lint -c requirements/server.txt -c requirements/build.txt \
		-c requirements/test.txt -o requirements/lint.txt
	@$(LOCK) $(UPGRADE) requirements/interop.in -o requirements/interop.txt
	@$(LOCK) $(UPGRADE) requirements/browser.in -c requirements/test.txt -o requirements/browser.txt
	@$(LOCK) $(UPGRADE) requirements/lock.in -o requirements/lock.txt

clean: ## remove the environments, builds and caches
	@rm -rf $(VENV) $(INTEROP) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find trust cli tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: what they depend on is what they installed, so that a repeated command starts at once.

$(VENV)/.venv-stamp:
	$(call new_venv,$(VENV))

$(VENV)/.server-stamp: $(VENV)/.venv-stamp requirements/server.txt requirements/build.txt pyproject.toml
	@echo "installing the pinned requirements of the registry" >&2
	@$(BIN)/python $(PINNED) -r requirements/server.txt >&2
	@$(BIN)/python $(PINNED) -r requirements/build.txt >&2
	@$(BIN)/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --editable . >&2
	@touch $@

$(VENV)/.test-stamp: $(VENV)/.server-stamp requirements/test.txt
	@echo "installing the pinned requirements of the tests" >&2
	@$(BIN)/python $(PINNED) -r requirements/test.txt >&2
	@touch $@

$(VENV)/.lint-stamp: $(VENV)/.venv-stamp requirements/lint.txt
	@echo "installing the pinned requirements of the checks" >&2
	@$(BIN)/python $(PINNED) -r requirements/lint.txt >&2
	@touch $@

$(VENV)/.browser-stamp: $(VENV)/.test-stamp requirements/browser.txt
	@$(BIN)/python $(PINNED) -r requirements/browser.txt >&2
	@touch $@

$(VENV)/.lock-stamp: $(VENV)/.venv-stamp
	@$(BIN)/python $(PINNED) -r requirements/lock.txt >&2
	@touch $@

$(INTEROP)/.venv-stamp:
	$(call new_venv,$(INTEROP))

$(INTEROP)/.stamp: $(INTEROP)/.venv-stamp requirements/interop.txt
	@echo "installing the pinned stock clients" >&2
	@$(INTEROP)/bin/python $(PINNED) -r requirements/interop.txt >&2
	@touch $@

$(CLIENTS)/cosign: tests/interop/cosign/go.mod tests/interop/cosign/go.sum
	$(call go_build,cosign,github.com/sigstore/cosign/v3/cmd/cosign)

$(CLIENTS)/versitygw: tests/interop/versitygw/go.mod tests/interop/versitygw/go.sum
	$(call go_build,versitygw,github.com/versity/versitygw/cmd/versitygw)

$(CLIENTS)/litewitness: tests/interop/go/go.mod tests/interop/go/go.sum
	$(call go_build,go,filippo.io/torchwood/cmd/litewitness)

$(CLIENTS)/omniwitness: tests/interop/go/go.mod tests/interop/go/go.sum
	$(call go_build,go,github.com/transparency-dev/witness/cmd/omniwitness)

$(GO_PROGRAMS): $(wildcard tests/interop/go/go.* tests/interop/go/*/*.go)
	$(call go_build,go,./$(notdir $@))

$(NODE)/.stamp: $(addprefix tests/interop/node/,package.json package-lock.json .npmrc)
	@command -v npm >/dev/null || { echo "error: make interop needs npm with Node >= 20, found none" >&2; exit 1; }
	@echo "installing the pinned clients of Node" >&2
	@mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && npm ci --loglevel=error >&2
	@touch $@
