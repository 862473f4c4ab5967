# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Jumbo frames between hosts as chains: net_vhost here, net_virtio_user in other processes.

These drivers give and take chains of segments. Sources and sinks are mfwd too: a source reads a
pcap file, a sink writes one. No more frames are sent than the shortest ring on the way holds, so
nothing may be lost, however slow a reader is.
"""
import contextlib
import random
import shutil
import tempfile
from pathlib import Path

import pytest

from harness import expect, pcap, program

JUMBO = "--max-pkt-len=9018"
LINKED = r"Vhost device \d+ created"


def noise(count=100, seed=5):
    draw = random.Random(seed)
    sizes = (9014, 9014, 9014, 8999, 4097, 2048, 1514, 60)
    return [draw.randbytes(draw.choice(sizes)) for _ in range(count)]


class Hosts:
    """mfwd with vhost ports, and a process behind each."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack
        self.run, self.linked = None, 0

    def socket(self, port):
        return self.folder / f"s{port}"

    def forward(self, ports, *options):
        """The mfwd under test, with `ports` vhost ports."""
        vdevs = [f"net_vhost{n},iface={self.socket(n)},queues={2 if n == 2 else 1}"
                 for n in range(ports)]
        eal = program.eal(2, 256) + ["--log-level=pmd.net.vhost:info"]
        self.run = program.Mfwd(["--idle=sleep", "--nb-cores=2", JUMBO, *options],
                                eal_options=eal, vdevs=vdevs)
        self.stack.enter_context(self.run)
        return self.run.forwarding()

    def host(self, port, frames, room, *options, queues=1):
        """A host behind vhost port `port` that sends `frames` and writes down what comes.

        It is there when the driver says that the link is up: until then the port takes nothing.
        """
        name = f"{port}-{program.unique('h')}"
        source = pcap.write(self.folder / f"in{name}.pcap", frames)
        files = [self.folder / f"out{name}.{q}.pcap" for q in range(queues)]
        tx = ",".join(f"tx_pcap={path}" for path in files)
        rx = ",".join([f"rx_pcap={source}"] * queues)
        vdevs = [f"net_pcap0,{rx},{tx}",
                 f"net_virtio_user0,path={self.socket(port)},queues={queues},queue_size=1024,"
                 "mrg_rxbuf=1"]
        run = program.Mfwd(["--idle=sleep", "--nb-cores=1", JUMBO, f"--mbuf-size={room}",
                            f"--rxq={queues}", f"--txq={queues}", *options],
                           eal_options=program.eal(1, 256), vdevs=vdevs)
        self.stack.enter_context(run)
        run.forwarding()
        self.linked += 1
        assert self.run.stderr.wait_count(LINKED, self.linked), self.run.stderr.text()
        return run, files


@pytest.fixture
def hosts():
    """A short folder: a socket's name has 107 bytes at most."""
    folder = tempfile.mkdtemp(prefix="mfwdtest")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        yield Hosts(Path(folder), stack)


@pytest.mark.parametrize("room", (640, 2176))
@pytest.mark.parametrize("mode, change", (("io", expect.io), ("macswap", expect.macswap)))
def test_jumbo_from_host_to_host(mfwd, hosts, tmp_path, mode, change, room):
    """Frames of 9,000 bytes cross in clusters of `room`."""
    frames, record = noise(), tmp_path / "record.json"
    run = hosts.forward(2, f"--forward-mode={mode}", f"--mbuf-size={room}", f"--json={record}")
    sink, files = hosts.host(1, [], 9728, f"--packets={len(frames)}", "--total-num-mbufs=2500")
    source, _ = hosts.host(0, frames, 2176)
    assert sink.wait().status == 0, str(sink.result)
    assert source.stop().status == 0, str(source.result)
    got = program.clean(run.stop(), record)
    assert not (text := expect.differences(pcap.read(files[0]), [change(f) for f in frames])), text
    assert got["ports"][0]["rx_packets"] == got["ports"][1]["tx_packets"] == len(frames)
    assert got["ports"][0]["rx_bytes"] == sum(map(len, frames))
    assert got["drops"]["tx_segs"] == 0, got["drops"]


@pytest.mark.parametrize("tag", (None, 42))
def test_jumbo_mirror(mfwd, hosts, tmp_path, tag):
    """Every segment of a chain is shared with the mirror port; a tag's header goes in front."""
    frames, record = noise(60), tmp_path / "record.json"
    run = hosts.forward(3, "--forward-mode=mirror", "--mirror-port=2", "--mbuf-size=2176",
                        f"--json={record}", *([f"--mirror-vlan={tag}"] if tag else []))
    ends = f"--packets={len(frames)}"
    third, copies = hosts.host(2, [], 9728, ends, "--total-num-mbufs=2500", queues=2)
    sink, files = hosts.host(1, [], 9728, ends, "--total-num-mbufs=2500")
    source, _ = hosts.host(0, frames, 2176)
    for host in (sink, third):
        assert host.wait().status == 0, str(host.result)
    assert source.stop().status == 0, str(source.result)
    got = program.clean(run.stop(), record)
    assert not (text := expect.differences(pcap.read(files[0]), frames)), text
    change = expect.vlan(tag) if tag else expect.io
    mirrored = [f for path in copies for f in pcap.read(path)]
    assert not (text := expect.differences(mirrored, [change(f) for f in frames])), text
    assert not any(got["drops"].values()), got["drops"]


def test_ring_size_that_the_driver_refuses(mfwd, hosts):
    """A virtio ring of 8 is below the least that its driver takes."""
    hosts.forward(1, "--port-topology=loop")
    result = program.run(["--rxd=8", "--packets=1"],
                         vdevs=[f"net_virtio_user0,path={hosts.socket(0)}"])
    assert result.status == 1, str(result)
    lines = result.err.splitlines()
    assert len(lines) == 1 and "--rxd=8" in lines[0] and "net_virtio_user" in lines[0], lines
