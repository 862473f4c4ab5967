# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""What the system tests share: the program under test, pcap files, frames, namespaces."""
