# SPDX-License-Identifier: MIT
"""What the tests under mpirun share: starting it, and what a run of `train` leaves."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

SKIPPED = 77
WITHIN = 30.0  # seconds in which what is ended must end
RESULTS = ("model.safetensors", "checkpoint.safetensors")
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # the same for Open MPI 5
    "OMPI_MCA_btl_base_warn_component_unused": "0",
}


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def require_mpirun(microgpt):
    if not shutil.which("mpirun"):
        skip("there is no mpirun; openmpi-bin has it")
    system = subprocess.run([microgpt, "info", "--system"], capture_output=True, text=True, check=True).stdout
    if "not built" in system:
        skip("the program is built without MPI")
    return system


def open_mpi():
    """The major version. From 5 on, mpirun ends the other ranks at once when one is killed or it is told to end, before
    they can say a word."""
    version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\(Open MPI\) (\d+)", version)[1])


def expect(condition, *explanation):
    if not condition:
        sys.exit(" ".join(str(part) for part in explanation))


def environment(more=None):
    return {**os.environ, **ENVIRONMENT, **(more or {})}


def mpirun_command(programs):
    """The mpirun of several programs, one a rank: each a list of words."""
    cases = (f"{rank}) exec {shlex.join(words)};;" for rank, words in enumerate(programs))
    return ["mpirun", "-n", str(len(programs)), "sh", "-c", f"case $OMPI_COMM_WORLD_RANK in {' '.join(cases)} esac"]


def run(command, more=None):
    return subprocess.run(command, env=environment(more), capture_output=True, text=True, check=False)


def start(command, more=None):
    return subprocess.Popen(command, env=environment(more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ranks_of(mpirun):
    """The processes that an mpirun of this machine has started, by rank."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int(folder.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent != mpirun.pid:
                continue
            variables = folder.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        for variable in variables:
            if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
                found[int(variable.split(b"=")[1])] = int(folder.name)
    return found


def ended(when, command, is_under_way, end, codes, more=None):
    """What an mpirun says that end(mpirun, processes by rank) puts an end to once it is under way. It ends with one of `codes`."""
    with start(command, more) as mpirun:
        while not is_under_way():
            expect(mpirun.poll() is None, when, "it has ended too early:", mpirun.returncode)
            time.sleep(0.01)
        begin = time.monotonic()
        end(mpirun, ranks_of(mpirun))
        _, err = mpirun.communicate(timeout=WITHIN)
    print(f"{when}: ended after {time.monotonic() - begin:.1f} s with {mpirun.returncode}", flush=True)
    expect(mpirun.returncode in codes, when, "exit code", mpirun.returncode, err)
    return err


def bytes_of(folder):
    return [folder.joinpath(name).read_bytes() for name in RESULTS]
