# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""mode mirror where a port is slow or goes away: nothing is unaccounted for, nothing leaks."""
import signal

import pytest

from harness import lab as labs
from harness import pcap, program

MIRROR = ["--forward-mode=mirror", "--mirror-port=2", "--nb-cores=2", "--idle=sleep"]


def reasons(record, prefix):
    return sum(count for reason, count in record["drops"].items() if reason.startswith(prefix))


def accounted(record):
    """Every packet received went to the peer or has a reason; so did its copy.

    What a port accepted, it sent or counted as an error.
    """
    received = record["total"]["rx_packets"]
    peers = sum(p["tx_packets"] + p["tx_errors"] for p in record["ports"] if p["port"] != 2)
    copies = sum(p["tx_packets"] + p["tx_errors"] for p in record["ports"] if p["port"] == 2)
    assert received == peers + reasons(record, "tx_"), record
    assert received == copies + reasons(record, "mirror_"), record
    assert record["total"]["dropped"] == sum(record["drops"].values()), record
    return received


@pytest.mark.parametrize("tag", (None, 9))
def test_mirror_port_that_nobody_empties(mfwd, tmp_path, record, trace, tag):
    """The slowest port there is: a ring that fills up. The peer does not suffer."""
    frames = trace[:4000]
    vdevs = [f"net_pcap{n},rx_pcap={pcap.write(tmp_path / f'in{n}.pcap', frames)},"
             f"tx_pcap={tmp_path}/out{n}.pcap" for n in range(2)] + ["net_ring0"]
    options = MIRROR + [f"--packets={2 * len(frames)}", f"--json={record}", "--txd=1024"]
    got = program.clean(program.run(options + ([f"--mirror-vlan={tag}"] if tag else []),
                                    vdevs=vdevs), record)
    assert accounted(got) == 2 * len(frames)
    assert got["drops"]["mirror_full"] > 0 and reasons(got, "tx_") == 0, got["drops"]
    for number in range(2):
        assert pcap.read(tmp_path / f"out{number}.pcap") == frames


@pytest.mark.parametrize("tag", (None, 9))
def test_peer_that_nobody_empties(mfwd, tmp_path, record, trace, tag):
    """The other way round: the peer is full, the mirror port gets everything."""
    frames = trace[:4000]
    source = pcap.write(tmp_path / "in.pcap", frames)
    vdevs = [f"net_pcap0,rx_pcap={source},tx_pcap={tmp_path}/out0.pcap", "net_ring0",
             f"net_pcap1,rx_pcap={pcap.write(tmp_path / 'none.pcap', [])},"
             f"tx_pcap={tmp_path}/m0.pcap,tx_pcap={tmp_path}/m1.pcap"]
    options = MIRROR + ["--nb-cores=1", "--json", str(record)] + (
        [f"--mirror-vlan={tag}"] if tag else [])
    with program.Mfwd(options, vdevs=vdevs) as run:
        run.forwarding()
        # The ring gives back what it took, so the run only ends by a signal; the copies of all
        # frames are the event to wait for.
        wait_for_size(tmp_path / "out0.pcap", 1)
        got = program.clean(run.stop(), record)
    accounted(got)
    sent = pcap.read(tmp_path / "m0.pcap") + pcap.read(tmp_path / "m1.pcap")
    assert len(sent) == got["ports"][2]["tx_packets"] >= got["ports"][0]["rx_packets"]


def wait_for_size(path, size):
    labs.until(lambda: path.exists() and path.stat().st_size >= size)


def infinite(tmp_path, trace, count=200):
    path = pcap.write(tmp_path / "in.pcap", trace[:count])
    return f"net_pcap0,rx_pcap={path},infinite_rx=1"


def loaded(lab, tmp_path, trace):
    """Ports: a source under full load, a veth as its peer, a veth as the mirror port."""
    hosts = [lab.veth("peer", "10.78.0.1"), lab.veth("mirr", "10.78.1.1")]
    vdevs = [infinite(tmp_path, trace), "net_af_packet0,iface=peer",
             "net_af_packet1,iface=mirr,qpairs=2"]
    return hosts, vdevs


def flows(host, beyond=0, packets=500):
    """Wait until `packets` more frames have reached the host."""
    labs.until(lambda: labs.counters(host.ns, host.interface)[0] >= beyond + packets)


@pytest.mark.parametrize("tag", (None, 9))
def test_mirror_port_slower_than_the_peer(mfwd, lab, tmp_path, record, trace, tag):
    """A veth keeps up with neither the source nor net_null, the peer."""
    host = lab.veth("mirr", "10.78.1.1")
    vdevs = [infinite(tmp_path, trace), "net_null0", "net_af_packet0,iface=mirr,qpairs=2"]
    options = MIRROR + [f"--json={record}"] + ([f"--mirror-vlan={tag}"] if tag else [])
    with program.Mfwd(options, vdevs=vdevs, prefix=lab.prefix) as run:
        run.forwarding()
        flows(host)
        got = program.clean(run.stop(), record)
    accounted(got)
    assert labs.counters(host.ns, host.interface)[0] <= got["ports"][2]["tx_packets"]


@pytest.mark.parametrize("end", ("down", "delete"))
@pytest.mark.parametrize("which", (0, 1), ids=("peer", "mirror"))
def test_port_closed_in_mid_run(mfwd, lab, tmp_path, record, trace, which, end):
    """The peer's or the mirror's interface goes down, or away, under load."""
    hosts, vdevs = loaded(lab, tmp_path, trace)
    options = MIRROR + ["--mirror-vlan=9", f"--json={record}"]
    with program.Mfwd(options, vdevs=vdevs, prefix=lab.prefix) as run:
        run.forwarding()
        for host in hosts:
            flows(host)
        name = ("peer", "mirr")[which]
        if end == "down":
            lab.run("ip", "link", "set", name, "down")
        else:
            lab.run("ip", "link", "del", name)
        other = hosts[1 - which]
        flows(other, beyond=labs.counters(other.ns, other.interface)[0])
        assert run.running()
        got = program.clean(run.stop(signal.SIGTERM), record)
    accounted(got)


def test_far_end_closed_and_opened_again(mfwd, lab, tmp_path, record, trace):
    """The host behind the mirror port goes down and comes back: it gets frames again."""
    hosts, vdevs = loaded(lab, tmp_path, trace)
    with program.Mfwd(MIRROR + [f"--json={record}"], vdevs=vdevs, prefix=lab.prefix) as run:
        run.forwarding()
        flows(hosts[1])
        hosts[1].set("down")
        flows(hosts[0], beyond=labs.counters(hosts[0].ns, hosts[0].interface)[0])
        hosts[1].set("up")
        flows(hosts[1], beyond=labs.counters(hosts[1].ns, hosts[1].interface)[0])
        got = program.clean(run.stop(), record)
    accounted(got)
