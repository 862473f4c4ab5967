# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The benchmarks run for a moment and write what docs/benchmark.md and docs/mbench.md say.

Nothing here looks at a speed: a busy machine may measure what it likes.
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests/bench"
BUILD = Path(os.environ.get("MFWD") or ROOT / "build/release/app/mfwd/mfwd").resolve().parents[2]
MBENCH = BUILD / "app/mbench/mbench"
WORKLOADS = ["independent", "handoff", "exchange", "retransmit", "splice"]
CELL = {"policy": str, "workload": str, "lcores": int, "window": int, "segments": int,
        "mpps": (float, int, type(None)), "mad_percent": (float, int, type(None)),
        "ns_per_packet": (float, int, type(None)), "pinned_bytes_peak": int, "slices": int,
        "discarded": int, "failed": int}
OP = {"op": str, "policy": str, "call": str, "ns": (float, int, type(None)),
      "mad_percent": (float, int, type(None)), "reference": str,
      "reference_ns": (float, int, type(None)), "reference_mad_percent": (float, int, type(None)),
      "ratio": (float, int, type(None)), "unit": str, "goal": (float, int), "reached": bool,
      "slices": int, "discarded": int}
HANG = 300
pytestmark = pytest.mark.timeout(2 * HANG)


@pytest.fixture(scope="module", autouse=True)
def built():
    if not MBENCH.exists():
        pytest.fail(f"no program at {MBENCH}: build it first")


def start(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=HANG,
                          check=False, stdin=subprocess.DEVNULL)


