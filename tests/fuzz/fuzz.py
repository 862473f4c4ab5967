#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Run the libFuzzer target: first the stored corpus, then new inputs.

    fuzz.py [--runs=N | --seconds=N] [--keep] TARGET

A fixed number of runs and a fixed seed by default. --keep adds what it finds to the corpus, after
merging: an input that reaches nothing new is not kept. An input that fails is left in the current
folder as crash-*; `TARGET crash-...` runs it again.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
OP = 8  # bytes of one operation
LONGEST = 64 * OP


def fuzz(target, *args):
    """Run the target; its exit code."""
    command = [str(target), *map(str, args)]
    print("$", " ".join(command), flush=True)
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=0, help="instead of a number of runs")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as found:
        limits = [f"-max_total_time={args.seconds}"] if args.seconds else [f"-runs={args.runs}"]
        limits += [] if args.seconds else ["-seed=1"]
        code = fuzz(args.target, "-runs=0", CORPUS)
        if code == 0:
            code = fuzz(args.target, *limits, f"-max_len={LONGEST}", "-len_control=0",
                        "-timeout=60", found, CORPUS)
        if code == 0 and args.keep:
            code = fuzz(args.target, "-set_cover_merge=1", "-use_counters=0", CORPUS, found)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
