# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""What the benchmarks need from the machine: hugepages, a trace, and the run of one forwarder."""
import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import tempfile
import time

HUGE = "/sys/kernel/mm/hugepages/hugepages-2048kB/"
FRAMES = 256
FRAME_BYTES = 60
START_LIMIT = 120.0  # a program that has not begun to forward by then has failed
STARTED_NS = 10_000_000  # an lcore thread that ran this long forwards
TOTAL = re.compile(r"Accumulated forward statistics.*?TX-packets:\s*(\d+)", re.S)


class BenchError(Exception):
    """A run that gave no figure; the text says why."""


def _read_number(path):
    try:
        with open(path, encoding="ascii") as f:
            return int(f.read())
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def hugepages(pages, wanted=True):
    """Reserves 2 MB pages for the time of the benchmark when root, and puts the number back.
    Yields whether EAL may use hugepages."""
    had = _read_number(HUGE + "nr_hugepages")
    free = _read_number(HUGE + "free_hugepages")
    if not wanted or had is None:
        yield False
        return
    if free >= pages:
        yield True
        return
    if os.geteuid() != 0:
        yield False
        return

    def put(number):
        with open(HUGE + "nr_hugepages", "w", encoding="ascii") as f:
            f.write(str(number))

    def ended(*_):
        raise SystemExit(1)  # so that the pages go back

    signal.signal(signal.SIGTERM, ended)
    try:
        put(had + pages - free)
        yield _read_number(HUGE + "free_hugepages") >= pages
    except OSError:
        yield False
    finally:
        with contextlib.suppress(OSError):
            put(had)


def write_trace(path):
    """A pcap of short UDP frames over IPv4, one flow each: the cost per packet, not per byte."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i in range(FRAMES):
            ether = bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0])
            head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, FRAME_BYTES - 14, i, 0, 64, 17, 0,
                               bytes([198, 18, 0, i & 255]), bytes([198, 19, 0, 1]))
            total = sum(struct.unpack(">10H", head))
            total = (total & 0xFFFF) + (total >> 16)
            head = head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:]
            udp = struct.pack(">HHHH", 1024 + i, 9, FRAME_BYTES - 34, 0)
            frame = (ether + head + udp).ljust(FRAME_BYTES, b"\0")
            f.write(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)


def eal_options(huge, lcores, megabytes=512):
    memory = ["--in-memory"] if huge else ["--no-huge", "--no-shconf"]
    return memory + ["-m", str(megabytes), "--no-pci", "--no-telemetry", "--lcores", lcores]


def vdevs(source, trace):
    if source == "null":
        return ["--vdev=net_null0", "--vdev=net_null1"]
    return [f"--vdev=net_pcap{i},rx_pcap={trace},infinite_rx=1" for i in (0, 1)]


def two_cpus():
    """CPUs of the main and of the forwarding lcore: two of the mask when it has two."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[0], cpus[-1]


def raise_priority():
    with contextlib.suppress(OSError):
        os.nice(-20)


def _oncpu(pid, tid):
    with open(f"/proc/{pid}/task/{tid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0])


def busiest_thread(pid):
    """On-CPU nanoseconds of the busiest thread but the main one."""
    most = 0
    with contextlib.suppress(OSError):
        for tid in os.listdir(f"/proc/{pid}/task"):
            if int(tid) != pid:
                most = max(most, _oncpu(pid, tid))
    return most


class Forwarder:
    """One program to measure: mfwd, or dpdk-testpmd by its name."""

    def __init__(self, binary):
        self.binary = binary
        self.kind = "testpmd" if "testpmd" in os.path.basename(binary) else "mfwd"

    def arguments(self, mode, seconds, record):
        options = [f"--forward-mode={mode}", "--nb-cores=1", "--burst=32",
                   "--total-num-mbufs=16384", "--mbcache=250"]
        if self.kind == "mfwd":
            options += [f"--duration={seconds}", f"--json={record}"]
        return options

    def run(self, mode, eal, seconds):
        """One run. Returns (packets sent, on-CPU nanoseconds of the forwarding lcore)."""
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            record, log = os.path.join(folder, "record.json"), os.path.join(folder, "log")
            command = [self.binary, *eal, "--", *self.arguments(mode, seconds, record)]
            with open(log, "wb") as out:
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out,
                                           stderr=subprocess.STDOUT, preexec_fn=raise_priority)
            try:
                if self.kind == "testpmd":
                    self._wait_for_start(process)
                    time.sleep(seconds)  # the length of the measurement itself
                    process.stdin.close()
                oncpu, status = _reap(process, seconds + START_LIMIT)
            except BaseException:
                process.kill()
                process.wait()
                raise
            with open(log, encoding="utf-8", errors="replace") as f:
                text = f.read()
            if status != 0:
                raise BenchError(f"{self.binary}: status {status}\n{text[-2000:]}")
            return self._packets(text, record), oncpu

    def _wait_for_start(self, process):
        """Until an lcore thread burns CPU. What testpmd prints stays in its buffer until the
        end, so its text cannot say when it forwards."""
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit:
            if busiest_thread(process.pid) >= STARTED_NS:
                return
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.01)
        raise BenchError(f"{self.binary}: did not begin to forward in {START_LIMIT:.0f} s")

    def _packets(self, text, record):
        if self.kind == "testpmd":
            found = TOTAL.search(text)
            if not found:
                raise BenchError(f"{self.binary}: no accumulated forward statistics")
            return int(found.group(1))
        with open(record, encoding="utf-8") as f:
            return json.load(f)["total"]["tx_packets"]


def _reap(process, limit):
    """Waits for the end. Returns (on-CPU ns of all threads but the main one, exit status).

    Both programs end by themselves, so nobody could read the lcore thread's schedstat after its
    last packet and before it is gone. But the main thread stays readable until it is reaped, and
    the kernel then tells the sum of all threads: the difference is the forwarding lcore (and
    EAL's service threads, which sleep). It is exact, and covers just the packets that the final
    statistics count, for the lcore sleeps before and after it forwards."""
    end = time.monotonic() + limit
    flags = os.WEXITED | os.WNOWAIT | os.WNOHANG
    while not os.waitid(os.P_PID, process.pid, flags):
        if time.monotonic() > end:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.005)
    main = _oncpu(process.pid, process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    total = (usage.ru_utime + usage.ru_stime) * 1e9
    return total - main, process.returncode
