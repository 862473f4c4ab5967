#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""check.py PROGRAM: the example's output against a sum of our own, and its refusals."""
import subprocess
import sys


def flat(data):
    """RFC 1071."""
    data += bytes(len(data) % 2)
    total = sum(data[i] << 8 | data[i + 1] for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return f"{total ^ 0xFFFF:04x}"


def run(data, *words):
    return subprocess.run([sys.argv[1], *map(str, words)], input=data, capture_output=True)


DATA = bytes(i * 91 % 251 for i in range(4001))
for segment, offset in ((1000, 0), (7, 0), (7, 5), (33, 4001), (2048, 1)):
    done = run(DATA, segment, offset)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == flat(DATA[offset:]) + "\n", (segment, offset, done.stdout)
assert run(b"").stdout == b"ffff\n"
for words, code in ((("0",), 2), (("2049",), 2), ((10, -1), 2), ((10, 4002), 1), ((1, 2, 3), 2),
                    ((1,), 1)):
    done = run(DATA, *words)
    assert done.returncode == code, (words, done)
    assert done.stderr.count(b"\n") == 1 and not done.stdout, (words, done)
