# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Two kernel hosts talk through mfwd: over veth with net_af_packet, and over net_tap."""
import contextlib

import pytest

from harness import lab as labs
from harness import pcap, program

FIRST, SECOND = "10.77.0.1", "10.77.0.2"


class Path:
    """Two hosts, the mfwd between them, and how to read the wire's counters."""

    def __init__(self, lab, mfwd, hosts, wires):
        self.lab, self.mfwd, self.hosts, self.wires = lab, mfwd, hosts, wires

    def counters(self, read=labs.counters):
        """What the kernel counted at each wire: packets and bytes received and sent."""
        return [read(*wire) for wire in self.wires]


@contextlib.contextmanager
def veths(lab, record, *options):
    """Hosts behind veth pairs. A wire's RX is what mfwd receives."""
    hosts = [lab.veth("left", FIRST), lab.veth("right", SECOND)]
    vdevs = [f"net_af_packet{n},iface={name},framecnt=1024" for n, name in
             enumerate(("left", "right"))]
    before = [labs.counters(lab.ns, name) for name in ("left", "right")]
    assert before == [(0, 0, 0, 0)] * 2, f"something is on the wires already: {before}"
    with program.Mfwd(["--idle=sleep", "--nb-cores=2", f"--json={record}", *options], vdevs=vdevs,
                      prefix=lab.prefix) as mfwd:
        mfwd.forwarding()
        yield Path(lab, mfwd, hosts, [(lab.ns, "left"), (lab.ns, "right")])


@contextlib.contextmanager
def taps(lab, record, *options):
    """Hosts that own the TAPs. A host's TX is what mfwd receives."""
    vdevs = [f"net_tap{n},iface={name}" for n, name in enumerate(("left", "right"))]
    with program.Mfwd(["--idle=sleep", "--nb-cores=2", f"--json={record}", *options], vdevs=vdevs,
                      prefix=lab.prefix) as mfwd:
        mfwd.forwarding()
        hosts = [lab.tap("left", FIRST), lab.tap("right", SECOND)]
        yield Path(lab, mfwd, hosts, [(host.ns, host.interface) for host in hosts])


WIRES = {"veth": (veths, lambda c: c), "tap": (taps, lambda c: (c[2], c[3], c[0], c[1]))}


def agree(path, record, turn):
    """mfwd's counters are the kernel's, once both stand still.

    The last ping is the event that says so: queues keep their order, so what was sent before it
    has passed mfwd in both directions when its reply is there.
    """
    labs.still(path.counters)
    path.hosts[0].first_ping(path.hosts[1])
    labs.still(path.counters)
    kernel = [turn(c) for c in path.counters(labs.shown_counters)]
    got = program.clean(path.mfwd.stop(), record)
    mine = [tuple(port[key] for key in ("rx_packets", "rx_bytes", "tx_packets", "tx_bytes"))
            for port in got["ports"]]
    assert mine == kernel, f"mfwd counted {mine}, the kernel {kernel}\n{got}"
    for port in got["ports"]:
        assert not any(port[key] for key in ("rx_missed", "rx_errors", "rx_nombuf", "tx_errors"))
    assert got["total"]["dropped"] == 0, got
    assert got["total"]["rx_packets"] == got["total"]["tx_packets"] == sum(k[0] for k in kernel)
    return got


@pytest.mark.parametrize("wire", WIRES)
def test_ping_and_tcp(mfwd, lab, record, wire):
    """Ping both ways without loss, TCP for 5 s each way, and every counter agrees."""
    make, turn = WIRES[wire]
    with make(lab, record) as path:
        left, right = path.hosts
        left.meets(right)
        for size in (56, 1472):
            assert left.ping(right, size=size) == (20, 20)
            assert right.ping(left, size=size) == (20, 20)
        assert lab.iperf(left, right, 5) > 0
        assert lab.iperf(right, left, 1) > 0
        got = agree(path, record, turn)
        assert {port["driver"] for port in got["ports"]} == {
            "veth": {"net_af_packet"}, "tap": {"net_tap"}}[wire]


