# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors

# A thin front: meson builds, scripts do the rest.
BUILD = build/release

.PHONY: all
all:
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)
