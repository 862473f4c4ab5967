# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Kernel hosts in network namespaces: veth pairs and TAPs, ping, iperf3, interface counters."""
import contextlib
import ctypes
import fcntl
import functools
import json
import os
import shutil
import socket
import struct
import subprocess
import threading

from .program import DEADLINE, Output, unique

TOOLS = ("ip", "ethtool", "ping", "iperf3", "sysctl")
PLAIN = ("tx", "off", "tso", "off", "gso", "off", "gro", "off")
SIOCGIFHWADDR = 0x8927


def sh(*command, check=True, timeout=DEADLINE):
    """Run a command; its stdout. A failure carries what it said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


@functools.lru_cache(maxsize=1)
def missing():
    """What this machine lacks for namespaces, in a few words, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool in TOOLS:
        if shutil.which(tool) is None:
            return f"no {tool} command"
    name = unique("mp")
    try:
        sh("ip", "netns", "add", name)
        sh("ip", "-n", name, "link", "add", "v0", "type", "veth", "peer", "name", "v1")
    except AssertionError as error:
        return "no network namespaces or veth: " + " ".join(str(error).split("\n")[1:]).strip()
    finally:
        sh("ip", "netns", "del", name, check=False)
    if not os.path.exists("/dev/net/tun"):
        return "no /dev/net/tun"
    return None


class Host:
    """A kernel host: a namespace with one interface."""

    def __init__(self, namespace, interface, address):
        self.ns, self.interface, self.address = namespace, interface, address

    def run(self, *command, **how):
        return sh("ip", "netns", "exec", self.ns, *command, **how)

    def set(self, *what):
        sh("ip", "-n", self.ns, "link", "set", self.interface, *what)

    def up(self):
        """No offloads, an address, and up."""
        self.run("ethtool", "-K", self.interface, *PLAIN, check=False)
        sh("ip", "-n", self.ns, "addr", "add", f"{self.address}/24", "dev", self.interface)
        self.set("up")

    def mac(self):
        with entered(self.ns), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
            request = struct.pack("256s", self.interface.encode())
            raw = fcntl.ioctl(any_, SIOCGIFHWADDR, request)[18:24]
        return ":".join(f"{byte:02x}" for byte in raw)

    def knows(self, other):
        """A fixed neighbour entry, so that no ARP is needed."""
        sh("ip", "-n", self.ns, "neigh", "replace", other.address, "lladdr", other.mac(), "dev",
           self.interface, "nud", "permanent")

    def ping(self, other, count=20, size=56):
        """Ping without pause between replies; (sent, received)."""
        text = self.run("ping", "-q", "-c", str(count), "-i", "0.01", "-W", "60", "-s", str(size),
                        other.address, check=False)
        words = text.split("packets transmitted, ")
        assert len(words) == 2, text
        return int(words[0].split()[-1]), int(words[1].split()[0])

    def meets(self, other):
        """Find each other by ARP, then keep the answer: no later ARP disturbs the counters."""
        self.first_ping(other)
        self.knows(other)
        other.knows(self)

    def first_ping(self, other):
        """One ping that may take its time."""
        self.run("ping", "-q", "-c", "1", "-w", "120", other.address)


class Lab:
    """Namespaces of one test. Leaving it deletes them and what they hold."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self.ns = self.namespace()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def namespace(self):
        """A new namespace without IPv6, so that only what a test sends is on its wires."""
        name = unique("mt")
        sh("ip", "netns", "add", name)
        self._stack.callback(sh, "ip", "netns", "del", name, check=False)
        sh("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
           "net.ipv6.conf.default.disable_ipv6=1", check=False)
        sh("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def veth(self, name, address, mtu=1500):
        """A host behind a veth pair, whose other end `name` lies in mfwd's namespace."""
        host = Host(self.namespace(), "eth0", address)
        sh("ip", "-n", self.ns, "link", "add", name, "type", "veth", "peer", "name",
           host.interface, "netns", host.ns)
        self.run("ethtool", "-K", name, *PLAIN, check=False)
        sh("ip", "-n", self.ns, "link", "set", name, "mtu", str(mtu), "up")
        host.set("mtu", str(mtu))
        host.up()
        return host

    def tap(self, name, address):
        """A host that takes over the TAP `name`, which mfwd made in its namespace."""
        host = Host(self.namespace(), name, address)
        sh("ip", "-n", self.ns, "link", "set", name, "netns", host.ns)
        host.up()
        return host

    def run(self, *command, **how):
        return sh("ip", "netns", "exec", self.ns, *command, **how)

    @property
    def prefix(self):
        """What puts a program into mfwd's namespace; it execs, so that signals reach mfwd."""
        return ["ip", "netns", "exec", self.ns]

    def process(self, host, *command):
        """A program on `host` that is gone when the test is; (process, its output)."""
        process = subprocess.Popen(["ip", "netns", "exec", host.ns, *command],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        output = Output(process.stdout)

        def end():
            if process.poll() is None:
                process.kill()
            process.wait()
            output.end()
            process.stdout.close()

        self._stack.callback(end)
        return process, output

    def iperf(self, client, server, seconds=5):
        """TCP for some seconds; bytes that the server received.

        The window bounds what is in flight to less than any ring on the way holds, so that no
        frame is lost between the kernel and mfwd and the counters must agree.
        """
        process, output = self.process(server, "iperf3", "-s", "-1", "--forceflush")
        assert output.wait("Server listening"), output.text()
        text = client.run("iperf3", "-c", server.address, "-t", str(seconds), "-w", "64K", "-J",
                          "--connect-timeout", "120000", timeout=2 * DEADLINE)
        process.wait(DEADLINE)
        return json.loads(text)["end"]["sum_received"]["bytes"]


def shown_counters(namespace, interface):
    """(rx packets, rx bytes, tx packets, tx bytes) as `ip -s link` shows them."""
    text = sh("ip", "-n", namespace, "-s", "-j", "link", "show", "dev", interface)
    stats = json.loads(text)[0]["stats64"]
    return tuple(stats[way][unit] for way in ("rx", "tx") for unit in ("packets", "bytes"))


def counters(namespace, interface):
    """The same counters, read without another process."""
    with entered(namespace), open("/proc/thread-self/net/dev", encoding="ascii") as table:
        for line in table:
            name, _, numbers = line.partition(":")
            if name.strip() == interface:
                field = [int(n) for n in numbers.split()]
                return field[1], field[0], field[9], field[8]
    raise LookupError(interface)


def still(read, rounds=10, pause=0.05):
    """Read until the value has stood still for `rounds` looks in a row; the value.

    The pause spaces the looks; a slow machine only looks longer.
    """
    last, same = read(), 0
    gate = threading.Event()
    while same < rounds:
        gate.wait(pause)
        now = read()
        same = same + 1 if now == last else 0
        last = now
    return last


def until(true, pause=0.01):
    """Look until it is true; who called has a deadline over the whole test."""
    gate = threading.Event()
    while not true():
        gate.wait(pause)


@contextlib.contextmanager
def packet_socket(namespace, interface):
    """A raw socket on `interface` of `namespace`: it sends and receives whole frames."""
    with entered(namespace):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        raw.bind((interface, 0))
    try:
        yield raw
    finally:
        raw.close()


@contextlib.contextmanager
def entered(namespace):
    """This thread, inside `namespace`."""
    libc = ctypes.CDLL(None, use_errno=True)
    clone_newnet = 0x40000000
    with open("/proc/thread-self/ns/net", "rb") as home, \
            open(f"/run/netns/{namespace}", "rb") as there:
        if libc.setns(there.fileno(), clone_newnet) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), clone_newnet)
