#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Build and run every test.

    tests/check.py                        all groups
    tests/check.py --only release,system  these groups

A group is one build of the project with the tests that run in it; `system` runs whole programs of
the release build. Builds run in the background, one after the other, while the tests of the groups
that are ready run, one group at a time; system comes last, when nothing else runs.

What this machine cannot run is named and counted as skipped. With MFWD_REQUIRE=all in the
environment that is a failure. Logs are in build/check/. The last line is
`N passed, N failed, N skipped`; the exit code is 1 if anything failed.
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/check"
REQUIRED = os.environ.get("MFWD_REQUIRE") == "all"
CPUS = len(os.sched_getaffinity(0))
# These only end what hangs; the slowest machine is not expected to come near.
BUILD_LIMIT, GROUP_LIMIT, SYSTEM_LIMIT, CASE_LIMIT = 1800, 3600, 5400, 900
# Proofs that do not depend on how the library is built: they run in the release build alone.
ONCE = ("model", "breaks")

SANITIZED = ["-Dbuildtype=debugoptimized", "-Dshared=false"]
# name: (compiler, meson's options)
BUILDS = {
    "release": ("gcc", []),
    "asan": ("gcc", SANITIZED + ["-Db_sanitize=address,undefined"]),
    "tsan": ("gcc", SANITIZED + ["-Db_sanitize=thread"]),
    "debug": ("gcc", ["-Dbuildtype=debug", "-Dshared=false", "-Dmbuf_debug=true"]),
    "clang": ("clang", ["-Dcpu=generic"]),
}
# The bare root that `make check-fresh` makes has no second compiler and no namespaces to give.
FRESH = ("release", "system")
FRESH_SYSTEM = ("layout", "install", "trace", "pcap", "json", "man", "pages")


def policies():
    """The ways to account for shared clusters that exist, without the default."""
    text = (ROOT / "meson_options.txt").read_text()
    found = re.search(r"option\('policy'.*?choices:\s*\[(.*?)\].*?value:\s*'(\w+)'", text, re.S)
    names = re.findall(r"'(\w+)'", found.group(1))
    return [name for name in names if name != found.group(2)]


def builds():
    table = dict(BUILDS)
    for name in policies():
        table[name] = ("gcc", [f"-Dpolicy={name}", "-Dshared=false"])
    return table


