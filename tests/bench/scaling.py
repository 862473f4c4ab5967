#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Predict each way to share a cluster from 2 to 128 cores and two sockets.

The model takes the cost of a packet on one core from a record of mbench, the costs of a line and of
a lock that two cores want from linecost.c, which it compiles and runs, and one number that it fits:
what a cache line that the other core wrote costs on average. Prints the fit, its error on every
two-lcore cell of the record, the prediction as tables, and draws it. docs/sharing/scaling.md says
what is assumed.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import plot

HERE = os.path.dirname(os.path.abspath(__file__))
CORES = [1, 2, 4, 8, 16, 32, 64, 128]
BATCH = 50  # M_BATCH
HELD = 32  # CAS_HELD

# Lines that a packet finds in the other core's cache when one core shares and the other frees, and
# how many of them are met inside the lock. Counted in the code, first and second half of the
# header, private lines, records, the leader's count; then frees that one lock serves; then records
# that wait for a grace period.
POLICIES = {
    "leader": {"lines": 2},
    "native": {"lines": 3},
    "native-bulk": {"lines": 3},
    "object": {"lines": 5},
    "mutex": {"lines": 5, "inside": 2, "frees": 1},
    "batch": {"lines": 5, "inside": 2, "frees": BATCH},
    "cas": {"lines": 6, "retired": 2},
}
FITTED = ("leader", "native", "native-bulk", "object")  # no lock, no grace period: lines alone
PAIRED = ("handoff", "exchange", "retransmit", "splice")


def crossing(policy, workload):
    """Lines a packet finds in the other core's cache, and those of them met inside the lock."""
    p = POLICIES[policy]
    if workload in ("handoff", "exchange"):  # each packet is shared here and freed there
        return p["lines"], p.get("inside", 0)
    if workload == "retransmit":  # one in a hundred is
        return p["lines"] / 100, p.get("inside", 0) / 100
    return (1, 0) if workload == "splice" else (0, 0)  # it is received here and sent there


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("record", help="what mbench --json or make bench-sharing wrote")
    parser.add_argument("--costs", help="what linecost printed before, instead of a run now")
    parser.add_argument("--remote", type=float, default=3.0,
                        help="a line from the other socket costs this much more (%(default)s)")
    parser.add_argument("--out", help="folder for scaling-*.svg and scaling.json")
    return parser.parse_args()


def linecost():
    """Compile linecost.c and run it."""
    with tempfile.TemporaryDirectory() as where:
        program = os.path.join(where, "linecost")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-pthread", "-o", program,
                        os.path.join(HERE, "linecost.c")], check=True)
        return json.loads(subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout)


def queue(cores, think, service):
    """Packets a nanosecond of a closed queue: cores that think and then want one lock (MVA)."""
    waiting = rate = 0.0
    for n in range(1, cores + 1):
        response = service * (1 + waiting)
        rate = n / (think + response)
        waiting = rate * response
    return rate


class Model:
    """The measured costs, the fitted cost of a line, and what follows from them."""

    def __init__(self, cells, costs, remote):
        self.local = {(c["policy"], c["workload"]): c["ns_per_packet"]
                      for c in cells if c["lcores"] == 1 and c["ns_per_packet"]}
        self.costs, self.remote = costs, remote
        self.line = self.fit(cells)

    def fit(self, cells):
        """Least squares: exchange on two lcores costs so many lines more than on one."""
        top = bottom = 0.0
        for c in cells:
            if c["lcores"] == 2 and c["workload"] == "exchange" and c["policy"] in FITTED:
                lines = POLICIES[c["policy"]]["lines"]
                top += lines * (c["ns_per_packet"] - self.local[c["policy"], "exchange"])
                bottom += lines * lines
        return top / bottom if bottom else 0.0

    def mpps(self, policy, workload, cores, sockets=1):
        """Million packets a second. Two sockets: pairs that meet are on different ones."""
        p = POLICIES[policy]
        lines, inside = crossing(policy, workload) if cores > 1 else (0, 0)
        pair = self.remote if sockets == 2 else 1.0  # for a line of a pair
        any_core = 1 + (self.remote - 1) / 2 if sockets == 2 else 1.0  # for a line that all want
        line = self.line * pair
        cost = self.local[policy, workload] + lines * line
        if cores == 1:
            return 1e3 / cost
        if "frees" in p:
            unlink = 2.0 + inside * line
            service = self.costs["work_lock_shared"] * any_core + p["frees"] * unlink
            think = max(0.0, p["frees"] * (cost - unlink) - self.costs["lock"])
            return 1e3 * p["frees"] * queue(cores, think, service)
        if "retired" in p:
            # a grace period: the token, and each reader's line, there and back
            share = p["retired"] / HELD
            each = self.line * any_core
            cost += share * (self.costs["transfer"] * any_core + 2 * (cores - 1) * each)
            token = 1 / (share * self.costs["transfer"] * any_core)
            return 1e3 * min(cores / cost, token)
        return 1e3 * cores / cost

    def stops(self, policy, workload, sockets):
        """The first number of cores whose double brings less than a quarter more, or None."""
        for n in CORES[1:-1]:
            now = self.mpps(policy, workload, n, sockets)
            if self.mpps(policy, workload, 2 * n, sockets) < 1.25 * now:
                return n
        return None


