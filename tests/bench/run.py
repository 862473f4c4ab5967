#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""make bench: mfwd beside dpdk-testpmd on the same virtual ports, and the library's operations
beside DPDK's. Prints a table, writes JSON and a plot, and fails when a goal is missed."""
import argparse
import json
import os
import platform
import subprocess
import sys
import time

import figures
import lab
import plot

SCHEMA = "bench-1"
CASES = [(mode, source) for source in ("null", "pcap") for mode in ("io", "macswap")]
GOAL = 1.00
PAGES = 384  # hugepages of 2 MB: the larger program, and room for what is not contiguous
OPS_SECONDS = 10.0


def say(text):
    print(text, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/release", help="build folder (%(default)s)")
    parser.add_argument("--out", default="build/bench", help="where results go (%(default)s)")
    parser.add_argument("--pairs", type=int, default=9, help="runs of each program (%(default)s)")
    parser.add_argument("--seconds", type=int, default=1, help="of one run (%(default)s)")
    parser.add_argument("--case", action="append", metavar="MODE-SOURCE",
                        help="such as io-null; may be repeated (default: all four)")
    parser.add_argument("--ab", nargs=2, metavar=("A", "B"),
                        help="compare two binaries of mfwd instead; no goals")
    parser.add_argument("--testpmd", default="dpdk-testpmd", help="the reference (%(default)s)")
    parser.add_argument("--no-huge", action="store_true", help="ordinary memory")
    parser.add_argument("--no-ops", action="store_true", help="without the library's operations")
    parser.add_argument("--ops-seconds", type=float, default=OPS_SECONDS,
                        help="length of that part (%(default)s)")
    return parser.parse_args()


def machine():
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            model = next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}


def measure_case(a, b, mode, source, args, huge, trace):
    """Pairs of runs, the order within a pair turned each time. Returns ns a packet of both."""
    main, worker = lab.two_cpus()
    eal = lab.eal_options(huge, f"0@{main},1@{worker}") + lab.vdevs(source, trace)
    cost = {a: [], b: []}
    for pair in range(args.pairs):
        for program in (a, b) if pair % 2 == 0 else (b, a):
            packets, oncpu = program.run(mode, eal, args.seconds)
            if packets == 0:
                raise lab.BenchError(f"{program.binary}: forwarded nothing")
            cost[program].append(oncpu / packets)
    return cost[a], cost[b]


def case_record(name, a, b, cost_a, cost_b, goal):
    """Throughput of A over B per on-CPU time: the inverse of the costs."""
    ratio, low, high = figures.ratio_interval(cost_b, cost_a)
    record = {"case": name, "a": os.path.basename(a.binary), "b": os.path.basename(b.binary),
              "pairs": len(cost_a), "ratio": ratio, "low": low, "high": high}
    for key, cost in (("a", cost_a), ("b", cost_b)):
        record[f"{key}_ns"] = figures.median(cost)
        record[f"{key}_mad_percent"] = figures.mad_percent(cost)
        record[f"{key}_runs"] = cost
    if goal is not None:
        record.update(goal=goal, reached=ratio >= goal)
    return record


def case_line(r):
    verdict = ""
    if "goal" in r:
        verdict = f"  {'reached' if r['reached'] else 'missed'} (at least {r['goal']:.2f})"
    return (f"{r['case']:<14} {r['a_ns']:7.2f} {r['a_mad_percent']:5.1f} {r['b_ns']:9.2f} "
            f"{r['b_mad_percent']:5.1f} {r['ratio']:7.3f}  {r['low']:.3f} .. {r['high']:.3f}{verdict}")


def forwarding(args, huge, names):
    if args.ab:
        a, b = (lab.Forwarder(path) for path in args.ab)
    else:
        a = lab.Forwarder(os.path.join(args.build, "app/mfwd/mfwd"))
        b = lab.Forwarder(args.testpmd)
    trace = os.path.abspath(os.path.join(args.out, "trace.pcap"))
    lab.write_trace(trace)
    say(f"A: {a.binary}\nB: {b.binary}\n{args.pairs} pairs of {args.seconds} s, "
        f"ns of on-CPU time a packet")
    say(f"{'case':<14} {'A ns':>7} {'MAD%':>5} {'B ns':>9} {'MAD%':>5} {'A/B':>7}  95 % interval")
    records = []
    for mode, source in CASES:
        name = f"{mode}-{source}"
        if name not in names:
            continue
        costs = measure_case(a, b, mode, source, args, huge, trace)
        records.append(case_record(name, a, b, *costs, None if args.ab else GOAL))
        say(case_line(records[-1]))
    return records


def operations(args):
    """What mbench says about single operations. It prints its own lines."""
    path = os.path.abspath(os.path.join(args.out, "ops.json"))
    command = [os.path.join(args.build, "app/mbench/mbench"), "--ops", "--policy=leader",
               f"--seconds={args.ops_seconds}", f"--json={path}"]
    if args.no_huge:
        command.append("--no-huge")
    say("\ncost of an operation, beside the nearest of DPDK")
    done = subprocess.run(command, check=False, preexec_fn=lab.raise_priority)
    if done.returncode != 0:
        raise lab.BenchError(f"mbench --ops: status {done.returncode}")
    with open(path, encoding="utf-8") as f:
        return json.load(f)["ops"]


def draw(args, records):
    if not records or not plot.have():
        return
    names = [r["case"] for r in records]
    plot.bars(os.path.join(args.out, "bench.svg"),
              f"{records[0]['a']} / {records[0]['b']}: packets per on-CPU time, 95 % interval",
              "ratio of medians", names, ["ratio"], {r["case"]: [r["ratio"]] for r in records},
              line=GOAL, errors={r["case"]: [(r["low"], r["high"])] for r in records})


def main():
    args = arguments()
    names = args.case or [f"{mode}-{source}" for mode, source in CASES]
    unknown = set(names) - {f"{mode}-{source}" for mode, source in CASES}
    if unknown:
        print(f"run.py: --case: {', '.join(sorted(unknown))}: no such case", file=sys.stderr)
        return 2
    os.makedirs(args.out, exist_ok=True)
    ops = []
    try:
        with lab.hugepages(PAGES, not args.no_huge) as huge:
            say("memory: " + ("hugepages" if huge else "ordinary pages"))
            records = forwarding(args, huge, names)
            if not args.ab and not args.no_ops:
                ops = operations(args)
    except lab.BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    with open(os.path.join(args.out, "bench.json"), "w", encoding="utf-8") as f:
        json.dump({"schema": SCHEMA, "machine": machine(), "hugepages": huge,
                   "seconds": args.seconds, "cases": records, "ops": ops}, f, indent=1)
    draw(args, records)
    missed = [r["case"] for r in records if not r.get("reached", True)]
    missed += [r["op"] for r in ops if not r["reached"]]
    say(f"\nresults in {args.out}")
    if missed:
        say("goals missed: " + ", ".join(missed))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