@pytest.mark.parametrize("room", (640, 2176))
def test_jumbo_frames_of_a_tap_are_chains(mfwd, lab, record, tmp_path, room):
    """A host's frames of 9,014 bytes come in buffers of `room` and go out whole.

    Into a file: net_tap itself sends no frame that is longer than its driver's MTU.
    """
    frames = [bytes(12) + b"\x88\xb5" + bytes((n * 7 + i) % 251 for i in range(9000))
              for n in range(50)]
    out = tmp_path / "out.pcap"
    pcap.write(tmp_path / "none.pcap", [])
    vdevs = ["net_tap0,iface=left", f"net_pcap1,rx_pcap={tmp_path}/none.pcap,tx_pcap={out}"]
    with program.Mfwd(["--idle=sleep", "--max-pkt-len=9018", f"--mbuf-size={room}",
                       f"--packets={len(frames)}", f"--json={record}"], vdevs=vdevs,
                      prefix=lab.prefix) as run:
        run.forwarding()
        assert ", scatter\n" in run.stdout.text()
        host = lab.tap("left", FIRST)
        host.set("mtu", "9000")
        with labs.packet_socket(host.ns, host.interface) as wire:
            for frame in frames:
                wire.send(frame)
            got = program.clean(run.wait(), record)
    assert pcap.read(out) == frames
    assert got["total"]["dropped"] == 0, got


def test_jumbo_frames_cross_veth(mfwd, lab, record):
    """net_af_packet cannot scatter: a frame needs a buffer as large as the socket's frame."""
    hosts = [lab.veth("left", FIRST, mtu=9000), lab.veth("right", SECOND, mtu=9000)]
    vdevs = [f"net_af_packet{n},iface={name},blocksz=16384,framesz=16384,framecnt=256"
             for n, name in enumerate(("left", "right"))]
    options = ["--idle=sleep", "--max-pkt-len=9018", "--mbuf-size=16512", "--rxd=256",
               f"--json={record}"]
    with program.Mfwd(options, vdevs=vdevs, prefix=lab.prefix) as run:
        run.forwarding()
        left, right = hosts
        left.meets(right)
        for here, there in ((left, right), (right, left)):
            assert here.ping(there, size=8972) == (20, 20)
        got = program.clean(run.stop(), record)
    assert got["total"]["dropped"] == 0, got


@pytest.mark.parametrize("idle", ("poll", "pause", "sleep"))
def test_every_idle_mode_forwards_after_a_rest(mfwd, lab, record, idle):
    """Traffic, silence, traffic: no idle mode sleeps through the second part."""
    with veths(lab, record, f"--idle={idle}") as path:
        left, right = path.hosts
        left.meets(right)
        labs.still(path.counters)
        assert right.ping(left, count=5) == (5, 5)
        agree(path, record, WIRES["veth"][1])


def test_one_lcore_serves_both_ports(mfwd, lab, record):
    with veths(lab, record, "--nb-cores=1") as path:
        left, right = path.hosts
        left.meets(right)
        assert left.ping(right) == (20, 20)
        agree(path, record, WIRES["veth"][1])


def test_mirror_between_hosts(mfwd, lab, record):
    """A third host sees what the two say to each other, tagged; they do not notice."""
    left, right, third = (lab.veth("left", FIRST), lab.veth("right", SECOND),
                          lab.veth("third", "10.77.1.1"))
    vdevs = [f"net_af_packet{n},iface={name}" for n, name in
             enumerate(("left", "right", "third"))]
    vdevs[2] += ",qpairs=2"
    options = ["--idle=sleep", "--nb-cores=2", "--forward-mode=mirror", "--mirror-port=2",
               "--mirror-vlan=100", f"--json={record}"]
    with program.Mfwd(options, vdevs=vdevs, prefix=lab.prefix) as mfwd, \
            labs.packet_socket(third.ns, third.interface) as tap:
        mfwd.forwarding()
        left.meets(right)
        assert left.ping(right, count=10) == (10, 10)
        tap.settimeout(program.DEADLINE)
        echoes, requests = 0, 0
        while echoes < 10 or requests < 10:
            frame = tap.recv(2048)
            kind = tagged_icmp(frame)
            echoes, requests = echoes + (kind == 0), requests + (kind == 8)
        labs.still(lambda: labs.counters(third.ns, third.interface))
        got = program.clean(mfwd.stop(), record)
    first, second, mirror = got["ports"]
    assert mirror["tx_packets"] == first["rx_packets"] + second["rx_packets"]
    assert labs.counters(third.ns, third.interface)[0] == mirror["tx_packets"]
    assert got["total"]["dropped"] == 0, got


def tagged_icmp(frame):
    """The ICMP type of a frame; None for others. The kernel may have taken the tag off."""
    at = 16 if frame[12:14] == b"\x81\x00" else 12
    return frame[at + 22] if frame[at:at + 2] == b"\x08\x00" and frame[at + 11] == 1 else None
