# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The shipped trace: what it holds, and that its script still makes it."""
import gzip
import importlib.util
from collections import Counter
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


def script():
    spec = importlib.util.spec_from_file_location("make_trace", DATA / "make_trace.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_script_makes_the_shipped_trace():
    trace = script()
    assert gzip.decompress((DATA / "trace.pcap.gz").read_bytes()) == trace.pcap(trace.frames())


def test_trace_holds_every_size_and_protocol():
    frames = script().frames()
    assert len(frames) >= 10_000
    assert {len(f) for f in frames} == set(range(60, 1515))
    assert len(set(frames)) > len(frames) * 0.9, "frames must differ, or a mixed-up order hides"
    kinds = Counter(f[12:14].hex() for f in frames)
    for kind in ("0800", "86dd", "0806", "8100", "88a8"):
        assert kinds[kind] > 50, kind
    protocols = Counter(f[23] for f in frames if f[12:14] == b"\x08\x00")
    assert protocols[6] > 1000 and protocols[17] > 1000


def test_trace_file_stays_small():
    assert (DATA / "trace.pcap.gz").stat().st_size < 1_000_000
