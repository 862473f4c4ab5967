# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""pcap in, pcap out: every frame of the trace, in order, byte by byte, on two lcores."""
import json
import random

import pytest

from harness import expect, pcap, program

MODES = {"io": expect.io, "macswap": expect.macswap, "mirror": expect.io}


class Wires:
    """net_pcap ports with their files in one folder."""

    def __init__(self, folder):
        self.folder, self.vdevs, self.inputs = folder, [], []

    def port(self, *queues, tx=1):
        """A port that receives `queues` (lists of frames) and has `tx` transmit queues."""
        number = len(self.vdevs)
        parts = [f"net_pcap{number}"]
        for queue, frames in enumerate(queues or [[]]):
            path = pcap.write(self.folder / f"in{number}.{queue}.pcap", frames)
            parts.append(f"rx_pcap={path}")
        parts += [f"tx_pcap={self.out(number, queue)}" for queue in range(tx)]
        self.vdevs.append(",".join(parts))
        self.inputs += queues
        return self

    def out(self, number, queue=0):
        return self.folder / f"out{number}.{queue}.pcap"

    def frames(self, number, queue=0):
        return pcap.read(self.out(number, queue))

    def count(self):
        return sum(len(frames) for frames in self.inputs)


@pytest.fixture
def wires(tmp_path):
    return Wires(tmp_path)


def forward(wires, record, *options, workers=2, memory=192):
    """Forward all that the ports receive; the record of the clean run."""
    result = program.run(["--idle=sleep", f"--nb-cores={workers}", f"--packets={wires.count()}",
                          f"--json={record}", *options],
                         eal_options=program.eal(workers, memory), vdevs=wires.vdevs)
    return program.clean(result, record)


def same(got, want):
    assert not (text := expect.differences(got, want)), text


def backwards(frames):
    return frames[::-1]


@pytest.mark.parametrize("mode", MODES)
def test_both_directions(mfwd, wires, record, trace, mode):
    """Two ports, two lcores: what came in at one goes out at the other."""
    wires.port(trace).port(backwards(trace))
    options = [f"--forward-mode={mode}"]
    if mode == "mirror":
        wires.port(tx=2)
        options.append("--mirror-port=2")
    got = forward(wires, record, *options)
    same(wires.frames(1), [MODES[mode](f) for f in trace])
    same(wires.frames(0), [MODES[mode](f) for f in backwards(trace)])
    size = sum(map(len, trace))
    for port in got["ports"][:2]:
        assert (port["rx_packets"], port["rx_bytes"]) == (len(trace), size), port
        assert (port["tx_packets"], port["tx_bytes"]) == (len(trace), size), port
    assert [lcore["rx_packets"] for lcore in got["lcores"]] == [len(trace)] * 2
    assert not any(got["drops"].values()), got["drops"]
    assert got["total"]["rx_packets"] == 2 * len(trace) and got["total"]["dropped"] == 0


def mirrored(wires, mirror, trace, change):
    """What left the mirror port: one file a lcore, each the frames of one direction."""
    files = [wires.frames(mirror, queue) for queue in range(2)]
    if files[0] and files[0][0] != change(trace[0]):
        files.reverse()
    same(files[0], [change(f) for f in trace])
    same(files[1], [change(f) for f in backwards(trace)])


@pytest.mark.parametrize("tag", (None, 1, 42, 4094))
def test_mirror(mfwd, wires, record, trace, tag):
    """The peer gets the frame as it was, the mirror port gets it too, tagged where asked."""
    wires.port(trace).port(backwards(trace)).port(tx=2)
    options = ["--forward-mode=mirror", "--mirror-port=2"]
    options += [f"--mirror-vlan={tag}"] if tag else []
    got = forward(wires, record, *options)
    same(wires.frames(1), trace)
    same(wires.frames(0), backwards(trace))
    mirrored(wires, 2, trace, expect.vlan(tag) if tag else expect.io)
    port = got["ports"][2]
    assert port["tx_packets"] == 2 * len(trace), port
    assert port["tx_bytes"] == 2 * sum(map(len, trace)) + (4 if tag else 0) * 2 * len(trace), port


@pytest.mark.parametrize("burst", (1, 3, 64, 512))
def test_any_burst(mfwd, wires, record, trace, burst):
    frames = trace[:3000]
    wires.port(frames).port(backwards(frames)).port(tx=2)
    forward(wires, record, "--forward-mode=mirror", "--mirror-port=2", "--mirror-vlan=7",
            f"--burst={burst}")
    same(wires.frames(1), frames)
    same(wires.frames(0), backwards(frames))
    mirrored(wires, 2, frames, expect.vlan(7))


