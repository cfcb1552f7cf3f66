# SPDX-License-Identifier: MIT
"""Machines that are network namespaces of this one, on a network of a given bandwidth and delay, and ranks of MPI in them.

Bandwidth is `tc`'s token bucket (tbf) on what each machine sends. `tc` makes delays by netem, which many kernels of virtual
machines lack, and then a small relay takes its place: it reads whole packets from the machines' tun devices and writes each to
its receiver when its delay has passed. Without a delay a bridge joins the machines, and nothing but the kernel is in between.
"""
import collections
import ctypes
import errno
import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import time

SUBNET = "10.214.88"
MTU = 9000
RELAYED = 65000  # bytes of a packet: the fewer packets, the less the relay takes of the cores that the ranks compute on
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
PR_SET_TIMERSLACK, PR_SET_PDEATHSIG = 29, 1
CORES = sorted(os.sched_getaffinity(0))
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_btl_base_warn_component_unused": "0",
}


NO_SHARED_MEMORY = ["--bind-to", "none", "--mca", "btl", "tcp,self"]


class NoNetwork(Exception):
    """Why no network can be made here."""


def call(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise NoNetwork(f"{' '.join(map(str, words))}: {result.stderr.strip()}")


def require_tools():
    if os.geteuid() != 0:
        raise NoNetwork("network namespaces take root")
    for tool, package in (("ip", "iproute2"), ("tc", "iproute2"), ("mpirun", "openmpi-bin"), ("unshare", "util-linux")):
        if not shutil.which(tool):
            raise NoNetwork(f"there is no {tool}; {package} has it")


def has_netem(machine, device):
    words = ["tc", "-n", machine, "qdisc", "add", "dev", device, "root", "netem", "delay", "1ms"]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        return False
    call("tc", "-n", machine, "qdisc", "del", "dev", device, "root")
    return True


class Network:
    """`machines` namespaces, each of which sends `rate` bits per second at most (None: as fast as it goes); what one sends
    arrives `delay` seconds later. A context manager: the namespaces and the relay end with it."""

    def __init__(self, machines, rate=None, delay=0.0):
        self.names = [f"scaling{os.getpid()}x{i}" for i in range(machines)]
        self.bridge = f"sc{os.getpid()}"
        self.rate, self.delay = rate, delay
        self.relay = None
        self.scratch = tempfile.mkdtemp()

    def __enter__(self):
        try:
            require_tools()
            for name in self.names:
                call("ip", "netns", "add", name)
            self._join()
            for i, name in enumerate(self.names):
                self._set_up(i, name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Also of a network that is made only in part, and whoever is impatient meanwhile."""
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        self._take_down()
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def _take_down(self):
        if self.relay is not None:
            os.kill(self.relay, signal.SIGKILL)
            os.waitpid(self.relay, 0)
        made = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False).stdout.split()
        for name in set(self.names) & set(made):
            pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, check=False).stdout.split()
            for pid in map(int, pids):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True, check=False)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _join(self):
        call("ip", "link", "add", self.bridge, "mtu", MTU, "type", "bridge")
        call("ip", "link", "set", self.bridge, "up")
        for i, name in enumerate(self.names):
            call("ip", "link", "add", f"{self.bridge}v{i}", "mtu", MTU, "type", "veth", "peer", "name", "net0", "mtu", MTU,
                 "netns", name)  # fmt: skip
            call("ip", "link", "set", f"{self.bridge}v{i}", "master", self.bridge, "up")
        if self.delay == 0.0 or has_netem(self.names[0], "net0"):
            return
        for name in self.names:
            call("ip", "-n", name, "link", "del", "net0")
        self._start_relay()

    def _set_up(self, i, name):
        call("ip", "-n", name, "addr", "add", f"{SUBNET}.{i + 1}/24", "dev", "net0")
        for device in ("net0", "lo"):
            call("ip", "-n", name, "link", "set", device, "up")
        for setting in ("tcp_congestion_control=reno", "tcp_slow_start_after_idle=0", "tcp_no_metrics_save=1"):
            call("ip", "netns", "exec", name, "sysctl", "-qw", f"net.ipv4.{setting}")
        parent = ["root"]
        if self.delay and self.relay is None:
            call("tc", "-n", name, "qdisc", "add", "dev", "net0", "root", "handle", "1:", "netem", "limit", 100000, "delay",
                 f"{self.delay * 1e6:.0f}us")  # fmt: skip
            parent = ["parent", "1:1"]
        if self.rate is not None:
            call("tc", "-n", name, "qdisc", "add", "dev", "net0", *parent, "tbf", "rate", f"{self.rate:.0f}bit", "burst", "64kb",
                 "limit", 1 << 26)  # fmt: skip

    def _start_relay(self):
        """A process of its own, which the kernel lets run whenever a packet is due, and which ends with this one."""
        self.relay, devices = None, []
        for i, name in enumerate(self.names):
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", f"{self.bridge}t{i}".encode(), IFF_TUN | IFF_NO_PI))
            devices.append(device)
            call("ip", "link", "set", f"{self.bridge}t{i}", "mtu", RELAYED, "txqueuelen", 10000, "netns", name)
            call("ip", "-n", name, "link", "set", f"{self.bridge}t{i}", "name", "net0")
        self.relay = os.fork()
        if self.relay == 0:
            try:
                relay_packets(devices, self.delay)
            finally:
                os._exit(1)
        for device in devices:
            os.close(device)

    def mpirun(self, *words):
        """The command that starts a rank in each machine; rank i keeps to core i modulo the number of cores."""
        agent = os.path.join(self.scratch, "agent")
        cores = " ".join(str(CORES[i % len(CORES)]) for i in range(len(self.names)))
        with open(agent, "w", encoding="utf-8") as file:
            file.write(
                f"#!/bin/sh\ni=$((${{1##*.}} - 1)); shift\nn=$i; for core in {cores}; do [ $n -eq 0 ] && break; n=$((n - 1)); done\n"
                f'exec ip netns exec {self.names[0][:-1]}$i unshare --uts taskset -c $core sh -c "hostname machine$i; $*"\n'
            )
        os.chmod(agent, 0o755)
        hosts = ",".join(f"{SUBNET}.{i + 1}:1" for i in range(len(self.names)))
        command = ["ip", "netns", "exec", self.names[0], "unshare", "--uts", "taskset", "-c", str(CORES[0]), "sh", "-c",
                   'hostname machine0; exec "$@"', "sh", "mpirun", "--host", hosts, "-n", str(len(self.names)), *NO_SHARED_MEMORY]  # fmt: skip
        for name, value in (("plm_rsh_agent", agent), ("btl_tcp_if_include", f"{SUBNET}.0/24"),
                            ("oob_tcp_if_include", f"{SUBNET}.0/24")):  # fmt: skip
            command += ["--mca", name, value]
        return command + [str(word) for word in words]


class Loopback:
    """What takes a Network's place without namespaces: all ranks on this machine, at no less than its own speed."""

    def __init__(self, machines):
        self.machines = machines

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def mpirun(self, *words):
        cores = " ".join(map(str, CORES))
        pinned = f'set -- $OMPI_COMM_WORLD_RANK {cores} -- "$@"; shift $(($1 % {len(CORES)} + 1)); core=$1; '
        pinned += 'while [ "$1" != -- ]; do shift; done; shift; exec taskset -c $core "$@"'
        interface = ["--mca", "btl_tcp_if_include", "lo"]
        return ["mpirun", "-n", str(self.machines), *NO_SHARED_MEMORY, *interface, "sh", "-c", pinned, "sh", *map(str, words)]


def relay_packets(devices, delay):
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(PR_SET_TIMERSLACK, 1000)
    for number in (signal.SIGINT, signal.SIGTERM):  # it ends when the network does
        signal.signal(number, signal.SIG_IGN)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    waiting = collections.deque()  # of when it is due, to whom, and the packet
    while True:
        until = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for device in select.select(devices, (), (), until)[0]:
            try:
                while True:
                    packet = os.read(device, RELAYED)
                    receiver = packet[19] - 1  # the last byte of the address of IPv4
                    if packet[0] >> 4 == 4 and receiver < len(devices):
                        waiting.append((time.monotonic() + delay, devices[receiver], packet))
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EIO):
                    raise
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, device, packet = waiting.popleft()
            try:
                os.write(device, packet)
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EIO, errno.EINVAL):
                    raise
