# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""What `make install` puts in place: a small program builds against it and runs."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import program

ROOT = Path(__file__).resolve().parents[2]
SMALL = r"""
#include <stdio.h>
#include <string.h>
#include <rte_eal.h>
#include <bsdmbuf/mbuf.h>

int
main(int argc, char **argv)
{
	struct mbuf *m, *copy;
	int same;

	if (rte_eal_init(argc, argv) < 0 || m_init(NULL) != 0)
		return 1;
	m = m_clget(NULL, M_DONTWAIT, MCLBYTES);
	if (m == NULL)
		return 2;
	m->m_len = 4;
	m->m_pkthdr.len = 4;
	memcpy(mtod(m, char *), "mbuf", 4);
	copy = m_copym(m, 0, 4, M_DONTWAIT);
	if (copy == NULL)
		return 3;
	same = mtod(copy, char *) == mtod(m, char *) && m_refs(m) == 2;
	m_freem(m);
	printf("%.4s %s\n", mtod(copy, char *), same ? "shared" : "copied");
	m_freem(copy);
	return m_fini() == 0 ? 0 : 4;
}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder that the release build was installed into."""
    folder = tmp_path_factory.mktemp("root")
    tree = program.binary().parents[2]
    env = dict(os.environ, DESTDIR=str(folder))
    done = subprocess.run(["meson", "install", "-C", str(tree), "--no-rebuild"], env=env,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def one(folder, name):
    paths = list(folder.rglob(name))
    assert len(paths) == 1, f"{name}: {paths}"
    return paths[0]


def test_what_is_installed(installed):
    for name in ("mfwd", "bsdmbuf.pc", "libbsdmbuf.a", "libbsdmbuf.so", "mbuf.h", "mfwd.8"):
        one(installed, name)
    headers = {path.name for path in (ROOT / "lib/mbuf/include/bsdmbuf").glob("*.h")}
    assert {path.name for path in one(installed, "mbuf.h").parent.iterdir()} == headers


@pytest.mark.parametrize("how", ("shared", "static"))
def test_a_program_builds_against_it(installed, tmp_path, how):
    """pkg-config finds the library; static means our archive, DPDK stays as it is."""
    for tool in ("pkg-config", "gcc"):
        assert shutil.which(tool)
    pc = one(installed, "bsdmbuf.pc")
    env = dict(os.environ, PKG_CONFIG_PATH=str(pc.parent))

    prefix = "/"

    def config(*words):
        """What pkg-config says, with our places as they are below DESTDIR."""
        text = subprocess.run(["pkg-config", *words, "bsdmbuf"], env=env, check=True,
                              capture_output=True, text=True).stdout
        return [word[:2] + str(installed) + word[2:]
                if word[:2] in ("-I", "-L") and word[2:].startswith(prefix) else word
                for word in text.split()]

    prefix = config("--variable=prefix")[0]
    archive = one(installed, "libbsdmbuf.a")
    libs = config("--libs")
    if how == "static":
        libs = [str(archive) if word == "-lbsdmbuf" else word for word in libs]
    source, binary = tmp_path / "small.c", tmp_path / "small"
    source.write_text(SMALL)
    done = subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-o", str(binary), str(source),
                           *config("--cflags"), *libs], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    needs = subprocess.run(["objdump", "-p", str(binary)], check=True, capture_output=True,
                           text=True).stdout
    assert ("libbsdmbuf.so" in needs) == (how == "shared")
    done = subprocess.run([str(binary), *program.eal(workers=0, memory=128)],
                          env=dict(os.environ, LD_LIBRARY_PATH=str(archive.parent)),
                          capture_output=True, text=True, timeout=program.DEADLINE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mbuf shared" in done.stdout
