#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Check the models of the sharing protocol with spin.

Each *.pml is searched as it stands, which must find no error and must not run out of memory, and
with -DBROKEN=n for every n that its head lists: there spin must find a violated assertion.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # what meson takes for a skipped test
DEPTH = 20000
MEGABYTES = 1024  # a search that needs more fails


def variants(model):
    """The broken variants {n: what is broken} that the comment at the head of a model lists."""
    text = model.read_text()
    head = text[: text.index("#ifndef BROKEN")]
    found = {int(n): what for n, what in re.findall(r"^ \* {1,4}(\d+)  (.+)$", head, re.M)}
    used = {int(n) for n in re.findall(r"BROKEN [!=]= (\d+)", text)}
    if used != set(found):
        raise SystemExit(f"{model.name}: head and code differ in {sorted(used ^ set(found))}")
    return found


def search(spin, model, broken):
    """Run one search; returns (states, errors, complete, violated assertion or None)."""
    with tempfile.TemporaryDirectory() as where:
        call = dict(cwd=where, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        subprocess.run([spin, "-a", f"-DBROKEN={broken}", str(model)], **call)
        # A broken variant is refuted after few states: there the compiler is what costs.
        flags = ["-O0"] if broken else ["-O2", "-DCOLLAPSE"]
        flags += ["-w", "-DSAFETY", f"-DMEMLIM={MEGABYTES}"]
        subprocess.run([os.environ.get("MODEL_CC", "cc"), *flags, "-o", "pan", "pan.c"], **call)
        call["check"] = False
        out = subprocess.run(["./pan", f"-m{DEPTH}", "-w22", "-n"], **call).stdout
    summary = re.search(r"errors: (\d+)\s+(\d+) states, stored", out)
    if not summary:
        raise SystemExit(f"{model.name}: pan said:\n{out}")
    complete = "Search not completed" not in out and "max search depth too small" not in out
    violated = re.search(r"assertion violated (.*?) \(at depth", out)
    return int(summary[2]), int(summary[1]), complete, violated and violated[1].strip()


def judge(model, broken, what, result):
    """Print one line for a search; returns whether it is as it must be."""
    states, errors, complete, violated = result
    if broken:
        good = errors == 1 and violated is not None
        outcome = f"refuted: {violated}" if good else "NOT REFUTED"
    else:
        good = errors == 0 and complete
        outcome = "holds" if good else f"FAILS: {violated or 'not completed'}"
    print(f"{model.stem:<9} {broken or 'as is':>5}  {states:>9} states  {outcome}")
    if broken:
        print(f"{'':>17}{what}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=pathlib.Path, help="models (default: all)")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    spin = shutil.which("spin")
    if spin is None:
        print("spin is not installed: apt-get install spin")
        return SKIPPED
    models = [m.resolve() for m in args.models] or sorted(HERE.glob("*.pml"))
    runs = [(m, n, what) for m in models for n, what in {0: "", **variants(m)}.items()]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = pool.map(lambda run: search(spin, run[0], run[1]), runs)
        good = [judge(*run, result) for run, result in zip(runs, results)]
    print(f"{len(models)} models, {sum(good)} of {len(good)} searches as they must be")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