def errors(model, cells):
    """[(workload, policy, measured, predicted, percent, fitted)] of all two-lcore cells."""
    found = []
    for c in cells:
        key = c["policy"], c["workload"]
        if c["lcores"] != 2 or c["policy"] not in POLICIES or key not in model.local:
            continue
        guess = model.mpps(*key, 2)
        fitted = c["workload"] == "exchange" and c["policy"] in FITTED
        found.append((c["workload"], c["policy"], c["mpps"], guess,
                      100 * (guess / c["mpps"] - 1), fitted))
    return found


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def tell_errors(found):
    print("\n## Error on two lcores\n")
    print("| workload | policy | measured | predicted | error |")
    print("|---|---|---|---|---|")
    for work, policy, measured, guess, percent, fitted in found:
        print(f"| {work} | {policy} | {measured:.1f} | {guess:.1f} | {percent:+.0f} %"
              f"{' (fitted)' if fitted else ''} |")
    free = [abs(f[4]) for f in found if not f[5]]
    if free:
        print(f"\nMedian of the {len(free)} points that were not fitted: {median(free):.0f} %, "
              f"worst {max(free):.0f} %.")


def tell(model, workload, sockets):
    names = [p for p in POLICIES if (p, workload) in model.local]
    print(f"\n## {workload}, {sockets} socket{'s' if sockets > 1 else ''}, "
          "million packets a second\n")
    print("| cores | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for n in CORES:
        if n == 1 and (sockets == 2 or workload in PAIRED):
            continue
        row = [f"{model.mpps(p, workload, n, sockets):.0f}" for p in names]
        print(f"| {n} | " + " | ".join(row) + " |")
    stops = [model.stops(p, workload, sockets) for p in names]
    print("| stops at | " + " | ".join("-" if s is None else str(s) for s in stops) + " |")
    return {p: [(n, model.mpps(p, workload, n, sockets)) for n in CORES[1:]] for p in names}


def tell_pinned():
    """What waits in batches: buffers of mbench's clusters, and the largest there are."""
    print("\n## Memory that batches pin, MB\n")
    print("| cores | clusters of 2 kB | clusters of 64 kB |")
    print("|---|---|---|")
    for n in CORES:
        small, large = (n * BATCH * (size + 128 + 192) / 1e6 for size in (2048, 65407))
        print(f"| {n} | {small:.1f} | {large:.0f} |")


def main():
    args = arguments()
    with open(args.record, encoding="utf-8") as f:
        cells = [c for c in json.load(f)["cells"] if c["segments"] == 1 and c["mpps"]]
    if args.costs:
        with open(args.costs, encoding="utf-8") as f:
            costs = json.load(f)
    else:
        costs = linecost()
    model = Model(cells, costs, args.remote)
    print("## Costs, ns\n\n| | |\n|---|---|")
    for name, value in costs.items():
        print(f"| {name} | {value:.1f} |")
    print(f"| a line of the other core, fitted | {model.line:.1f} |")
    found = errors(model, cells)
    tell_errors(found)
    curves = {}
    for workload in ("independent", "exchange"):
        for sockets in (1, 2):
            curves[f"{workload}-{sockets}"] = tell(model, workload, sockets)
    tell_pinned()
    if args.out:
        os.makedirs(args.out, exist_ok=True)
        with open(os.path.join(args.out, "scaling.json"), "w", encoding="utf-8") as f:
            json.dump({"costs": costs, "line": model.line, "remote": args.remote,
                       "errors": found, "curves": curves}, f, indent=1)
        if plot.have():
            for name, points in curves.items():
                work, sockets = name.rsplit("-", 1)
                plot.lines(os.path.join(args.out, f"scaling-{name}.svg"),
                           f"{work}, predicted, {sockets} socket{'s' * (sockets != '1')}",
                           "cores", "million packets a second", points)
    return 0


if __name__ == "__main__":
    sys.exit(main())
