# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The final record: its keys, their types, and where it goes."""
import json
import re

import pytest

from harness import program

COUNT = int
PORT = {"port": int, "name": str, "driver": str, "rx_packets": COUNT, "rx_bytes": COUNT,
        "tx_packets": COUNT, "tx_bytes": COUNT, "rx_missed": COUNT, "rx_errors": COUNT,
        "rx_nombuf": COUNT, "tx_errors": COUNT}
LCORE = {"lcore": int, "cpu": int, "rx_packets": COUNT, "tx_packets": COUNT,
         "busy_cycles": COUNT, "poll_cycles": COUNT}
POOL = {"name": str, "socket": int, "size": COUNT, "in_use": COUNT}
TOTAL = {"rx_packets": COUNT, "tx_packets": COUNT, "dropped": COUNT, "mpps": float}
RECORD = {"schema": (int, str), "program": str, "version": str, "mode": str, "duration_s": float,
          "ports": [PORT], "lcores": [LCORE], "drops": {}, "pools": [POOL], "total": TOTAL}


def check(value, shape, where="record"):
    """Compare a value with its shape: every key there, of the right type."""
    if isinstance(shape, list):
        assert isinstance(value, list) and value, f"{where}: a list with something in it"
        for number, item in enumerate(value):
            check(item, shape[0], f"{where}[{number}]")
    elif isinstance(shape, dict):
        assert isinstance(value, dict), where
        assert set(shape) <= set(value), f"{where} lacks {set(shape) - set(value)}"
        for key, inner in shape.items():
            check(value[key], inner, f"{where}.{key}")
    elif shape is float:
        assert isinstance(value, (int, float)) and not isinstance(value, bool), where
    else:
        assert isinstance(value, shape) and not isinstance(value, bool), f"{where}: {value!r}"
        assert not isinstance(value, int) or value >= 0 or where.endswith("socket"), where


def nulls(count=2):
    return [f"net_null{n}" for n in range(count)]


@pytest.mark.parametrize("mode", ("io", "macswap", "mirror"))
def test_record_has_its_keys(mfwd, record, mode):
    options = ["--packets=5000", f"--forward-mode={mode}", f"--json={record}"]
    options += ["--mirror-port=2"] if mode == "mirror" else []
    result = program.run(options, vdevs=nulls(3 if mode == "mirror" else 2))
    got = program.clean(result, record)
    check(got, RECORD)
    assert got["program"] == "mfwd" and got["mode"] == mode
    assert all(isinstance(v, int) for v in got["drops"].values()) and got["drops"]
    assert [port["name"] for port in got["ports"]] == nulls(len(got["ports"]))
    assert {port["driver"] for port in got["ports"]} == {"net_null"}
    assert len({pool["name"] for pool in got["pools"]}) == len(got["pools"])
    assert got["duration_s"] > 0 and got["total"]["rx_packets"] == 5000


def test_version_is_the_programs(mfwd, record):
    shown = program.run(["--version"], eal_options=[])
    assert shown.status == 0, str(shown)
    got = program.clean(program.run(["--packets=100", f"--json={record}"], vdevs=nulls()), record)
    assert got["version"] in shown.out


def test_stdout_holds_the_record_alone(mfwd):
    result = program.run(["--packets=5000", "--json=-", "--stats-period=1"], vdevs=nulls())
    check(program.clean(result, json.loads(result.out)), RECORD)
    assert re.search("Forward statistics", result.err), "the text goes to stderr then"


def test_text_and_record_in_one_run(mfwd, record):
    """--json=FILE leaves the text where it is."""
    result = program.run(["--packets=5000", f"--json={record}"], vdevs=nulls())
    got = program.clean(result, record)
    shown = [int(n) for n in re.findall(r"RX-total: (\d+)", result.out)]
    assert shown[-1] == got["total"]["rx_packets"] == sum(shown[:-1])


def test_record_replaces_an_old_one(mfwd, record):
    record.write_text("x" * 100_000)
    program.clean(program.run(["--packets=10", f"--json={record}"], vdevs=nulls()), record)


def test_full_disk_is_an_error(mfwd):
    result = program.run(["--packets=10", "--json=/dev/full"], vdevs=nulls())
    assert result.status == 1, str(result)
    assert "/dev/full" in result.err.splitlines()[-1], str(result)
