# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Jumbo frames between hosts as chains: net_vhost here, net_virtio_user in other processes.

These drivers give and take chains of segments. Sources and sinks are mfwd too: a source reads a
pcap file, a sink writes one. No more frames are sent than the shortest ring on the way holds, so
nothing may be lost, however slow a reader is.
"""
import contextlib
import random

import pytest

from harness import expect, pcap, program

JUMBO = "--max-pkt-len=9018"
HELLO = b"\xff" * 12 + b"\x88\xb5" + bytes(46)


def noise(count=100, seed=5):
    draw = random.Random(seed)
    sizes = (9014, 9014, 9014, 8999, 4097, 2048, 1514, 60)
    return [draw.randbytes(draw.choice(sizes)) for _ in range(count)]


class Hosts:
    """mfwd with vhost ports, and a process behind each."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack

    def socket(self, port):
        return self.folder / f"s{port}"

    def forward(self, ports, *options):
        """The mfwd under test, with `ports` vhost ports."""
        vdevs = [f"net_vhost{n},iface={self.socket(n)},queues={2 if n == 2 else 1}"
                 for n in range(ports)]
        run = program.Mfwd(["--idle=sleep", "--nb-cores=2", "--stats-period=1", JUMBO, *options],
                           eal_options=program.eal(2, 256), vdevs=vdevs)
        self.stack.enter_context(run)
        return run.forwarding()

    def host(self, port, frames, room, *options, queues=1):
        """A host behind vhost port `port` that sends `frames` and writes down what comes."""
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
        return run.forwarding(), files


@pytest.fixture
def hosts(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Hosts(tmp_path, stack)


def arrived(run, port, packets):
    """Wait until the statistics of mfwd's `port` show that `packets` were received."""
    pattern = rf"NIC statistics for port {port} .*"
    assert run.stdout.wait_after(pattern, rf"RX-packets: {packets}\b"), run.stdout.text()


@pytest.mark.parametrize("room", (640, 2176))
@pytest.mark.parametrize("mode, change", (("io", expect.io), ("macswap", expect.macswap)))
def test_jumbo_from_host_to_host(mfwd, hosts, tmp_path, mode, change, room):
    """Frames of 9,000 bytes cross in clusters of `room`."""
    frames, record = noise(), tmp_path / "record.json"
    run = hosts.forward(2, f"--forward-mode={mode}", f"--mbuf-size={room}", f"--json={record}")
    # The hello tells that this host is there; what it has not yet been given waits in its ring.
    sink, files = hosts.host(1, [HELLO], 9728, f"--packets={1 + len(frames)}",
                             "--total-num-mbufs=2500")
    arrived(run, 1, 1)
    source, _ = hosts.host(0, frames, 2176)
    assert sink.wait().status == 0, str(sink.result)
    assert source.stop().status == 0, str(source.result)
    got = program.clean(run.stop(), record)
    assert not (text := expect.differences(pcap.read(files[0]), [change(f) for f in frames])), text
    assert got["ports"][0]["rx_packets"] == got["ports"][1]["tx_packets"] == len(frames)
    assert got["ports"][0]["rx_bytes"] == sum(map(len, frames))
    assert got["drops"]["tx_segs"] == 0, got["drops"]