class Tally:
    """What passed, failed and was skipped; failures and skips by name."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def ok(self, count=1):
        self.passed += count

    def fail(self, name, why=""):
        self.failed.append(name)
        print(f"  FAILED  {name}{': ' + why if why else ''}", flush=True)

    def skip(self, name, why=""):
        if REQUIRED:
            self.fail(name, f"skipped, but everything is required here: {why}")
            return
        self.skipped.append(name)
        print(f"  skipped {name}{': ' + why if why else ''}", flush=True)

    def numbers(self):
        return self.passed, len(self.failed), len(self.skipped)

    def __str__(self):
        return "{} passed, {} failed, {} skipped".format(*self.numbers())


def run(command, log, limit, env=None):
    """Run a command with its output in `log`; its exit code, or None if it hung."""
    with open(log, "ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        child = subprocess.Popen([str(word) for word in command], cwd=ROOT, env=env, stdout=out,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                 start_new_session=True)
        try:
            return child.wait(limit)
        except BaseException as error:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return None
            raise


def tail(log, lines=60):
    """The end of a log, set in, for the reader of the output."""
    text = Path(log).read_text(errors="replace").splitlines()[-lines:]
    print("".join(f"  | {line}\n" for line in text), end="", flush=True)


class Build:
    """One build tree, made in the background."""

    def __init__(self, name, compiler, options):
        self.name, self.dir = name, ROOT / "build" / name
        self.log = LOGS / f"{name}.build.log"
        self.compiler, self.options = compiler, options
        self.ready, self.why = threading.Event(), None

    def make(self):
        try:
            self.why = self._make()
        except Exception as error:  # pylint: disable=broad-except
            self.why = f"cannot build: {error}"
        self.ready.set()

    def _make(self):
        if not shutil.which(self.compiler):
            return f"no {self.compiler}"
        self.log.unlink(missing_ok=True)
        if (self.dir / "build.ninja").exists():
            # Only what differs is built anew.
            if run(["meson", "configure", self.dir, *self.options], self.log, BUILD_LIMIT) != 0:
                shutil.rmtree(self.dir)
        if not (self.dir / "build.ninja").exists():
            shutil.rmtree(self.dir, ignore_errors=True)
            env = dict(os.environ)
            env["CC"] = self.compiler
            if shutil.which("ccache"):
                env["CC"] = f"ccache {self.compiler}"
            if run(["meson", "setup", self.dir, *self.options], self.log, BUILD_LIMIT, env) != 0:
                return "meson setup failed"
        # One more look: a file that is torn by a full disk or a kill must not fail the next run.
        code = run(["ninja", "-C", self.dir, f"-j{max(2, CPUS)}"], self.log, BUILD_LIMIT)
        return None if code == 0 else f"the build failed ({'hung' if code is None else code})"


def cases(output):
    """The cases of a TAP text: [(name, 'ok' | 'fail' | 'skip')]."""
    found = []
    for line in output.splitlines():
        match = re.match(r"(not )?ok (\d+)(?: -)? ?(.*)$", line)
        if not match:
            continue
        name = match.group(3)
        if re.search(r"# SKIP\b", line, re.I):
            found.append((re.sub(r"\s*# SKIP\s*", " ", name, flags=re.I).strip(), "skip"))
        else:
            found.append((name, "fail" if match.group(1) else "ok"))
    return found


def count(record, group, tally):
    """Add one of meson's tests: its cases, if it told TAP, or itself."""
    name = f"{group}: {record['name'].split(' / ')[-1]}"
    result, text = record["result"], record.get("stdout", "")
    if result == "SKIP":
        tally.skip(name, (text.strip().splitlines() or [""])[-1])
        return
    told = cases(text)
    for case, how in told:
        if how == "ok":
            tally.ok()
        elif how == "skip":
            tally.skip(f"{name}: {case}", "it says why in build/check/")
        else:
            tally.fail(f"{name}: {case}")
    good = result in ("OK", "EXPECTEDFAIL")
    if good and not told:
        tally.ok()
    if good or any(how == "fail" for _, how in told):
        if not good:
            show(record)
        return
    tally.fail(name, f"{result.lower()}, exit code {record.get('returncode')}")
    show(record)


def show(record, lines=60):
    """The end of what a failed test said."""
    text = (record.get("stdout", "") + "\n" + record.get("stderr", "")).splitlines()
    print("".join(f"  | {line}\n" for line in text[-lines:]), end="", flush=True)


def unit(build, tally):
    """Run the tests of one build."""
    log = LOGS / f"{build.name}.log"
    log.unlink(missing_ok=True)
    report = build.dir / "meson-logs/testlog.json"
    report.unlink(missing_ok=True)
    command = ["meson", "test", "-C", build.dir, "--no-rebuild", "--timeout-multiplier", "3",
               "--num-processes", str(max(1, CPUS))]
    if build.name != "release":
        for suite in ONCE:
            command += ["--no-suite", suite]
    code = run(command, log, GROUP_LIMIT)
    records = []
    if report.exists():
        records = [json.loads(line) for line in report.read_text().splitlines()]
        shutil.copy(report, LOGS / f"{build.name}.json")
    before = len(tally.failed)
    for record in records:
        count(record, build.name, tally)
    if code != 0 and len(tally.failed) == before:
        tally.fail(build.name, f"meson test ended with {'a hang' if code is None else code}")
        tail(log)
    elif not records and "No tests defined" not in log.read_text(errors="replace"):
        tally.fail(build.name, "meson test left no report")
        tail(log)


