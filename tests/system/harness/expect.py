# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""What a mode makes of a frame, written down a second time, in Python."""
import struct


def io(frame):
    return frame


def macswap(frame):
    """The two Ethernet addresses change places."""
    return frame[6:12] + frame[:6] + frame[12:]


def vlan(identifier):
    """A tag (IEEE 802.1Q) in front of the type, priority 0."""
    def tagged(frame):
        return frame[:12] + struct.pack("!HH", 0x8100, identifier) + frame[12:]
    return tagged


def differences(got, want):
    """Where two lists of frames differ, in a few lines; empty if nowhere."""
    lines = []
    if len(got) != len(want):
        lines.append(f"{len(got)} frames, expected {len(want)}")
    for number, (one, other) in enumerate(zip(got, want)):
        if one != other:
            at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b),
                      min(len(one), len(other)))
            lines.append(f"frame {number}: {len(one)} bytes, expected {len(other)}; first "
                         f"difference at {at}: {one[at:at + 16].hex()}, expected "
                         f"{other[at:at + 16].hex()}")
        if len(lines) > 5:
            break
    return "\n".join(lines)
