# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors

# A thin front: meson builds, scripts do the rest.
#
#   make              build into build/release
#   make run          install what is missing, build, forward the shipped trace, check the result
#   make check        build and run every test (ARGS="--only release" for a part)
#   make check-fresh  the two above, inside a bare Debian root
#   make bench        the forwarder against dpdk-testpmd, the library against rte_pktmbuf_*
#   make bench-sharing  the ways of sharing against each other
#   make lint         format, static analysis, spelling, house rules
#   make fuzz         fuzz the library for FUZZ_SECONDS (default 600)
#   make soak         random sequences of the library's calls: SOAK_RUNS (default 20000) of 1000
#   make coverage     lines of the library that the tests reach
#   make install      into DESTDIR, as meson does it
#   make clean        remove build/

BUILD = build/release
FUZZ_SECONDS = 600
SOAK_RUNS = 20000
SOAK_SEED = 1

.PHONY: all
all: deps-build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

.PHONY: run
run: deps-run all
	@tests/run.py

.PHONY: check
check: deps-build deps-check
	@tests/check.py $(ARGS)

.PHONY: check-fresh
check-fresh: deps-root
	@.ci/fresh

.PHONY: bench
bench: deps-bench all
	@tests/bench/run.py $(ARGS)

.PHONY: bench-sharing
bench-sharing: deps-bench all
	@tests/bench/sharing.py $(ARGS)

.PHONY: lint
lint: all deps-lint
	@.ci/lint

.PHONY: fuzz
fuzz: deps-build deps-fuzz
	@test -f build/clang/build.ninja || CC=clang meson setup build/clang -Dcpu=generic
	@ninja -C build/clang tests/fuzz/fuzz_chain
	@tests/fuzz/fuzz.py --seconds=$(FUZZ_SECONDS) build/clang/tests/fuzz/fuzz_chain

.PHONY: soak
soak: all
	@$(BUILD)/tests/fuzz/property --seed=$(SOAK_SEED) --runs=$(SOAK_RUNS)
	@$(BUILD)/tests/fuzz/property --seed=$(SOAK_SEED) --runs=$(SOAK_RUNS) --lcores=3

.PHONY: coverage
coverage: deps-build deps-coverage
	@.ci/coverage

.PHONY: install
install: all
	@meson install -C $(BUILD)

.PHONY: clean
clean:
	@rm -rf build

# In the bare root of check-fresh, `make check` needs less.
deps-check:
	@.ci/deps $(if $(MFWD_FRESH),fresh,check)
deps-%:
	@.ci/deps $*
