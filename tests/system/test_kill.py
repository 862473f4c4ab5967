# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""A signal at a random moment, many times: exit 0 and full pools, in every mode."""
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import pcap, program

RUNS = int(os.environ.get("MFWD_KILLS", "50"))
SEED = int(os.environ.get("MFWD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


def ports(kind, count, folder):
    """`count` virtual ports of one kind that always have something to receive."""
    if kind == "pcap":
        path = pcap.write(folder / f"{program.unique('k')}.pcap", pcap.trace(64))
        return [f"net_pcap{n},rx_pcap={path},infinite_rx=1" for n in range(count)]
    return [f"net_{kind}{n}" for n in range(count)]


def handled(mfwd):
    """Wait until the process handles SIGTERM itself; before that the signal is the loader's."""
    bit = 1 << (signal.SIGTERM - 1)
    while mfwd.running():
        try:
            with open(f"/proc/{mfwd.pid}/status", encoding="ascii") as status:
                fields = dict(line.split(":", 1) for line in status)
        except (ProcessLookupError, FileNotFoundError):
            return
        if any(int(fields.get(name, "0"), 16) & bit for name in ("SigBlk", "SigCgt")):
            return
        time.sleep(0)


def one(mode, draw, folder):
    """One run, ended at a moment that `draw` chooses. Returns what was wrong, or None."""
    kind = draw.choice(("null", "ring", "pcap"))
    early, pause = draw.random() < 0.4, draw.random() * 0.15
    number = draw.choice((signal.SIGTERM, signal.SIGTERM, signal.SIGINT))
    record = folder / f"{program.unique('r')}.json"
    options = [f"--forward-mode={mode}", "--total-num-mbufs=2048", f"--json={record}",
               f"--idle={draw.choice(('poll', 'pause', 'sleep'))}", "--nb-cores=2"]
    options += ["--tx-first"] if draw.random() < 0.5 else []
    options += ["--mirror-port=2", "--mirror-vlan=9"] if mode == "mirror" else []
    vdevs = ports(kind, 3 if mode == "mirror" else 2, folder)
    with program.Mfwd(options, eal_options=program.eal(2, 64), vdevs=vdevs) as mfwd:
        handled(mfwd) if early else mfwd.forwarding()
        threading.Event().wait(pause)
        result = mfwd.stop(number)
        what = f"{mode} on {kind}, {'early' if early else 'late'} {pause:.4f} s, signal {number}"
        try:
            program.clean(result, record)
        except (AssertionError, OSError, ValueError) as error:
            return f"{what}: {error}\n{result}"
    return None


@pytest.mark.parametrize("mode", ("io", "macswap", "mirror"))
def test_signal_at_any_moment(mfwd, tmp_path, mode):
    print(f"seed: MFWD_SEED={SEED}")
    draws = [random.Random(f"{SEED} {mode} {n}") for n in range(RUNS)]
    with ThreadPoolExecutor(2) as pool:
        wrong = [w for w in pool.map(lambda draw: one(mode, draw, tmp_path), draws) if w]
    assert not wrong, f"seed {SEED}: {len(wrong)} of {RUNS} runs\n" + "\n".join(wrong[:3])


def test_two_signals_are_as_good_as_one(mfwd, record):
    with program.Mfwd([f"--json={record}"], vdevs=["net_null0", "net_null1"]) as mfwd:
        mfwd.forwarding()
        mfwd.send(signal.SIGTERM)
        mfwd.send(signal.SIGINT)
        program.clean(mfwd.wait(), record)
