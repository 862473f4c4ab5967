# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Where mfwd runs: without root, without hugepages, without stdin, with little."""
import contextlib
import os
import shutil
import subprocess

import pytest

from harness import pcap, program

NULLS = ("net_null0", "net_null1")


@pytest.fixture
def nobody(need, tmp_path):
    """A prefix that makes a command run as nobody, and a folder that nobody may write to."""
    if os.geteuid() != 0:
        need("becoming nobody needs root")
    setpriv = shutil.which("setpriv") or need("no setpriv command")
    yield [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
           "--inh-caps=-all", "--bounding-set=-all", "env", "-i", "PATH=/usr/bin:/bin"]


@pytest.fixture
def place(tmp_path_factory):
    """A folder that everybody may enter, gone after the test."""
    path = program.Path(f"/tmp/{program.unique('mfwdtest')}")
    path.mkdir()
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


def test_as_nobody(mfwd, nobody, place, trace):
    """A copy of the program in a folder that nobody may enter: no capability, no home."""
    copy = shutil.copy(mfwd, place / "mfwd")
    source = pcap.write(place / "in.pcap", trace)
    none = pcap.write(place / "none.pcap", [])
    vdevs = [f"net_pcap0,rx_pcap={source},tx_pcap={place}/out0.pcap",
             f"net_pcap1,rx_pcap={none},tx_pcap={place}/out1.pcap"]
    record = place / "record.json"
    result = program.run([f"--packets={len(trace)}", "--idle=sleep", f"--json={record}"],
                         vdevs=vdevs, prefix=nobody, program=copy)
    program.clean(result, record)
    assert pcap.read(place / "out1.pcap") == trace
    assert (place / "out1.pcap").stat().st_uid == 65534


def test_bad_input_as_nobody(mfwd, nobody, place):
    """A device that needs rights: one line that names it, not a crash."""
    copy = shutil.copy(mfwd, place / "mfwd")
    result = program.run(["--packets=1"], vdevs=["net_af_packet0,iface=lo"], prefix=nobody,
                         program=copy)
    assert result.status == 1, str(result)
    assert len(result.err.splitlines()) == 1 and "net_af_packet0" in result.err, str(result)


def test_pcap_that_nobody_may_read(mfwd, nobody, place, trace):
    """A file without the right to read it is named."""
    copy = shutil.copy(mfwd, place / "mfwd")
    source = pcap.write(place / "secret.pcap", trace[:1])
    source.chmod(0)
    result = program.run(["--packets=1"], vdevs=[f"net_pcap0,rx_pcap={source}"], prefix=nobody,
                         program=copy)
    assert result.status == 1, str(result)
    assert len(result.err.splitlines()) == 1 and str(source) in result.err, str(result)


def test_plain_no_huge(mfwd, record):
    """--no-huge alone, as a newcomer types it: EAL's own default of memory is enough."""
    eal = ["--no-huge", "--no-pci", "--lcores", program.lcores(), "--file-prefix",
           program.unique("mfwdtest")]
    result = program.run(["--packets=1000", f"--json={record}"], eal_options=eal, vdevs=NULLS)
    program.clean(result, record)


def pages(name):
    with open("/proc/meminfo", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith(name))


@contextlib.contextmanager
def reserved(count):
    """Have `count` hugepages free where the machine lets us; yields how many there are."""
    setting, before = program.Path("/proc/sys/vm/nr_hugepages"), None
    if pages("HugePages_Free") < count:
        with contextlib.suppress(OSError):
            before = setting.read_text()
            setting.write_text(str(int(before) + count))
    try:
        yield pages("HugePages_Free")
    finally:
        if before is not None:
            with contextlib.suppress(OSError):
                setting.write_text(before)


