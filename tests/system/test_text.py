# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The statistics' text is testpmd's: run beside the real one, fields and layout compared."""
import os
import re
import shutil
import subprocess

import pytest

from harness import program

TESTPMD = "dpdk-testpmd"
NUMBER = re.compile(r"\d+(\.\d+)? *")


def shape(lines):
    """Lines with every number, and the blanks that pad it, made alike."""
    return [NUMBER.sub("N ", line).rstrip() for line in lines]


def padding(lines):
    """Each number's field, number and blanks, as wide as it is; the last on a line has none."""
    return [[len(field) for field in re.findall(r"\d+ +(?=\S)", line)] for line in lines]


def blocks(text, first, last):
    """The runs of lines from one that matches `first` to the next that matches `last`."""
    found, current = [], None
    for line in text.splitlines():
        if current is None and re.search(first, line):
            current = []
        if current is not None:
            current.append(line)
            if len(current) > 1 and re.search(last, line):
                found.append(current)
                current = None
    return found


def run_real(*options, vdevs, until):
    """A run of the real program, ended by a newline once its output shows `until`."""
    command = ["stdbuf", "-oL", TESTPMD, *program.eal()]
    for vdev in vdevs:
        command += ["--vdev", vdev]
    command += ["--", "--no-mlockall", "--nb-cores=2", "--total-num-mbufs=4096", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    try:
        output = program.Output(process.stdout)
        assert output.wait(until), output.text()
        process.stdin.write(b"\n")
        process.stdin.close()
        if "--stats-period=1" in options:
            process.terminate()
        process.wait(program.DEADLINE)
        return output.end()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def real(need):
    for tool in (TESTPMD, "stdbuf"):
        if shutil.which(tool) is None:
            need(f"no {tool}")
    return run_real


VDEVS = ("net_null0", "net_null1")
FORWARD = (r"-+ Forward statistics for port", r"^  -+$")
TOTAL = (r"\++ Accumulated forward statistics", r"^  \++$")
NIC = (r"#+ NIC statistics for port", r"^  #+$")


def ours(*options, until=None):
    with program.Mfwd(["--nb-cores=2", "--idle=sleep", *options], vdevs=VDEVS) as mfwd:
        mfwd.forwarding()
        if until:
            assert mfwd.stdout.wait(until), str(mfwd.wait())
        result = mfwd.stop()
    assert result.status == 0, str(result)
    return result.out


def test_forward_statistics(mfwd, real):
    theirs = real(vdevs=VDEVS, until="Press enter")
    mine = ours()
    for first, last in (FORWARD, TOTAL):
        want, got = blocks(theirs, first, last), blocks(mine, first, last)
        assert len(want) == len(got) == (2 if first is FORWARD[0] else 1), mine
        for one, other in zip(got, want):
            assert shape(one) == shape(other)


def test_nic_statistics_while_it_runs(mfwd, real):
    marker = r"^  #{20,}$"
    theirs = real("--stats-period=1", vdevs=VDEVS, until=marker)
    mine = ours("--stats-period=1", until=marker)
    want, got = blocks(theirs, *NIC), blocks(mine, *NIC)
    assert want and got, mine
    assert shape(got[0]) == shape(want[0])
    assert re.search("^Port statistics =+$", mine, re.M)


def test_field_widths(mfwd, real):
    """Scripts cut columns: a small number takes as much room as testpmd gives it."""
    vdevs = ("net_null0,no-rx=1", "net_null1,no-rx=1")
    theirs = real(vdevs=vdevs, until="Press enter")
    result = program.run(["--duration=0.1"], vdevs=vdevs)
    assert result.status == 0, str(result)
    for first, last in (FORWARD, TOTAL):
        for one, other in zip(blocks(result.out, first, last), blocks(theirs, first, last)):
            assert one == other, "all zero: the same bytes"
            assert padding(one) == padding(other)


def test_numbers_are_the_records(mfwd, record):
    """The text's totals and the record's are the same."""
    result = program.run(["--packets=4096", f"--json={record}"], vdevs=VDEVS)
    got = program.clean(result, record)
    text = "\n".join(blocks(result.out, *TOTAL)[0])
    assert int(re.search(r"RX-packets: (\d+)", text)[1]) == got["total"]["rx_packets"]
    assert int(re.search(r"TX-packets: (\d+)", text)[1]) == got["total"]["tx_packets"]


def test_environment_changes_nothing(mfwd):
    """No terminal, another language: the same text."""
    env = dict(os.environ, LC_ALL="C", TERM="dumb")
    result = program.run(["--packets=10"], vdevs=VDEVS, env=env)
    assert result.status == 0 and "Accumulated forward statistics" in result.out, str(result)
