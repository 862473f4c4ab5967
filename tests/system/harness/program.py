# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Start mfwd, wait for what it says, stop it, read its record.

Nothing here sleeps: a reader thread per output wakes who waits for a line, and the end of the
output wakes everybody. The deadlines only bound a hang; no test depends on their length.
"""
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEADLINE = 300
FORWARDING = re.compile(r"^mfwd: forwarding")
_numbers = itertools.count()


def binary():
    """The program under test: $MFWD, or the release build's."""
    return Path(os.environ.get("MFWD") or ROOT / "build/release/app/mfwd/mfwd").resolve()


def cpus():
    """The CPUs this process may use, lowest first."""
    return sorted(os.sched_getaffinity(0))


def lcores(workers=2):
    """--lcores for a main lcore and `workers` more, dealt over the CPUs there are.

    The main lcore sleeps, so it shares the first worker's CPU.
    """
    mine = cpus()
    places = [mine[0]] + [mine[i % len(mine)] for i in range(workers)]
    return ",".join(f"{lcore}@{cpu}" for lcore, cpu in enumerate(places))


def unique(stem):
    """A name that neither another run nor another test on this machine uses; 15 bytes at most."""
    return f"{stem}{os.getpid() % 1000000:x}n{next(_numbers):x}"


def eal(workers=2, memory=192, cores=None):
    """EAL options that need no hugepages, no PCI, no shared files."""
    return ["--no-huge", "-m", str(memory), "--no-pci", "--no-telemetry", "--no-shconf",
            "--file-prefix", unique("mfwdtest"), "--lcores", cores or lcores(workers)]


class Output:
    """The lines of one pipe, as they come."""

    def __init__(self, pipe):
        self._pipe, self._lines = pipe, []
        self._news, self._ended = threading.Condition(), False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for raw in self._pipe:
            with self._news:
                self._lines.append(raw.decode(errors="replace").rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait(self, pattern, timeout=DEADLINE):
        """The first line that matches `pattern`; None if the output ends without one."""
        pattern = re.compile(pattern)

        def match():
            return next((line for line in self._lines if pattern.search(line)), None)

        with self._news:
            self._news.wait_for(lambda: match() is not None or self._ended, timeout)
            return match()

    def wait_count(self, pattern, count, timeout=DEADLINE):
        """Wait until `count` lines match; False if the output ends first."""
        def enough():
            return sum(1 for line in self._lines if re.search(pattern, line)) >= count

        with self._news:
            self._news.wait_for(lambda: enough() or self._ended, timeout)
            return enough()

    def end(self):
        """Wait for the end of the output and return all of it."""
        self._thread.join(DEADLINE)
        return self.text()

    def text(self):
        with self._news:
            return "".join(line + "\n" for line in self._lines)


class Result:
    """How a run ended."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Mfwd:
    """One run of mfwd. Use it as a context: leaving it always ends the process."""

    def __init__(self, options, eal_options=None, vdevs=(), prefix=(), env=None, stdin=None,
                 program=None):
        command = [*prefix, str(program or binary()),
                   *(eal() if eal_options is None else eal_options)]
        for vdev in vdevs:
            command += ["--vdev", vdev]
        self.command = command + ["--", *options]
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        self.stdout, self.stderr = Output(self._process.stdout), Output(self._process.stderr)
        self.pid = self._process.pid
        self.result = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self.stdout.end()
        self.stderr.end()
        self._process.stdout.close()
        self._process.stderr.close()

    def forwarding(self):
        """Wait until mfwd says that it forwards."""
        if self.stderr.wait(FORWARDING) is None:
            raise AssertionError(f"mfwd never forwarded: {self.command}\n{self._so_far()}")
        return self

    def _so_far(self):
        return f"--- stdout\n{self.stdout.text()}\n--- stderr\n{self.stderr.text()}"

    def running(self):
        return self._process.poll() is None

    def send(self, number):
        self._process.send_signal(number)

    def wait(self, timeout=DEADLINE):
        """Wait for the end that mfwd comes to by itself."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            raise AssertionError(f"mfwd did not end: {self.command}\n{self._so_far()}") from None
        self.result = Result(status, self.stdout.end(), self.stderr.end())
        return self.result

    def stop(self, number=signal.SIGTERM):
        """End the run by a signal."""
        self.send(number)
        return self.wait()


def run(options, **how):
    """A whole run that ends by itself."""
    with Mfwd(options, **how) as mfwd:
        return mfwd.wait()


def clean(result, record):
    """Assert what every clean run ends with; returns the record for more checks.

    `record` is the path of the JSON file or the record itself.
    """
    assert result.status == 0, str(result)
    if not isinstance(record, dict):
        record = json.loads(Path(record).read_text())
    assert record["pools"], str(record)
    for pool in record["pools"]:
        assert pool["in_use"] == 0, f"leak: {pool}\n{result}"
    return record
