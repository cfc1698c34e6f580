# `make demo` and `make test` each install what is missing and then do their work; the others expect that.

BUILD := swift build -c release --static-swift-stdlib
BIN := .build/release
VENV := .build/venv

.PHONY: demo test lint bench parley agents dependencies

demo: dependencies parley
	PARLEY=$(BIN)/parley examples/demo.sh

test: dependencies parley agents $(VENV)/ready
	# Not `swift test` alone, which would build the plugin for model servers a second time.
	swift build --product parleyPackageTests
	swift test --skip-build --quiet
	PARLEY=$(abspath $(BIN)/parley) $(VENV)/bin/pytest -q Tests/wire

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
	git ls-files -z '*.sh' .ci/run tools | xargs -0 -n1 sh -n

bench: dependencies parley
	for product in parley-floor parley-bare parley-bench; do $(BUILD) --product $$product || exit 1; done
	$(BIN)/parley-bench

parley: dependencies
	$(BUILD) --product parley

# The plugin for model servers: with TLS and HTTP, which take minutes to build.
agents: dependencies
	$(BUILD) --product parley-agent-http

dependencies:
	tools/install-dependencies.sh

# What the tests of the binary are written with, apart from the system's Python.
$(VENV)/ready: Tests/wire/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/wire/requirements.txt
	touch $@
