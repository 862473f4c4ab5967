#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The main job on an embedded default: no NIC, no hugepages, no root.

Two hosts talk through mfwd. The shipped trace comes in on port 0, the answers (the same frames the
other way round, last one first) on port 1; each of two lcores forwards one direction. Port 2 gets
every packet too: mode mirror shares the clusters, nothing is copied. The frames come at a pace that
lets one watch the live statistics. At the end: mfwd's totals, the balance of its pools, and the
check that what came out on the three ports is what went in, byte by byte and in order.

All files are left in build/run/.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/system"))

from harness import pcap, program  # noqa: E402

FOLDER = ROOT / "build/run"
SECONDS = 3.5  # how long the frames take to come
HANG = 120  # only ends a run that hangs


def answer(frame):
    """The frame from the other host: source and destination change places."""
    return frame[6:12] + frame[:6] + frame[12:]


def feed(fifo, source, process):
    """Write a pcap file into a FIFO at a pace, once mfwd has opened it for reading."""
    raw = source.read_bytes()
    parts = 350
    size = len(raw) // parts + 1
    while True:
        try:
            out = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:  # nobody reads yet
            if process.poll() is not None:
                return
            time.sleep(0.01)
    os.set_blocking(out, True)
    start = time.monotonic()
    with open(out, "wb", buffering=0) as pipe:
        try:
            for part in range(parts):
                pipe.write(raw[part * size:(part + 1) * size])
                time.sleep(max(0.0, start + SECONDS * (part + 1) / parts - time.monotonic()))
        except BrokenPipeError:  # mfwd has ended; its exit code says why
            pass


def forward(inputs, frames):
    """Run mfwd on the files; its exit code."""
    fifos = [FOLDER / f"port{port}.fifo" for port in (0, 1)]
    for fifo in fifos:
        os.mkfifo(fifo)
    command = [program.binary(), *program.eal(workers=2, memory=256)]
    for port, fifo in enumerate(fifos):
        command += ["--vdev", f"net_pcap{port},rx_pcap={fifo},tx_pcap={FOLDER}/out{port}.pcap"]
    command += ["--vdev", f"net_pcap2,tx_pcap={FOLDER}/out2.pcap", "--",
                "--forward-mode=mirror", "--mirror-port=2", "--nb-cores=2", "--idle=sleep",
                "--stats-period=1", f"--packets={frames}", f"--json={FOLDER}/record.json"]
    print("$", " ".join(str(word).replace(f"{ROOT}/", "") for word in command), flush=True)
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL)
    feeders = [threading.Thread(target=feed, args=(fifo, source, process), daemon=True)
               for fifo, source in zip(fifos, inputs)]
    for feeder in feeders:
        feeder.start()
    try:
        return process.wait(HANG)
    except subprocess.TimeoutExpired:
        print(f"mfwd did not end in {HANG} s", file=sys.stderr)
        process.send_signal(signal.SIGKILL)
        return process.wait()
    except KeyboardInterrupt:  # mfwd got it too, and ends well
        return process.wait()


def check(trace, answers):
    """Compare what came out with what went in; the number of things that are wrong."""
    record = json.loads((FOLDER / "record.json").read_text())
    out = [pcap.read(FOLDER / f"out{port}.pcap") for port in (0, 1, 2)]
    first = set(trace)
    split = ([frame for frame in out[2] if frame in first],
             [frame for frame in out[2] if frame not in first])
    in_use = {pool["name"]: pool["in_use"] for pool in record["pools"]}
    results = [
        (f"port 0 -> port 1: {len(out[1])} of {len(trace)} frames, the same in the same order",
         out[1] == trace),
        (f"port 1 -> port 0: {len(out[0])} of {len(answers)} frames, the same in the same order",
         out[0] == answers),
        (f"mirror, port 2: {len(out[2])} of {len(trace) + len(answers)} frames, both directions "
         "in order", split == (trace, answers)),
        (f"dropped: {record['total']['dropped']}", record["total"]["dropped"] == 0),
        (f"pools: {', '.join(f'{name} {out} in use' for name, out in in_use.items())}",
         bool(in_use) and not any(in_use.values())),
    ]
    print("\nWhat came out is what went in:")
    for what, good in results:
        print(f"  {'ok    ' if good else 'FAILED'}  {what}")
    return sum(not good for _, good in results)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    trace = pcap.trace()
    answers = [answer(frame) for frame in reversed(trace)]
    inputs = [pcap.write(FOLDER / f"in{port}.pcap", frames)
              for port, frames in enumerate((trace, answers))]
    status = forward(inputs, len(trace) + len(answers))
    if status != 0:
        print(f"mfwd ended with {status}", file=sys.stderr)
        return 1
    return 1 if check(trace, answers) else 0


if __name__ == "__main__":
    sys.exit(main())
