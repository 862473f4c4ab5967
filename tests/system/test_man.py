# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""What the program says of itself: --help, the man page and the reference agree."""
import re
import shutil
import subprocess

from harness import program

REFERENCE = program.ROOT / "docs/mfwd.md"


def said(mfwd, word):
    done = subprocess.run([mfwd, word], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def options(mfwd):
    found = re.findall(r"^  --([a-z-]+)(?:=([A-Z]+))?$", said(mfwd, "--help"), re.M)
    assert len(found) > 20
    return found


def reasons(mfwd):
    page = said(mfwd, "--man")
    found = re.findall(r"^\.It Cm (\w+)$", page[page.index(".Sh DROP REASONS"):], re.M)
    assert "tx_full" in found
    return found


def test_man_page_has_every_option(mfwd):
    page = said(mfwd, "--man")
    listed = re.findall(r"^\.It Fl Fl ([a-z-]+)(?: Ns = Ns Ar ([A-Z]+))?$", page, re.M)
    assert listed == options(mfwd)


def test_reference_has_every_option(mfwd):
    text = REFERENCE.read_text()
    missing = [f"--{name}{'=' if arg else ''}{arg}" for name, arg in options(mfwd)
               if f"`--{name}{'=' if arg else ''}{arg}`" not in text]
    assert missing == []


def test_reference_has_no_other_option(mfwd):
    names = {name for name, _ in options(mfwd)}
    table = REFERENCE.read_text().split("## Options")[1].split("## Modes")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `-")]
    said_there = set(re.findall(r"`--([a-z-]+)", " ".join(row.split("|")[1] for row in rows)))
    assert said_there == names


def test_reference_has_every_drop_reason(mfwd):
    table = REFERENCE.read_text().split("## Drop reasons")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == reasons(mfwd)


def test_record_has_the_reasons_of_the_man_page(mfwd, record):
    got = program.clean(program.run(["--packets=100", f"--json={record}"],
                                    vdevs=["net_null0", "net_null1"]), record)
    assert list(got["drops"]) == reasons(mfwd)


def test_man_page_is_clean(mfwd, need):
    if shutil.which("mandoc") is None:
        need("mandoc is not installed")
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning"], input=said(mfwd, "--man"),
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "", done.stdout


def test_built_page_is_what_the_program_says(mfwd, need):
    page = mfwd.parent / "mfwd.8"
    if not page.exists():
        need("mfwd.8 is not beside the program")
    assert page.read_text() == said(mfwd, "--man")