def test_hugepages(mfwd, record):
    """On hugepages where there are any; where there are none, a line that says so."""
    eal = ["--in-memory", "-m", "64", "--no-pci", "--no-telemetry", "--lcores", program.lcores()]
    with reserved(64 * 1024 // pages("Hugepagesize")) as free:
        result = program.run(["--packets=10000", f"--json={record}", "--idle=sleep",
                              "--total-num-mbufs=4096"], eal_options=eal, vdevs=NULLS)
    if free * pages("Hugepagesize") >= 64 * 1024:
        assert program.clean(result, record)["total"]["rx_packets"] == 10000
    else:
        assert result.status == 1 and len(result.err.splitlines()) == 1, str(result)
        assert "-m 64" in result.err and "hugepages" in result.err, str(result)


@pytest.mark.parametrize("how", ("closed", "null", "pipe", "file"))
def test_stdin_does_not_end_a_run(mfwd, record, how, tmp_path):
    """A closed stdin, an empty one, a pipe whose writer left: the run ends by its count."""
    path = tmp_path / "empty"
    path.write_text("quit\n")
    prefix = ["sh", "-c", 'exec "$@" <&-', "sh"] if how == "closed" else []
    stdin = None
    if how == "pipe":
        stdin, writer = os.pipe()
        os.close(writer)
    elif how == "file":
        stdin = os.open(path, os.O_RDONLY)
    try:
        with program.Mfwd(["--idle=sleep", f"--json={record}"], stdin=stdin, vdevs=NULLS,
                          prefix=prefix) as run:
            run.forwarding()
            assert run.running()
            program.clean(run.stop(), record)
    finally:
        if stdin is not None:
            os.close(stdin)


def test_stdout_closed(mfwd, record):
    """Nobody reads the text: the record is still right."""
    prefix = ["sh", "-c", 'exec "$@" >&-', "sh"]
    result = program.run(["--packets=100", f"--json={record}"], vdevs=NULLS, prefix=prefix)
    program.clean(result, record)


def test_reader_that_leaves(mfwd, record):
    """A closed pipe behind stdout is an error in one line, not a death by SIGPIPE."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [str(mfwd), *program.eal(), *(f"--vdev={v}" for v in NULLS), "--",
               "--packets=100", f"--json={record}"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=writer,
                              stderr=subprocess.PIPE, timeout=program.DEADLINE, check=False)
    finally:
        os.close(writer)
    assert done.returncode == 1, done
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 2 and "standard output" in lines[1], lines
    program.clean(program.Result(0, "", ""), record)


@pytest.mark.parametrize("option, key", (("--duration=0.3", None), ("--packets=1", 1)))
def test_ends_by_itself(mfwd, record, option, key):
    got = program.clean(program.run([option, "--idle=sleep", f"--json={record}"], vdevs=NULLS),
                        record)
    assert key is None or got["total"]["rx_packets"] == key


def test_tx_first_fills_a_loop(mfwd, record):
    """--tx-first puts one burst a stream onto rings that give it back: it goes round for ever."""
    vdevs = ("net_ring0", "net_ring1")
    result = program.run(["--tx-first", "--packets=10000", f"--json={record}", "--idle=sleep",
                          "--port-topology=loop"], vdevs=vdevs)
    got = program.clean(result, record)
    assert got["total"]["rx_packets"] == 10000


def test_two_programs_side_by_side(mfwd, tmp_path):
    """Two runs on one machine with their own prefixes do not disturb each other."""
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    with program.Mfwd([f"--json={paths[0]}", "--idle=sleep"], vdevs=NULLS) as one, \
            program.Mfwd([f"--json={paths[1]}", "--idle=sleep"], vdevs=NULLS) as two:
        one.forwarding()
        two.forwarding()
        program.clean(one.stop(), paths[0])
        assert two.running()
        program.clean(two.stop(), paths[1])


def test_one_cpu(mfwd, record):
    """Every lcore on one CPU, under that affinity mask."""
    cpu = program.cpus()[0]
    prefix = ["taskset", "-c", str(cpu)]
    result = program.run(["--nb-cores=2", "--packets=20000", "--idle=sleep", f"--json={record}"],
                         eal_options=program.eal(cores=f"0@{cpu},1@{cpu},2@{cpu}"), vdevs=NULLS,
                         prefix=prefix)
    got = program.clean(result, record)
    assert got["total"]["rx_packets"] == 20000
    assert {lcore["cpu"] for lcore in got["lcores"]} == {cpu}
