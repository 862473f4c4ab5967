# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The library's man pages against its headers: each prototype once, as it is."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/man").glob("*.3"))
HEADERS = sorted((ROOT / "lib/mbuf/include/bsdmbuf").glob("*.h"))
# What the headers need for themselves.
PRIVATE = {"M_ASSERT"}


def squeeze(text):
    return re.sub(r"\s*\*\s*", " *", re.sub(r"\s+", " ", text)).strip()


def arguments(text):
    """Split at commas that are not inside parentheses."""
    found, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            found.append("")
        else:
            found[-1] += char
    return [squeeze(arg) for arg in found if arg.strip()]


def declared():
    """name: (return type, or None for a macro; arguments), of all headers."""
    table = {}
    for header in HEADERS:
        text = re.sub(r"/\*.*?\*/", " ", header.read_text(), flags=re.S).replace("\\\n", " ")
        functions = re.findall(r"^M_API\s+([^;{=]*?)(\w+)\s*\(([^;{]*)\)\s*;", text, re.M)
        functions += re.findall(r"^static inline\s+([^;{]*?)(\w+)\s*\(([^;{]*)\)\s*\n\{", text, re.M)
        for kind, name, args in functions:
            table[name] = (squeeze(kind), arguments(args))
        for name, args in re.findall(r"^#define (\w+)\(([^)]*)\)", text, re.M):
            table[name] = (None, arguments(args))
    return {name: entry for name, entry in table.items() if name not in PRIVATE}


def documented(page):
    """The synopsis of one page: [(name, return type, arguments)]."""
    entries, kind, entry = [], None, None
    synopsis = page.read_text().split(".Sh SYNOPSIS\n")[1].split("\n.Sh ")[0]
    for line in synopsis.splitlines():
        macro, _, rest = line.partition(" ")
        rest = squeeze(rest.replace('"', ""))
        if macro == ".Ft":
            kind = rest
        elif macro in (".Fo", ".Fn"):
            entry = (rest, kind, [])
            entries.append(entry)
            kind = None
        elif macro == ".Fa":
            entry[2].append(rest)
    return entries


def test_headers_are_read():
    table = declared()
    assert len(table) > 120
    assert table["m_pullup"] == ("struct mbuf *", ["struct mbuf *m", "int len"])
    assert table["m_apply"][1][3] == "int ( *f)(char *state, char *data, unsigned n)"
    assert table["MEXTADD"] == (None, ["m", "buf", "size", "flags", "freefn", "arg"])


def test_every_prototype_has_one_entry():
    entries = [entry for page in PAGES for entry in documented(page)]
    names = [name for name, _, _ in entries]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
    assert sorted(set(declared()) - set(names)) == []
    assert sorted(set(names) - set(declared())) == []


def test_entries_are_the_prototypes():
    table = declared()
    wrong = [(page.name, name) for page in PAGES for name, kind, args in documented(page)
             if table.get(name) != (kind, args)]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_entry_is_described(page):
    text = page.read_text().split(".Sh DESCRIPTION\n")[1]
    items = dict(re.findall(r"^\.It Fn (\w+)[^\n]*\n(.*?)(?=^\.It |^\.El)", text, re.M | re.S))
    for name, _, args in documented(page):
        assert len(items[name].strip()) > 10, name
    named = set(re.findall(r"^\.(?:It )?Fn (\w+)", text, re.M))
    assert sorted(named - set(declared())) == []
    assert sorted(set(items) - {name for name, _, _ in documented(page)}) == []
    others = set(re.findall(r"^\.Xr (\w+) 3", text, re.M))
    assert sorted(others - {other.stem for other in PAGES}) == []


def test_mandoc_has_nothing_to_say():
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *PAGES], capture_output=True,
                          text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
