#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Show that the tests fail when the library is broken.

The library is built with -DMBUF_BREAK=n, all of it in one translation unit, together with
test_hazards.c, in the kind of build in which the fault can be seen. Then the test of rule n must
fail, alone, and all others must pass. With nothing broken all pass, in each kind of build.

Then mistakes in functions that work on chains, which the property test must find and cut down to a
few operations.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MBUF = HERE.parent.parent / "lib/mbuf"

FUZZ = HERE.parent / "fuzz"
FEW = 60  # operations that a failure may be cut down to

KINDS = {
    "plain": ["-O1"],
    "asan": ["-O1", "-fsanitize=address"],
    "tsan": ["-O1", "-fsanitize=thread", "-DRTE_USE_C11_MEM_MODEL"],
    "debug": ["-O1", "-DMBUF_DEBUG"],
}
# Rule broken: the kind of build that shows it, and the tests that fail then.
BREAKS = {
    1: ("plain", [1]),
    2: ("tsan", [2]),
    3: ("tsan", [3]),
    4: ("tsan", [4]),
    5: ("tsan", [5]),
    6: ("asan", [6]),
    7: ("plain", [7]),
    8: ("plain", [8]),
    9: ("plain", [9]),
    10: ("debug", [10]),
    11: ("plain", [11]),
    12: ("asan", [12]),
    13: ("tsan", [13]),
    14: ("tsan", [4, 5, 13]),  # a drop without release: whoever comes after is not ordered
}
# Mistakes that the property test must find.
PLANTED = {
    20: "m_copyback() writes into what others share",
    21: "m_adj() forgets the packet's length",
    22: "m_cat() leaks what it has copied",
    23: "m_dup_pkt() forgets the tags",
}
ENV = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:exitcode=99", CMOCKA_MESSAGE_OUTPUT="STDOUT",
           TSAN_OPTIONS="exitcode=99")
LIMIT = 300


def flags(*which):
    call = ["pkg-config", *which, "libdpdk", "cmocka"]
    return subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def compile_c(*args):
    """Run the compiler with what all of this needs."""
    command = [os.environ.get("BREAKS_CC", "gcc"), "-std=gnu11", "-w", "-D_GNU_SOURCE",
               "-DALLOW_EXPERIMENTAL_API", "-DMBUF_POLICY_LEADER", '-DMBUF_POLICY_NAME="leader"',
               '-DMBUF_POLICY_FILE="leader.h"', f"-I{MBUF}", f"-I{MBUF / 'include'}", f"-I{HERE}",
               *flags("--cflags"), *map(str, args)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}")


def build(kind, broken, where, *parts):
    """Compile the library and parts in one translation unit; returns the program's name."""
    source, program = where / "all.c", where / "program"
    sources = [*sorted(MBUF.glob("*.c")), *[part for part in parts if part.suffix == ".c"]]
    source.write_text("".join(f'#include "{part}"\n' for part in sources))
    points = [] if kind == "planted" else ["-DMBUF_POINTS"]
    compile_c(*KINDS.get(kind, ["-O1"]), *points, f"-DMBUF_BREAK={broken}", source,
              *[part for part in parts if part.suffix != ".c"], "-o", program, *flags("--libs"))
    return program


def run(program, pattern):
    """Run some of the tests; whether they passed, and what they said."""
    try:
        done = subprocess.run([str(program), pattern], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", env=ENV,
                              stdin=subprocess.DEVNULL, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return False, "hung"
    return done.returncode == 0, done.stdout


def try_break(kind, broken, failing):
    """Returns what is not as it must be: nothing, if all is well."""
    wrong = []
    with tempfile.TemporaryDirectory() as where:
        program = build(kind, broken, pathlib.Path(where), HERE / "test_hazards.c")
        if not failing:
            passed, text = run(program, "hazard_*")
            if not passed:
                wrong.append(f"nothing is broken, but tests fail:\n{text}")
            return wrong
        for number in failing:
            passed, text = run(program, f"hazard_{number:02}*")
            if passed or not re.search(r"hazard_", text):
                wrong.append(f"test {number} does not fail:\n{text}")
        if len(failing) == 1:
            passed, text = run(program, f"-hazard_{failing[0]:02}*")
            if not passed:
                wrong.append(f"another test fails:\n{text}")
    return wrong


def fuzz_object(source, where):
    """One file of the property test, compiled once for all planted mistakes."""
    target = where / (source.stem + ".o")
    compile_c("-O1", "-c", source, "-o", target)
    return target


def try_planted(broken, objects):
    """Returns what is not as it must be."""
    with tempfile.TemporaryDirectory() as where:
        program = build("planted", broken, pathlib.Path(where), *objects)
        done = subprocess.run([program, "--runs=40"], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
                              timeout=LIMIT)
    shrunk = re.search(r"shrunk to (\d+) operations", done.stdout)
    if broken == 0:
        return [] if done.returncode == 0 else [done.stdout]
    if done.returncode == 0 or not shrunk or int(shrunk[1]) > FEW:
        return [f"not found, or not cut down:\n{done.stdout}"]
    return []


def report(name, what, wrong):
    """Print one line; returns whether it is as it must be."""
    print(f"{name:<17} {'NOT SO' if wrong else 'so'}: {what}", flush=True)
    for text in wrong:
        print("  | " + text.replace("\n", "\n  | "), flush=True)
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rules", nargs="*", type=int, help="only these (default: all)")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    tries = [(kind, 0, []) for kind in KINDS] + [(k, n, f) for n, (k, f) in BREAKS.items()]
    tries = [one for one in tries if not args.rules or one[1] in args.rules]
    planted = [n for n in (0, *PLANTED) if not args.rules or n in args.rules]
    good = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool, \
            tempfile.TemporaryDirectory() as where:
        for one, wrong in zip(tries, pool.map(lambda one: try_break(*one), tries)):
            kind, broken, failing = one
            what = f"tests {', '.join(map(str, failing))} fail" if broken else "all tests pass"
            good.append(report(f"{'break ' + str(broken) if broken else 'as is'} {kind}", what, wrong))
        sources = [s for s in sorted(FUZZ.glob("*.c")) if s.name != "fuzz_chain.c"] if planted else []
        objects = list(pool.map(lambda s: fuzz_object(s, pathlib.Path(where)), sources))
        for broken, wrong in zip(planted, pool.map(lambda n: try_planted(n, objects), planted)):
            what = f"the property test finds: {PLANTED[broken]}" if broken else "it finds nothing"
            good.append(report(f"break {broken}" if broken else "as is", what, wrong))
    print(f"{sum(good)} of {len(good)} as they must be")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