def system(tally, build):
    """Run the system tests on the release build."""
    log, report = LOGS / "system.log", LOGS / "system.xml"
    for old in (log, report):
        old.unlink(missing_ok=True)
    folder = ROOT / "tests/system"
    wanted = [folder]
    if os.environ.get("MFWD_FRESH"):
        wanted = [folder / f"test_{name}.py" for name in FRESH_SYSTEM]
        wanted = [path for path in wanted if path.exists()]
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    env.setdefault("MFWD", str(build.dir / "app/mfwd/mfwd"))
    code = run(["/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider", "-ra", "-v",
                f"--timeout={CASE_LIMIT}", f"--junitxml={report}", "-o",
                "junit_family=xunit2", *wanted], log, SYSTEM_LIMIT, env)
    before = len(tally.failed)
    found = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    for case in found:
        name = f"system: {case.get('classname', '').split('.')[-1]}: {case.get('name')}"
        bad = [sign for sign in case if sign.tag in ("failure", "error")]
        skip = case.find("skipped")
        if bad:
            tally.fail(name, (bad[0].get("message") or "").splitlines()[0][:200]
                       if bad[0].get("message") else "")
            text = (bad[0].text or "").splitlines()[-80:]
            print("".join(f"  | {line}\n" for line in text), end="", flush=True)
        elif skip is not None:
            tally.skip(name, skip.get("message", ""))
        else:
            tally.ok()
    if code != 0 and len(tally.failed) == before:
        tally.fail("system", f"pytest ended with {'a hang' if code is None else code}")
        tail(log)


def parse(table):
    parser = argparse.ArgumentParser(description="Build and run the tests.")
    parser.add_argument("--only", metavar="GROUP[,GROUP]", action="append", default=[],
                        help=f"only these groups, of: {', '.join([*table, 'system'])}")
    parser.add_argument("--fail-fast", action="store_true", help="stop after a group that fails")
    arguments = parser.parse_args()
    wanted = [name for some in arguments.only for name in some.split(",")]
    for name in wanted:
        if name not in table and name != "system":
            parser.error(f"{name} is not a group; there are: {', '.join([*table, 'system'])}")
    if not wanted:
        wanted = FRESH if os.environ.get("MFWD_FRESH") else [*table, "system"]
    return wanted, arguments.fail_fast


def main():
    table = builds()
    wanted, fail_fast = parse(table)
    LOGS.mkdir(parents=True, exist_ok=True)
    # system runs the programs of the release build, so that comes first whenever it is asked for.
    trees = {name: Build(name, *table[name]) for name in table
             if name in wanted or (name == "release" and "system" in wanted)}
    stop = threading.Event()

    def background():
        for build in trees.values():
            if not stop.is_set():
                build.make()
            build.ready.set()

    threading.Thread(target=background, daemon=True).start()
    total = Tally()
    for name in [*[name for name in trees if name in wanted],
                 *(["system"] if "system" in wanted else [])]:
        build = trees[name if name != "system" else "release"]
        build.ready.wait()
        if name == "system":
            for other in trees.values():
                other.ready.wait()
        print(f"{name}:", flush=True)
        start, before = time.monotonic(), total.numbers()
        if build.why and build.why.startswith("no "):
            total.skip(name, build.why)
        elif build.why:
            total.fail(name, build.why)
            tail(build.log)
        elif name == "system":
            system(total, build)
        else:
            unit(build, total)
        passed, failed, skipped = (now - then for now, then in zip(total.numbers(), before))
        print(f"  {passed} passed, {failed} failed, {skipped} skipped in "
              f"{time.monotonic() - start:.0f} s", flush=True)
        if failed and fail_fast:
            stop.set()
            break
    for kind, names in (("failed", total.failed), ("skipped", total.skipped)):
        for name in names:
            print(f"{kind}: {name}")
    print(total, flush=True)
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