def mbench(*options):
    """The record of a run on ordinary memory that writes nothing but JSON to stdout."""
    done = start(MBENCH, "--no-huge", "--pairs=1", "--slice-us=100", "--json=-", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def has_fields(thing, fields):
    assert set(thing) == set(fields)
    for name, kind in fields.items():
        assert isinstance(thing[name], kind), (name, thing[name])


def rows():
    """The names of all rows, as the help lists them."""
    text = start(MBENCH, "--help").stdout
    lines = text[text.index("rows:"):].splitlines()[1:]
    return [line.split()[0] for line in lines if line.strip()]


def test_every_cell_is_there():
    record = mbench("--seconds=0.1")
    assert record["schema"] == "mbench-1" and record["program"] == "mbench"
    names = rows()
    assert {"native", "native-bulk", "leader-hand"} <= set(names)
    assert record["control"] == names[0]
    for cell in record["cells"]:
        has_fields(cell, CELL)
        assert cell["slices"] + cell["discarded"] > 0
        assert (cell["mpps"] is None) == (cell["slices"] == 0)
        # a preempted lcore may hold up cas until its pools are empty
        assert cell["failed"] == 0 or cell["policy"] == "cas"
        assert cell["pinned_bytes_peak"] >= 512 * 2048 * cell["lcores"]
    places = [(c["policy"], c["workload"], c["lcores"]) for c in record["cells"]]
    assert len(places) == len(set(places))
    wanted = {(p, w, n) for p in [*names, "control"] for w in WORKLOADS for n in (1, 2)}
    assert set(places) == wanted
    for goal in record["goals"]:
        assert set(goal) == {"goal", "wanted", "got", "reached"}


def test_chains_of_several_segments():
    for segments in (2, 3, 16, 64):
        record = mbench("--seconds=0.01", f"--segments={segments}", "--window=192")
        assert {c["segments"] for c in record["cells"]} == {segments}
        assert all(c["failed"] == 0 or c["policy"] == "cas" for c in record["cells"])


@pytest.mark.parametrize("option,field,values", [
    ("--window=32,128,2,MUL", "window", {32, 64, 128}),
    ("--window=1,7,3,ADD", "window", {1, 4, 7}),
    ("--segments=1,3,1,ADD", "segments", {1, 2, 3}),
    ("--lcores=1,3,1,ADD", "lcores", {1, 2, 3}),
    ("--lcores=1", "lcores", {1}),
])
def test_sweeps(option, field, values):
    record = mbench("--seconds=0.01", "--policy=native", "--workload=handoff,splice", option)
    assert {c[field] for c in record["cells"]} == values
    assert {c["workload"] for c in record["cells"]} == {"handoff", "splice"}
    assert {c["policy"] for c in record["cells"]} == {"native", "control"}


@pytest.mark.parametrize("option", [
    "--policy=nobody", "--policy=", "--policy=native,native", "--workload=idle", "--lcores=0",
    "--window=x", "--window=1,2,3", "--window=2,1,1,ADD", "--window=1,9,1,MUL",
    "--window=0,9,2,MUL", "--window=1,65536,1,ADD", "--segments=-1", "--seconds=0",
    "--seconds=nan", "--pairs=", "--nothing", "nothing", "--ops=1"])
def test_refuses(option):
    done = start(MBENCH, option)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert option.split("=")[0] in done.stderr


def test_a_file_that_cannot_be_written():
    done = start(MBENCH, "--no-huge", "--seconds=0.01", "--pairs=1", "--policy=native",
                 "--workload=independent", "--lcores=1", "--json=/nowhere/at/all.json")
    assert done.returncode == 1
    assert "/nowhere/at/all.json" in done.stderr


def test_operations():
    record = mbench("--ops", "--seconds=0.05")
    assert record["schema"] == "mbench-ops-1"
    for op in record["ops"]:
        has_fields(op, OP)
        assert op["unit"] in ("ns", "ratio")
    each = ["get", "share", "share-bulk", "pullup", "adj", "prepend"]
    for policy in {op["policy"] for op in record["ops"]}:
        assert [op["op"] for op in record["ops"] if op["policy"] == policy] == each


def test_the_two_programs_side_by_side(mfwd, need, tmp_path):
    if not shutil.which("dpdk-testpmd"):
        need("dpdk-testpmd")
    done = start(sys.executable, BENCH / "run.py", "--build", BUILD, "--out", tmp_path, "--pairs=1",
                 "--no-huge", "--ops-seconds=0.05", "--case=io-null", "--case=macswap-pcap")
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr == ""  # 1 is for goals, not for failures
    record = json.loads((tmp_path / "bench.json").read_text())
    assert record["schema"] == "bench-1"
    assert set(record) == {"schema", "machine", "hugepages", "seconds", "cases", "ops"}
    assert [c["case"] for c in record["cases"]] == ["io-null", "macswap-pcap"]
    missed = [op["op"] for op in record["ops"] if not op["reached"]]
    for case in record["cases"]:
        assert set(case) == {"case", "a", "b", "pairs", "ratio", "low", "high", "a_ns", "b_ns",
                             "a_mad_percent", "b_mad_percent", "a_runs", "b_runs", "goal",
                             "reached"}
        assert (case["a"], case["b"]) == ("mfwd", "dpdk-testpmd")
        assert case["a_ns"] > 0 and case["b_ns"] > 0
        missed += [] if case["reached"] else [case["case"]]
    assert done.returncode == (1 if missed else 0)
    assert all(name in done.stdout.split("goals missed:")[-1] for name in missed)
    if shutil.which("gnuplot"):
        assert "<svg" in (tmp_path / "bench.svg").read_text()


def test_two_builds_side_by_side(mfwd, tmp_path):
    done = start(sys.executable, BENCH / "run.py", "--ab", mfwd, mfwd, "--out", tmp_path,
                 "--pairs=1", "--no-huge", "--case=io-null")
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "bench.json").read_text())
    assert [(c["a"], c["b"]) for c in record["cases"]] == [("mfwd", "mfwd")]
    assert "goal" not in record["cases"][0]


def test_sharing_makes_records_and_plots(tmp_path):
    done = start(sys.executable, BENCH / "sharing.py", "--build", BUILD, "--out", tmp_path,
                 "--policy=native,native-bulk", "--seconds=0.1", "--pairs=1", "--no-huge")
    assert done.returncode == 0, done.stderr
    assert "machine" in json.loads((tmp_path / "sharing.json").read_text())
    assert json.loads((tmp_path / "windows.json").read_text())["schema"] == "mbench-1"
    if shutil.which("gnuplot"):
        plots = {path.name for path in tmp_path.glob("*.svg")}
        assert plots == {"throughput-1.svg", "throughput-2.svg", "pinned.svg",
                         "window-independent.svg", "window-retransmit.svg"}
        assert all("<svg" in (tmp_path / name).read_text() for name in plots)


def test_figures():
    sys.path.insert(0, str(BENCH))
    try:
        import figures
    finally:
        sys.path.remove(str(BENCH))
    assert figures.median([3, 1, 2]) == 2
    assert figures.mad([1, 2, 3, 4, 100]) == 1
    assert figures.ratio_interval([2, 2, 2], [1, 1, 1]) == (2, 2, 2)
    ratio, low, high = figures.ratio_interval([10, 11, 12, 13, 14], [10, 10, 10, 10, 10])
    assert ratio == 1.2 and 1.0 <= low < 1.2 < high <= 1.4
