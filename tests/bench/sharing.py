#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""make bench-sharing: every way to share a cluster, measured side by side by mbench. Prints the
tables, writes JSON and plots, and fails when a goal is missed."""
import argparse
import json
import os
import subprocess
import sys

import figures
import lab
import plot
from run import machine, say

WORKLOADS = ["independent", "handoff", "exchange", "retransmit", "splice"]
WINDOWS = "32,8192,4,MUL"
WINDOW_WORKLOADS = "independent,retransmit"
CONTROL = "control"
PAGES = 1024


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/release", help="build folder (%(default)s)")
    parser.add_argument("--out", default="build/bench/sharing",
                        help="where results go (%(default)s)")
    parser.add_argument("--policy", default="all", help="as mbench has it (%(default)s)")
    parser.add_argument("--seconds", type=float, default=90,
                        help="of the main run; the run over windows takes half (%(default)s)")
    parser.add_argument("--pairs", type=int, default=9, help="rounds (%(default)s)")
    parser.add_argument("--lcores", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--no-huge", action="store_true", help="ordinary memory")
    parser.add_argument("--plot-only", action="store_true", help="draw from the JSON that is there")
    return parser.parse_args()


def mbench(args, name, *options):
    """One run; returns its record."""
    path = os.path.abspath(os.path.join(args.out, name + ".json"))
    command = [os.path.join(args.build, "app/mbench/mbench"), f"--policy={args.policy}",
               f"--pairs={args.pairs}", f"--json={path}", *options]
    if args.no_huge:
        command.append("--no-huge")
    say("$ mbench " + " ".join(command[1:-1 if args.no_huge else None]))
    done = subprocess.run(command, check=False, preexec_fn=lab.raise_priority)
    if done.returncode != 0:
        raise lab.BenchError(f"mbench: status {done.returncode}")
    return path


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def rows_of(cells):
    """The rows in the order of the run; the control row is for the table alone."""
    return [n for n in dict.fromkeys(c["policy"] for c in cells) if n != CONTROL]


def by_workload(cells, lcores, field):
    """values[workload][row index] for the bars."""
    rows = rows_of(cells)
    found = {(c["workload"], c["policy"]): c[field] for c in cells if c["lcores"] == lcores}
    works = [w for w in WORKLOADS if any(key[0] == w for key in found)]
    return works, rows, {w: [found.get((w, row)) for row in rows] for w in works}


def draw(out, run, windows):
    cells = run["cells"]
    for lcores in sorted({c["lcores"] for c in cells}):
        works, rows, values = by_workload(cells, lcores, "mpps")
        plot.bars(os.path.join(out, f"throughput-{lcores}.svg"),
                  f"Shared and freed, {lcores} lcore{'s' if lcores > 1 else ''}",
                  "million packets a second", works, rows, values)
    most = max(c["lcores"] for c in cells)
    works, rows, values = by_workload(cells, most, "pinned_bytes_peak")
    values = {w: [None if v is None else v / 1024 for v in values[w]] for w in works}
    plot.bars(os.path.join(out, "pinned.svg"), f"Memory out of the pools at its peak, {most} lcores",
              "kB", works, rows, values)
    draw_windows(out, windows)


def draw_windows(out, run):
    cells = run["cells"]
    most = max(c["lcores"] for c in cells)
    for work in dict.fromkeys(c["workload"] for c in cells):
        points = {row: [(c["window"], c["mpps"]) for c in cells
                        if c["policy"] == row and c["workload"] == work and c["lcores"] == most]
                  for row in rows_of(cells)}
        plot.lines(os.path.join(out, f"window-{work}.svg"), f"{work}, {most} lcores, by window",
                   "clusters in the window", "million packets a second", points)


def noise(cells):
    """How far the first row and its twin are apart, in percent: the median of all cells."""
    twins = {}
    first = cells[0]["policy"]
    for c in cells:
        key = (c["workload"], c["lcores"], c["window"], c["segments"])
        if c["policy"] in (first, CONTROL) and c["mpps"] is not None:
            twins.setdefault(key, []).append(c["mpps"])
    apart = [abs(a / b - 1) * 100 for a, b in (v for v in twins.values() if len(v) == 2)]
    return figures.median(apart) if apart else None


def measure(args):
    main_run = mbench(args, "sharing", f"--lcores={args.lcores}", f"--seconds={args.seconds}")
    mbench(args, "windows", f"--lcores={args.lcores}", f"--seconds={args.seconds / 2}",
           f"--window={WINDOWS}", f"--workload={WINDOW_WORKLOADS}")
    record = load(main_run)
    record["machine"] = machine()
    with open(main_run, "w", encoding="utf-8") as f:
        json.dump(record, f, indent=1)


def main():
    args = arguments()
    os.makedirs(args.out, exist_ok=True)
    try:
        if not args.plot_only:
            with lab.hugepages(PAGES, not args.no_huge):
                measure(args)
    except lab.BenchError as error:
        print(f"bench-sharing: {error}", file=sys.stderr)
        return 1
    run = load(os.path.join(args.out, "sharing.json"))
    if plot.have():
        draw(args.out, run, load(os.path.join(args.out, "windows.json")))
    apart = noise(run["cells"])
    if apart is not None:
        say(f"\nnoise: {run['control']} and its twin are {apart:.1f} % apart")
    missed = [g["goal"] for g in run["goals"] if g["reached"] is False]
    say(f"results in {args.out}")
    if missed:
        say("goals missed: " + "; ".join(missed))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
