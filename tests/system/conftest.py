# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Fixtures of the system tests.

A test that needs what this machine lacks is skipped by name with the reason. With
MFWD_REQUIRE=all in the environment (as CI sets it) lacking something is a failure instead.
"""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import lab as labs  # noqa: E402
from harness import pcap, program  # noqa: E402


def lacking(reason):
    """Skip for `reason`, or fail where everything is required."""
    if os.environ.get("MFWD_REQUIRE") == "all":
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def need():
    return lacking


@pytest.fixture(scope="session")
def mfwd():
    """The path of the program under test."""
    path = program.binary()
    if not os.access(path, os.X_OK):
        pytest.fail(f"no program at {path}: build it first, or name it in MFWD")
    return path


@pytest.fixture(scope="session")
def trace():
    """The shipped trace: a list of frames."""
    return pcap.trace()


@pytest.fixture
def record(tmp_path):
    """Where a run writes its JSON record."""
    return tmp_path / "record.json"


@pytest.fixture
def lab():
    """Network namespaces that are gone after the test, whatever happened in it."""
    why = labs.missing()
    if why:
        lacking(why)
    with labs.Lab() as made:
        yield made
