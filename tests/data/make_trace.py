#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Make the trace that `make run` and the system tests forward.

    make_trace.py                  rewrite trace.pcap.gz next to this script
    make_trace.py FILE             write the trace to FILE (compressed if it ends in .gz)
    make_trace.py --frames=N FILE  the first N frames only

Every run gives the same frames. There is one frame of every length from 60 to 1,514 bytes (without
the checksum), the rest follow the usual mix of small, middle and full ones. Payloads are slices of
one block of noise, so that a byte in the wrong place shows and the file is still small when
compressed. Only the standard library is used.
"""
import gzip
import hashlib
import random
import struct
import sys
from pathlib import Path

FRAMES = 12_000
MIN_LEN, MAX_LEN = 60, 1514
SHIPPED = Path(__file__).resolve().parent / "trace.pcap.gz"

NOISE = b"".join(hashlib.sha256(b"mfwd %d" % i).digest() for i in range(128))
NOISE += NOISE

ETH_IP4, ETH_IP6, ETH_ARP, ETH_VLAN, ETH_QINQ = 0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8


class Flow:
    """Two hosts, their ports and a running sequence number."""

    def __init__(self, n):
        self.smac = bytes((0x02, 0, 0, 1, n >> 8, n & 255))
        self.dmac = bytes((0x02, 0, 0, 2, n >> 8, n & 255))
        self.src4 = bytes((10, 1, n >> 8, n & 255))
        self.dst4 = bytes((10, 2, n >> 8, n & 255))
        self.src6 = bytes.fromhex("fd000001") + bytes(10) + struct.pack("!H", n + 1)
        self.dst6 = bytes.fromhex("fd000002") + bytes(10) + struct.pack("!H", n + 1)
        self.sport, self.dport = 1024 + 7 * n, (7, 9, 80, 443, 5001)[n % 5]
        self.seq, self.ident = 1000 * n, 0


def checksum(data):
    """The Internet checksum, RFC 1071."""
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def payload(rng, size):
    """`size` bytes of the noise, from anywhere."""
    at = rng.randrange(2048)
    return NOISE[at:at + size]


def ip4(flow, proto, body, options=b"", frag=0x4000, ttl=64):
    """An IPv4 header (RFC 791) in front of body."""
    flow.ident = (flow.ident + 1) & 0xFFFF
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(body), flow.ident, frag, ttl, proto, 0,
                       flow.src4, flow.dst4) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ip6(flow, proto, body):
    """An IPv6 header (RFC 8200) in front of body."""
    return struct.pack("!IHBB", 0x60000000, len(body), proto, 64) + flow.src6 + flow.dst6 + body


def summed(flow, version, proto, segment, at):
    """segment with its pseudo-header checksum filled in at offset `at`."""
    if version == 4:
        pseudo = flow.src4 + flow.dst4 + struct.pack("!BBH", 0, proto, len(segment))
    else:
        pseudo = flow.src6 + flow.dst6 + struct.pack("!IHBB", len(segment), 0, 0, proto)
    value = checksum(pseudo + segment)
    if proto == 17 and value == 0:
        value = 0xFFFF
    return segment[:at] + struct.pack("!H", value) + segment[at + 2:]


def tcp(flow, rng, version, room):
    """A TCP segment of `room` bytes (RFC 9293), with timestamps where they fit."""
    options = b"\x01\x01\x08\x0a" + struct.pack("!II", flow.seq, 0) if room >= 32 else b""
    size = room - 20 - len(options)
    flags = 0x18 if size else 0x10
    head = struct.pack("!HHIIBBHHH", flow.sport, flow.dport, flow.seq & 0xFFFFFFFF, 1,
                       (20 + len(options)) << 2, flags, 0xFFFF, 0, 0) + options
    flow.seq += size
    return summed(flow, version, 6, head + payload(rng, size), 16)


def udp(flow, rng, version, room):
    """A UDP datagram of `room` bytes (RFC 768)."""
    head = struct.pack("!HHHH", flow.sport, flow.dport, room, 0)
    return summed(flow, version, 17, head + payload(rng, room - 8), 6)


def packet(flow, rng, version, proto, room):
    """An IP packet of `room` bytes that carries TCP (6) or UDP (17)."""
    space = room - (20 if version == 4 else 40)
    make, least = (tcp, 20) if proto == 6 else (udp, 8)
    if space < least:
        return None
    body = make(flow, rng, version, space)
    return ip4(flow, proto, body) if version == 4 else ip6(flow, proto, body)


def tcp4(flow, rng, room):
    body = packet(flow, rng, 4, 6, room)
    return (ETH_IP4, body) if body else udp4(flow, rng, room)


def udp4(flow, rng, room):
    return ETH_IP4, packet(flow, rng, 4, 17, room)


def tcp6(flow, rng, room):
    body = packet(flow, rng, 6, 6, room)
    return (ETH_IP6, body) if body else tcp4(flow, rng, room)


def udp6(flow, rng, room):
    body = packet(flow, rng, 6, 17, room)
    return (ETH_IP6, body) if body else udp4(flow, rng, room)


def arp(flow, rng, room):
    """RFC 826; the rest of the frame is padding."""
    op = rng.choice((1, 2))
    body = struct.pack("!HHBBH", 1, ETH_IP4, 6, 4, op) + flow.smac + flow.src4
    return ETH_ARP, body + (bytes(6) if op == 1 else flow.dmac) + flow.dst4


def icmp4(flow, rng, room):
    head = struct.pack("!BBHHH", 8, 0, 0, flow.sport, flow.seq & 0xFFFF)
    flow.seq += 1
    body = head + payload(rng, room - 28)
    return ETH_IP4, ip4(flow, 1, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


def fragment4(flow, rng, room):
    """A middle fragment: more to come, offset 1480."""
    return ETH_IP4, ip4(flow, 17, payload(rng, (room - 20) & ~7), frag=0x2000 | 185)


def options4(flow, rng, room):
    """A router alert option (RFC 2113)."""
    body = udp(flow, rng, 4, room - 24)
    return ETH_IP4, ip4(flow, 17, body, options=b"\x94\x04\0\0")


def extension6(flow, rng, room):
    """A hop-by-hop header with padding in front of no next header."""
    return ETH_IP6, ip6(flow, 0, b"\x3b\0\x01\x04\0\0\0\0" + payload(rng, max(room - 48, 0)))


def neighbour6(flow, rng, room):
    """A neighbour solicitation (RFC 4861)."""
    body = struct.pack("!BBHI", 135, 0, 0, 0) + flow.dst6 + b"\x01\x01" + flow.smac
    return ETH_IP6, ip6(flow, 58, summed(flow, 6, 58, body, 2))


def gre(flow, rng, room):
    """IPv4 in GRE (RFC 2784), where it fits."""
    inner = packet(flow, rng, 4, 17, room - 24) if room >= 60 else ip4(flow, 59, b"")
    return ETH_IP4, ip4(flow, 47, struct.pack("!HH", 0, ETH_IP4) + inner)


def mpls(flow, rng, room):
    label = struct.pack("!I", (100 << 12) | 0x1FF)
    return 0x8847, label + ip4(flow, 17, udp(flow, rng, 4, room - 24))


def lldp(flow, rng, room):
    return 0x88CC, b"\x02\x07\x04" + flow.smac + b"\x04\x05\x05eth0\x06\x02\x00\x78\x00\x00"


def llc(flow, rng, room):
    """An 802.3 frame: a length where others have a type."""
    return 38, b"\x42\x42\x03" + bytes(35)


def unknown(flow, rng, room):
    """An experimental type (IEEE 802) with anything in it."""
    return 0x88B5, payload(rng, room)


def broken_sum(flow, rng, room):
    kind, body = udp4(flow, rng, room)
    return kind, body[:10] + bytes((body[10] ^ 0xFF,)) + body[11:]


def lying_length(flow, rng, room):
    """An IPv4 header that promises more than the frame has."""
    kind, body = udp4(flow, rng, room)
    return kind, body[:2] + b"\xff\xff" + body[4:]


def short_header(flow, rng, room):
    """An IPv4 header length of 12, below the least one of 20."""
    kind, body = udp4(flow, rng, room)
    return kind, b"\x43" + body[1:]


USUAL = (tcp4, tcp4, tcp4, udp4, udp4, tcp6, udp6)
ODD = (arp, icmp4, fragment4, options4, extension6, neighbour6, gre, mpls, lldp, llc, unknown,
       broken_sum, lying_length, short_header)


def lengths(rng, count):
    """One frame of every length, then the mix 7:4:1 of 60, 590 and 1,514 bytes, shuffled."""
    every = list(range(MIN_LEN, MAX_LEN + 1))
    mix = [60] * 7 + [590] * 4 + [1514]
    every += [mix[i % len(mix)] for i in range(count - len(every))]
    rng.shuffle(every)
    return every


def tags(rng):
    """No tag for most, one for some, two (802.1ad) for a few."""
    dice = rng.randrange(20)
    if dice < 15:
        return ()
    inner = (ETH_VLAN, rng.randrange(8) << 13 | rng.randrange(1, 4095))
    return (inner,) if dice < 19 else ((ETH_QINQ, rng.randrange(1, 4095)), inner)


def frame(flow, rng, size):
    """One frame of exactly `size` bytes: padded where it is short, cut where it is long."""
    tag = tags(rng)
    room = size - 14 - 4 * len(tag)
    kind, body = rng.choice(ODD if rng.randrange(8) == 0 else USUAL)(flow, rng, room)
    dice = rng.randrange(50)
    dmac = b"\xff" * 6 if kind == ETH_ARP or dice == 0 else flow.dmac
    if dice == 1:
        dmac = b"\x01\x00\x5e" + flow.dst4[1:]
    head = dmac + flow.smac + b"".join(struct.pack("!HH", t, v) for t, v in tag)
    data = head + struct.pack("!H", kind) + body
    return data[:size].ljust(size, b"\0")


def frames(count=FRAMES):
    """The frames, in order."""
    rng = random.Random(0x6D667764)
    flows = [Flow(n) for n in range(300)]
    return [frame(rng.choice(flows), rng, size) for size in lengths(rng, FRAMES)][:count]


def pcap(data):
    """A pcap file (little endian, microseconds) of the frames, 10 us apart."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for i, one in enumerate(data):
        sec, usec = divmod(10 * i, 1_000_000)
        out.append(struct.pack("<IIII", 1_770_000_000 + sec, usec, len(one), len(one)))
        out.append(one)
    return b"".join(out)


def main(args):
    count = FRAMES
    if args and args[0].startswith("--frames="):
        count = int(args.pop(0).split("=")[1])
    target = Path(args[0]) if args else SHIPPED
    raw = pcap(frames(count))
    if target.suffix == ".gz":
        raw = gzip.compress(raw, 9, mtime=0)
    target.write_bytes(raw)


if __name__ == "__main__":
    main(sys.argv[1:])