def test_several_queues(mfwd, wires, record, trace):
    """Queue q of a port goes to queue q of its peer."""
    half = len(trace) // 2
    wires.port(trace[:half], trace[half:], tx=2).port(trace[half:], trace[:half], tx=2)
    forward(wires, record, "--rxq=2", "--txq=2")
    same(wires.frames(1, 0), trace[:half])
    same(wires.frames(1, 1), trace[half:])
    same(wires.frames(0, 0), trace[half:])
    same(wires.frames(0, 1), trace[:half])


@pytest.mark.parametrize("topology, peers",
                         (("paired", (1, 0, 3, 2)), ("chained", (1, 2, 3, 0)),
                          ("loop", (0, 1, 2, 3))))
def test_topologies(mfwd, wires, record, trace, topology, peers):
    """Who sends to whom is testpmd's rule."""
    parts = [trace[n::40] for n in range(4)]
    for part in parts:
        wires.port(part)
    forward(wires, record, f"--port-topology={topology}")
    for source, peer in enumerate(peers):
        same(wires.frames(peer), parts[source])


def test_portlist_leaves_ports_alone(mfwd, wires, record, trace):
    parts = [trace[:500], [], trace[500:900], []]
    for part in parts:
        wires.port(part)
    got = forward(wires, record, "--portlist=2,0")
    same(wires.frames(0), parts[2])
    same(wires.frames(2), parts[0])
    assert {port["port"] for port in got["ports"]} == {0, 2}


def test_ends_at_the_count(mfwd, wires, record, trace):
    """--packets below what there is: exactly so many go through."""
    wires.port(trace).port([])
    result = program.run(["--idle=sleep", "--packets=1001", f"--json={record}"],
                         vdevs=wires.vdevs)
    got = program.clean(result, record)
    assert got["total"]["rx_packets"] == 1001
    same(wires.frames(1), trace[:1001])


def jumbo(count=600, seed=9):
    """Frames of 9,000 bytes and some smaller ones, all noise."""
    draw = random.Random(seed)
    sizes = (9014, 9014, 9014, 8999, 4097, 2048, 1514, 60)
    return [draw.randbytes(draw.choice(sizes)) for _ in range(count)]


@pytest.mark.parametrize("mode, change", (("io", expect.io), ("macswap", expect.macswap)))
@pytest.mark.parametrize("room", (385, 640, 2176, 9728))
def test_jumbo_chains(mfwd, wires, record, mode, change, room):
    """9,000-byte frames in buffers of `room`: chains of up to 36 segments."""
    frames = jumbo()
    wires.port(frames).port(backwards(frames))
    got = forward(wires, record, f"--forward-mode={mode}", f"--mbuf-size={room}",
                  "--max-pkt-len=9018", "--total-num-mbufs=8192", memory=512)
    same(wires.frames(1), [change(f) for f in frames])
    same(wires.frames(0), [change(f) for f in backwards(frames)])
    assert not any(got["drops"].values()), got["drops"]


@pytest.mark.parametrize("room", (640, 2176))
@pytest.mark.parametrize("tag", (None, 42))
def test_jumbo_mirror(mfwd, wires, record, tag, room):
    """Every segment of a chain is shared; the tag's header goes in front of the chain."""
    frames = jumbo()
    wires.port(frames).port(backwards(frames)).port(tx=2)
    options = ["--forward-mode=mirror", "--mirror-port=2", f"--mbuf-size={room}",
               "--max-pkt-len=9018", *([f"--mirror-vlan={tag}"] if tag else [])]
    got = forward(wires, record, *options, memory=512)
    same(wires.frames(1), frames)
    mirrored(wires, 2, frames, expect.vlan(tag) if tag else expect.io)
    assert not any(got["drops"].values()), got["drops"]


def test_frames_too_short_for_a_header(mfwd, wires, record):
    """Runts of up to an Ethernet header: nothing is read past their end, what is lost is named."""
    frames = [bytes([n]) * n for n in (1, 5, 6, 11, 12, 13, 14, 15, 60) for _ in range(50)]
    wires.port(frames).port([]).port(tx=2)
    got = forward(wires, record, "--forward-mode=mirror", "--mirror-port=2", "--mirror-vlan=5")
    same(wires.frames(1), frames)
    sent = wires.frames(2, 0) + wires.frames(2, 1)
    want = [f for f in frames if len(f) > 14]
    same(sent, [expect.vlan(5)(f) for f in want])
    assert got["drops"]["mirror_short"] == len(frames) - len(want), got["drops"]


def test_record_on_stdout_is_the_file(mfwd, wires, trace):
    """--json=- : stdout is one JSON record and nothing else."""
    wires.port(trace[:100]).port([])
    result = program.run(["--idle=sleep", "--packets=100", "--json=-"], vdevs=wires.vdevs)
    program.clean(result, json.loads(result.out))
