# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Read and write pcap files, frames only."""
import gzip
import struct
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
MAGICS = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
          b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}


def parse(raw):
    """The frames of a pcap file's bytes; a cut record is an error."""
    order = MAGICS[raw[:4]]
    frames, at = [], 24
    while at < len(raw):
        size, wire = struct.unpack_from(order + "II", raw, at + 8)
        at += 16
        if size != wire or at + size > len(raw):
            raise ValueError(f"record {len(frames)}: {size} of {wire} bytes, {len(raw) - at} left")
        frames.append(raw[at:at + size])
        at += size
    return frames


def read(path):
    """The frames of the pcap file at `path`."""
    return parse(Path(path).read_bytes())


def write(path, frames):
    """A pcap file of `frames` at `path`; returns the path."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for i, frame in enumerate(frames):
        out.append(struct.pack("<IIII", 1 + i // 1000, i % 1000 * 1000, len(frame), len(frame)))
        out.append(frame)
    Path(path).write_bytes(b"".join(out))
    return Path(path)


def trace(count=None):
    """The shipped trace's frames, or the first `count`."""
    return parse(gzip.decompress((DATA / "trace.pcap.gz").read_bytes()))[:count]
