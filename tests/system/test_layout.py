# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""The house rules: who may call and include what, what is exported, what every file carries."""
import os
import re
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "lib/mbuf/include"
# What lib/mbuf alone may call: whatever allocates, counts, attaches, links or frees buffers.
RAW = re.compile(r"""\b(
    rte_pktmbuf_(free|free_seg|free_bulk|clone|copy|attach|attach_extbuf|detach|alloc|alloc_bulk
               |reset|prefree_seg|chain|linearize|adj|trim|prepend|append|pool_create
               |pool_create_by_ops|pool_init|init|refcnt_update|ext_shinfo_init_helper)
  | rte_mbuf_(refcnt_\w+|ext_refcnt_\w+|raw_\w+|from_indirect)
  | rte_mempool_(get|put|get_bulk|put_bulk|generic_get|generic_put)
)\s*\(""", re.X)
SOURCE = (".c", ".h", ".py", ".sh", ".pml", ".build", ".gp", ".cc")
TEXT = (*SOURCE, ".md", ".txt", ".8", ".9", ".3", ".in", ".json", ".yml", "")


def git(*words):
    return subprocess.run(["git", "-c", "safe.directory=*", *words], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout


def tracked():
    """The files of the project; without a repository, all that are not built."""
    try:
        names = git("ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                 if not {"build", ".git"} & set(path.relative_to(ROOT).parts)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def below(*folders, ends=(".c", ".h")):
    return [path for path in tracked() if path.suffix in ends
            and path.relative_to(ROOT).parts[0] in folders]


def code(path):
    """The text of a C file without comments and strings, its lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, path.read_text(), flags=re.S)


def where(path, text, match):
    return f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"


def found(paths, pattern, read=code):
    """Every place where `pattern` matches."""
    places = []
    for path in paths:
        text = read(path)
        places += [f"{where(path, text, match)}: {match.group(0).strip()}"
                   for match in re.finditer(pattern, text)]
    return places


def test_app_leaves_raw_buffers_to_the_library():
    places = found(below("app"), RAW)
    # mbench measures against DPDK's own calls, in the one file that says so.
    allowed = "app/mbench/"
    assert not [place for place in places if not place.startswith(allowed)]


def test_raw_calls_are_seen():
    """The pattern above finds what it must find."""
    for call in ("rte_pktmbuf_free(m)", "rte_mbuf_refcnt_update(m, 1)", "rte_pktmbuf_clone (m, p)"):
        assert RAW.search(call)
    assert not RAW.search("rte_pktmbuf_mtod(m, char *)")


def test_lib_never_includes_from_app():
    assert not found(below("lib"), r'#\s*include\s*["<][^">]*\b(app|mfwd|mbench)/[^">]*[">]',
                     read=Path.read_text)
    names = {path.name for path in below("app", ends=(".h",))}
    own = {path.name for path in below("lib", ends=(".h",))}
    for path in below("lib"):
        used = set(re.findall(r'#\s*include\s*"(?:[^"]*/)?([^"/]+)"', path.read_text()))
        assert not used & (names - own), path


def test_no_extern_variables():
    """State hangs from one struct; an extern is a function's or the library's own."""
    pattern = r'(?m)^[ \t]*extern\s+(?!M_API\b)[^;(){}]*;'
    assert not found(below("app", "lib"), pattern, read=code) or \
        all("lib/mbuf/" in place and re.search(r"\bm_\w+;", place)
            for place in found(below("app", "lib"), pattern, read=code))


def test_every_source_names_its_licence():
    missing = []
    for path in tracked():
        try:
            head = path.read_text()[:400]
        except UnicodeDecodeError:
            continue
        script = path.suffix == "" and head.startswith("#!")
        if path.suffix in SOURCE or script or path.name == "Makefile":
            if "SPDX-License-Identifier: BSD-3-Clause" not in head or \
                    "Copyright (c) 2026, the mfwd authors" not in head:
                missing.append(str(path.relative_to(ROOT)))
    assert not missing


def machine_names():
    """What would tie a file to one machine: its mirrors, its name, where it keeps the sources."""
    names = set()
    for path in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        try:
            text = path.read_text()
        except (OSError, UnicodeDecodeError):
            continue
        for host in re.findall(r"(?m)^(?:deb|URIs:)[^#\n]*?https?://([\w.-]+)", text):
            names.add(host)
    host = socket.gethostname()
    if len(host) > 5 and host != "localhost":
        names.add(host)
    names.add("/wo" + "rk/")
    names.add("../sha" + "red")
    return sorted(names)


def test_no_file_names_one_machine():
    names = machine_names()
    places = []
    for path in tracked():
        if path.suffix not in TEXT:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        places += [f"{path.relative_to(ROOT)}: {name}" for name in names if name in text]
    assert not places


def declared():
    """The names that the public headers export, and those that are inline."""
    names = set()
    for path in HEADERS.rglob("*.h"):
        text = re.sub(r"(?m)^[ \t]*#.*(\\\n.*)*", "", code(path))
        for match in re.finditer(r"\bM_API\b([^;{]*);", text):
            words = re.sub(r"__attribute__\s*\(\(.*?\)\)|\b__\w+\b(\s*\([^)]*\))?", " ",
                           match.group(1))
            function = re.search(r"\b(\w+)\s*\(", words)
            names.add(function.group(1) if function else re.findall(r"\w+", words)[-1])
    return names


def test_shared_library_exports_the_public_names_only():
    library = ROOT / "build/release/lib/mbuf/libbsdmbuf.so"
    if not library.exists():
        pytest.fail("no shared library: build it first")
    text = subprocess.run(["nm", "-D", "--defined-only", str(library)], check=True,
                          capture_output=True, text=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in text.splitlines()}
    exported -= {"_init", "_fini", "__bss_start", "_edata", "_end"}
    public = declared()
    assert public, "no M_API in the headers"
    assert sorted(exported - public) == []


@pytest.mark.parametrize("language", ["c", "c++"])
def test_headers_compile_alone(language):
    compiler = "gcc" if language == "c" else "g++"
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    flags = subprocess.run(["pkg-config", "--cflags", "libdpdk"], check=True,
                           capture_output=True, text=True).stdout.split()
    flags = ["-isystem" + flag[2:] if flag.startswith("-I") else flag for flag in flags]
    standard = "gnu11" if language == "c" else "gnu++17"

    def errors(header):
        name = header.relative_to(HEADERS)
        done = subprocess.run(
            [compiler, "-x", language, f"-std={standard}", "-Wall", "-Wextra", "-Werror",
             "-fsyntax-only", f"-I{HEADERS}", *flags, "-"],
            input=f"#include <{name}>\n#include <{name}>\n", capture_output=True, text=True,
            check=False)
        return "" if done.returncode == 0 else f"{name} as {language}:\n{done.stderr}"

    with ThreadPoolExecutor(2) as pool:
        assert "".join(pool.map(errors, sorted(HEADERS.rglob("*.h")))) == ""


def links(path):
    """The relative targets of a Markdown file's links."""
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield (path.parent / target.split("#")[0]).resolve()


def documents():
    return [path for path in tracked() if path.suffix == ".md"]


def test_links_lead_somewhere():
    dead = [f"{path.relative_to(ROOT)}: {target}" for path in documents()
            for target in links(path) if not target.exists()]
    assert not dead


def test_every_document_is_linked():
    """From README.md or docs/README.md, directly or through one that is."""
    start = [path for path in (ROOT / "README.md", ROOT / "docs/README.md") if path.exists()]
    seen, todo = set(), list(start)
    while todo:
        path = todo.pop()
        if path in seen or path.suffix != ".md" or not path.exists():
            continue
        seen.add(path)
        todo += links(path)
    lost = [str(path.relative_to(ROOT)) for path in documents()
            if path.relative_to(ROOT).parts[0] == "docs" and path not in seen]
    assert not lost


def test_every_unit_test_is_built():
    names = {path.stem[len("test_"):] for path in (ROOT / "tests/unit").glob("test_*.c")}
    listed = set(re.findall(r"'(\w+)'", (ROOT / "tests/unit/meson.build").read_text()))
    assert names <= listed, sorted(names - listed)


def test_every_source_of_the_library_is_built():
    text = (ROOT / "lib/mbuf/meson.build").read_text()
    for path in (ROOT / "lib/mbuf").glob("*.c"):
        assert re.search(rf"'{path.stem}(\.c)?'", text), path.name


def test_scripts_can_be_run():
    lame = [str(path.relative_to(ROOT)) for path in tracked()
            if path.read_bytes()[:2] == b"#!" and not os.access(path, os.X_OK)]
    assert not lame
