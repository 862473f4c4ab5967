# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Bad command lines: one line that names the thing, the value and the remedy, and an exit code.

2 is for usage, 1 for the rest; never a signal, a core or a backtrace.
"""
import re

import pytest

from harness import pcap, program

NULLS = ("net_null0", "net_null1")
LINE = re.compile(r"^mfwd: \S.*; \S")


def refused(result, status, *words):
    """One line, the words in it, a remedy behind a semicolon."""
    assert result.status == status, str(result)
    lines = result.err.splitlines()
    assert len(lines) == 1, str(result)
    assert LINE.match(lines[0]), lines[0]
    for word in words:
        assert word in lines[0], f"{word!r} is not in: {lines[0]}"
    assert len(lines[0]) < 400 and lines[0].isprintable(), repr(lines[0])


# Options whose value is wrong, and what the line must name beside them.
VALUES = [
    ("forward-mode", ("", "IO", "ioo", "io,macswap", "txonly", "flowgen", " io", "io\n", "%s%n")),
    ("nb-cores", ("", "0", "-1", "x", "1.5", "0x2", "2 ", "4294967297", "1e1")),
    ("rxq", ("0", "65536", "-1", "one", "99999999999999999999999")),
    ("txq", ("0", "65536", "-1", "one", "+2")),
    ("rxd", ("-1", "65536", "512k", "")),
    ("txd", ("-1", "65536", "512k", "")),
    ("burst", ("-1", "513", "32x", "", "٣٢")),
    ("mbcache", ("-1", "513", "lots")),
    ("mbuf-size", ("0", "384", "65536", "2176,", "2k")),
    ("total-num-mbufs", ("0", "-5", "x", "18446744073709551616")),
    ("max-pkt-len", ("0", "63", "65536", "jumbo")),
    ("portlist", ("", ",", "0,", "0,0", "1-0", "0-", "-1", "a", "0;1", "0-70000", "0--1")),
    ("port-topology", ("", "ring", "Paired")),
    ("stats-period", ("0", "-1", "1.5", "x")),
    ("duration", ("0", "-1", "x", "nan", "inf", "1e999", "5s", "")),
    ("packets", ("0", "-1", "x", "1e6", "18446744073709551617")),
    ("json", ("",)),
    ("idle", ("", "busy", "POLL")),
    ("mirror-port", ("", "-1", "x", "70000")),
    ("mirror-vlan", ("0", "4095", "x", "-1", "")),
]


@pytest.mark.parametrize("option, value", [(o, v) for o, values in VALUES for v in values])
def test_value_out_of_the_table(mfwd, option, value):
    result = program.run([f"--{option}={value}"], vdevs=NULLS)
    shown = value if value.isprintable() and value.isascii() else ""
    refused(result, 2, f"--{option}", shown)


@pytest.mark.parametrize("words, named", (
    (["--nonsense"], "--nonsense"), (["--nonsense=5"], "--nonsense"), (["--bursst=32"], "--burst"),
    (["--burst"], "--burst"), (["--json"], "--json"), (["--tx-first=yes"], "--tx-first"),
    (["extra"], "extra"), (["--duration=1", "extra"], "extra"), (["-x"], "-x"), (["--"], "--"),
    (["-"], "-"), ([""], ""), (["--=5"], "--"), (["--forward_mode=io"], "--forward-mode"),
    (["-burst=32"], "-burst"), (["--" + "a" * 5000], "--aaa"), (["--eth-peer=0,1"], "--eth-peer"),
    (["--rss-ip"], "--rss-ip"), (["-i"], "-i"), (["--coremask=3"], "--coremask"),
    (["--mirror-port=1"], "--mirror-port"), (["--mirror-vlan=5"], "--mirror-vlan"),
    (["--forward-mode=mirror"], "--mirror-port"),
))
def test_words_that_are_no_options(mfwd, words, named):
    refused(program.run(words, vdevs=NULLS), 2, named)


@pytest.mark.parametrize("words, named", (
    (["--portlist=0,7"], ("7",)), (["--portlist=31"], ("31",)),
    (["--forward-mode=mirror", "--mirror-port=9"], ("--mirror-port", "9")),
    (["--forward-mode=mirror", "--mirror-port=1", "--portlist=0,1"], ("--mirror-port", "1")),
    (["--nb-cores=99"], ("--nb-cores", "99")),
    (["--total-num-mbufs=100000000"], ("100000000", "mbufs")),
    (["--json=/nonexistent/folder/x.json", "--packets=1"], ("/nonexistent/folder/x.json",)),
    (["--json=/", "--packets=1"], ("--json", "/")),
))
def test_wishes_the_machine_cannot_meet(mfwd, words, named):
    result = program.run(words, vdevs=NULLS)
    assert result.status in (1, 2), str(result)
    refused(result, result.status, *named)


@pytest.mark.parametrize("vdev, named", (
    ("net_nosuch0", "net_nosuch0"),
    ("net_af_packet0,iface=nosuch0", "net_af_packet0"),
    ("net_pcap0,rx_pcap=/nonexistent.pcap", "/nonexistent.pcap"),
    ("net_pcap0", "net_pcap0"),
    ("net_null0,nonsense=1", "net_null0"),
    ("net_null0,size=x", "net_null0"),
))
def test_device_that_fails_to_probe(mfwd, vdev, named):
    refused(program.run(["--packets=1"], vdevs=[vdev]), 1, named)


@pytest.mark.parametrize("content", (b"", b"\xd4\xc3", b"not a pcap file at all, but some words\n",
                                     b"\xd4\xc3\xb2\xa1" + bytes(10)))
def test_file_that_is_no_pcap(mfwd, tmp_path, content):
    path = tmp_path / "bad.pcap"
    path.write_bytes(content)
    result = program.run(["--packets=1"], vdevs=[f"net_pcap0,rx_pcap={path}"])
    refused(result, 1, str(path))


def test_folder_as_pcap(mfwd, tmp_path):
    result = program.run(["--packets=1"], vdevs=[f"net_pcap0,rx_pcap={tmp_path}"])
    refused(result, 1, str(tmp_path))


def test_pcap_to_a_place_that_is_not(mfwd, tmp_path, trace):
    path = pcap.write(tmp_path / "in.pcap", trace[:1])
    vdev = f"net_pcap0,rx_pcap={path},tx_pcap=/nonexistent/out.pcap"
    refused(program.run(["--packets=1"], vdevs=[vdev]), 1, "/nonexistent/out.pcap")


def test_more_queues_than_the_port_has(mfwd, tmp_path, trace):
    path = pcap.write(tmp_path / "in.pcap", trace[:1])
    result = program.run(["--rxq=3", "--packets=1"], vdevs=[f"net_pcap0,rx_pcap={path}"])
    refused(result, 1, "--rxq=3", "port 0", "net_pcap")


def test_no_ports(mfwd):
    refused(program.run(["--packets=1"]), 1, "port", "--vdev")


def eal_line(*words):
    """EAL options as eal() gives them, with some replaced or added."""
    return program.eal() + list(words)


@pytest.mark.parametrize("cores, named", (
    ("0@{free}", "{free}"), ("0,1@{free}", "{free}"), ("0@9999", "9999"), ("x", "x"),
    ("", "--lcores"),
    ("0@{cpu},1@", "1@"), ("(0,1", "(0,1"),
))
def test_lcores_that_are_not_there(mfwd, cores, named):
    mine = program.cpus()
    names = {"free": max(mine) + 1, "cpu": mine[0]}
    cores, named = cores.format(**names), named.format(**names)
    options = program.eal()
    options[-1] = cores
    result = program.run(["--packets=1"], eal_options=options, vdevs=NULLS)
    assert result.status in (1, 2), str(result)
    refused(result, result.status, named)


@pytest.mark.parametrize("words", (["-l", "0,99"], ["-c", "0x80000000"], ["-l", "zero"],
                                   ["-l", ""]))
def test_cores_that_are_not_there(mfwd, words):
    options = program.eal()[:-2] + words
    result = program.run(["--packets=1"], eal_options=options, vdevs=NULLS)
    assert result.status in (1, 2), str(result)
    refused(result, result.status, words[0])


@pytest.mark.parametrize("words, named", (
    (["--nonsense"], "--nonsense"), (["--nonsense=7"], "--nonsense"), (["-Z"], "Z"),
    (["--iova-mode=xx"], "--iova-mode"), (["--main-lcore=99"], "99"), (["--vdev"], "--vdev"),
    (["--proc-type=none"], "--proc-type"), (["--proc-type=secondary"], "--proc-type"),
    (["--huge-unlink=x"], "--huge-unlink"), (["-m", "0x"], "-m"), (["-m", "lots"], "lots"),
    (["-n", "x"], "-n"), (["--file-prefix=a%b"], "--file-prefix"), (["--in-memory"], "--in-memory"),
))
def test_eal_options_that_are_wrong(mfwd, words, named):
    result = program.run(["--packets=1"], eal_options=eal_line(*words), vdevs=NULLS)
    assert result.status in (1, 2), str(result)
    refused(result, result.status, named)


def test_pool_larger_than_memory(mfwd):
    result = program.run(["--total-num-mbufs=200000", "--packets=1"],
                         eal_options=program.eal(memory=64), vdevs=NULLS)
    refused(result, 1, "200000")


@pytest.mark.parametrize("share", (0.9, 100))
def test_too_few_hugepages(mfwd, share):
    """Most of the machine's memory as hugepages; more than the machine has."""
    with open("/proc/meminfo", encoding="ascii") as info:
        total = int(info.readline().split()[1]) // 1024
    options = ["-m", str(int(total * share)), "--no-pci", "--no-telemetry", "--in-memory",
               "--lcores", program.lcores()]
    result = program.run(["--packets=1"], eal_options=options, vdevs=NULLS)
    refused(result, 1, str(int(total * share)))


def test_forgotten_dashes(mfwd):
    """mfwd's own options in front of --: the line says where they belong."""
    options = program.eal() + ["--forward-mode=io"]
    result = program.run([], eal_options=options, vdevs=NULLS)
    refused(result, 2, "--forward-mode", "--")


@pytest.mark.parametrize("word", ("--help", "--version"))
def test_help_needs_nothing(mfwd, word):
    """Help and version go to stdout and need no port, no memory, no EAL."""
    result = program.run([word], eal_options=[])
    assert result.status == 0 and result.out and not result.err, str(result)


def test_lines_hold_no_control_characters(mfwd):
    """A value that would play with a terminal is not echoed as it is."""
    result = program.run(["--idle=\x1b[2J\x07\r"], vdevs=NULLS)
    refused(result, 2, "--idle")


def test_bad_line_leaves_nothing_behind(mfwd, tmp_path):
    """A bad command line writes no record."""
    path = tmp_path / "r.json"
    refused(program.run([f"--json={path}", "--burst=x"], vdevs=NULLS), 2, "--burst")
    assert not list(tmp_path.iterdir())
