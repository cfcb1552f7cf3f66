# SPDX-License-Identifier: MIT
"""A machine that vanishes while `train` runs on two: the run ends with an error within 30 seconds, and goes on to the same bits.

usage: cut_off_test.py MICROGPT

The other machine is a network namespace, reached by a pair of virtual interfaces of which one is taken down: nothing is closed,
and nothing answers any more. That takes root, and `ip` (iproute2).
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from mpi_train import bytes_of, environment, expect, require_mpirun, run, skip

MICROGPT = str(pathlib.Path(sys.argv[1]).resolve())
require_mpirun(MICROGPT)

WITHIN = 30.0  # seconds
SUBNET = "10.213.77.0/24"
HERE, THERE = "10.213.77.1", "10.213.77.2"
NAME = f"microgpt{os.getpid()}"
LINK = f"mg{os.getpid()}"
FLAGS = "--preset microgpt --batch-size 64 --eval-every 0 --save-every 50 --num-samples 0 --num-steps 3000".split()

# That mpirun itself gives up a machine takes minutes unless it is told otherwise.
MPIRUN_NOTICES = "oob_tcp_keepalive_time=5 oob_tcp_keepalive_intvl=3 oob_tcp_keepalive_probes=3".split()


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True)


class OtherMachine:
    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            skip("a network namespace takes root, and ip")
        if ip("netns", "add", NAME, check=False).returncode != 0:
            skip("no network namespace can be made here")
        ip("link", "add", f"{LINK}a", "type", "veth", "peer", "name", f"{LINK}b", "netns", NAME)
        ip("addr", "add", f"{HERE}/24", "dev", f"{LINK}a")
        ip("link", "set", f"{LINK}a", "up")
        for words in (["addr", "add", f"{THERE}/24", "dev", f"{LINK}b"], ["link", "set", f"{LINK}b", "up"], ["link", "set", "lo", "up"]):
            ip("-n", NAME, *words)
        return self

    def cut_off(self):
        ip("link", "set", f"{LINK}a", "down")

    def processes(self):
        return [int(pid) for pid in subprocess.run(["ip", "netns", "pids", NAME], check=True, capture_output=True).stdout.split()]

    def __exit__(self, *_):
        for pid in self.processes():  # mpirun cannot reach its own there
            os.kill(pid, signal.SIGKILL)
        ip("link", "del", f"{LINK}a", check=False)
        ip("netns", "del", NAME)


def on_two_machines(scratch, words):
    """What mpirun calls in place of ssh: HOST COMMAND..."""
    agent = scratch / "agent"
    agent.write_text(f'#!/bin/sh\nshift\nexec ip netns exec {NAME} unshare --uts sh -c "hostname {NAME}; $*"\n')
    agent.chmod(0o755)
    parameters = [f"plm_rsh_agent={agent}", "btl=tcp,self", f"btl_tcp_if_include={SUBNET}", f"oob_tcp_if_include={SUBNET}"]
    command = ["mpirun", "--host", f"{HERE}:1,{THERE}:1", "-n", "2"]
    for parameter in parameters + MPIRUN_NOTICES:
        command += ["--mca", *parameter.split("=", 1)]
    return command + [MICROGPT, "train", *words]


def main():
    with tempfile.TemporaryDirectory() as name, OtherMachine() as other:
        scratch = pathlib.Path(name)
        folder, whole = scratch / "run", scratch / "whole"
        errors = scratch / "errors"
        command = on_two_machines(scratch, ["-o", str(folder), *FLAGS])
        with errors.open("w") as stderr, subprocess.Popen(
            command, env=environment(), stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True
        ) as mpirun:
            log = folder / "checkpoint.safetensors"
            while not (log.exists() and b'"step":"0"' not in log.read_bytes()):
                expect(mpirun.poll() is None, "it has ended too early:", errors.read_text())
                time.sleep(0.01)
            other.cut_off()
            begin = time.monotonic()
            try:
                mpirun.wait(timeout=WITHIN)
            except subprocess.TimeoutExpired:
                mpirun.kill()
                sys.exit("it has not ended: " + errors.read_text())
        print(f"ended after {time.monotonic() - begin:.1f} s with {mpirun.returncode}")
        said = errors.read_text()
        expect(mpirun.returncode != 0, "it has ended as if all were well:", said)
        expect("microgpt: rank 1 has shown no sign of life" in said and f"go on with --resume {folder}" in said, said)
        result = run([MICROGPT, "train", "--resume", str(folder), "--num-samples", "0"])
        expect(result.returncode == 0 and "is finished" not in result.stderr, "it does not go on:", result.stderr)
        run([MICROGPT, "train", "-o", str(whole), *FLAGS])
        expect(bytes_of(folder) == bytes_of(whole), "it ends otherwise")


main()
