#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What ranks of MPI gain on a network: a model of a step of `train`, fitted and tried here, and what it says of 16 to 1,024 ranks.

    bench/scaling.py [PROGRAM] [--repeats N] [--json FILE] [--from FILE]

It measures steps on 1, 2 and 4 ranks, each in a network namespace of its own, with bandwidth and delay between them; fits the
constants of the model (docs/scaling.md) to some of these settings, and predicts the others, which have other sizes, bandwidths,
delays and numbers of ranks. It fails if a prediction is off by more than 15%. That takes root, iproute2 and Open MPI, and some
minutes on a quiet machine. --json writes what was measured, and --from reads it in place of measuring.
"""
import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from scaling_model import Constants, Job, Setting, cost, fit
from scaling_network import CORES, ENVIRONMENT, Loopback, Network, NoNetwork
from scaling_report import print_constants, print_extrapolation, print_predictions

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_ERROR = 0.15
START = Constants(operation=6e-12, parameter=1e-9, byte=2e-10, message=5e-5, goodput=0.95)
SECONDS = 4.0  # of a run, about
SEGMENTS = 12
QUIET = 0.1  # cores that others may take

NARROW, WIDE = Job(layers=4, width=128, documents=32), Job(layers=4, width=192, documents=64)
LONG, MIDDLE, LARGE, FAT = Job(2, 128, 64), Job(3, 160, 48), Job(6, 384, 64), Job(6, 384, 4)
MEGABIT, MILLISECOND = 1e6, 1e-3

# Job, ranks, bandwidth, delay.
FITTED = [
    (NARROW, 1, None, 0), (LONG, 1, None, 0), (WIDE, 1, None, 0), (FAT, 1, None, 0),
    (NARROW, 2, None, 0), (FAT, 2, None, 0), (NARROW, 2, 200 * MEGABIT, 0), (LONG, 2, None, 2 * MILLISECOND),
    (NARROW, 4, None, 0), (FAT, 4, None, 0), (NARROW, 4, 400 * MEGABIT, 0), (LONG, 4, None, 5 * MILLISECOND),
]  # fmt: skip
PREDICTED = [
    (MIDDLE, 1, None, 0), (LARGE, 1, None, 0), (MIDDLE, 2, None, 0), (WIDE, 2, None, 0), (MIDDLE, 4, None, 0), (WIDE, 4, None, 0),
    (LONG, 3, None, 0), (MIDDLE, 2, 500 * MEGABIT, 0), (WIDE, 2, 100 * MEGABIT, 0), (LARGE, 2, 1000 * MEGABIT, 0),
    (LARGE, 4, 1000 * MEGABIT, 0), (WIDE, 4, 250 * MEGABIT, 0), (LONG, 2, 100 * MEGABIT, 4 * MILLISECOND),
    (MIDDLE, 2, None, 8 * MILLISECOND), (LONG, 4, 150 * MEGABIT, 2 * MILLISECOND), (NARROW, 4, None, 10 * MILLISECOND),
    (LONG, 8, 200 * MEGABIT, 0),
]  # fmt: skip


def setting_of(job, ranks, rate, delay):
    return Setting(job, ranks, rate, delay, ranks_per_core=-(-ranks // len(CORES)))


def write_corpus(path, block):
    """Lines of equal length, each a document as long as the context."""
    draw = random.Random(1)
    path.write_text("".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=block - 1)) + "\n" for _ in range(160)))


def seconds_of_step(program, setting, network, folder):
    """The least of some short segments of one run, by its own clock, which stands still for anything but steps."""
    job = setting.job
    write_corpus(folder / "corpus", job.block)
    every = round(min(max(SECONDS / SEGMENTS / cost(setting, START).total, 1), 40))
    segments = SEGMENTS if every > 1 else SEGMENTS // 2
    flags = {
        "--n-layer": job.layers, "--n-embd": job.width, "--n-head": 4, "--block-size": job.block, "--batch-size": job.documents,
        "--optimizer": "adam", "--clip": "none", "--ngram-share": 0, "--held-out": 0.02, "--eval-every": 0, "--save-every": 0,
        "--num-samples": 0, "--threads": 1, "--log-every": every, "--num-steps": segments * every, "--output": folder / "model",
    }  # fmt: skip
    words = [program, "train", folder / "corpus", "--no-prefix-sharing", "--quiet"]
    for flag, value in flags.items():
        words += [flag, value]
    command = network.mpirun(*words) if setting.ranks > 1 else list(map(str, ["taskset", "-c", CORES[0], *words]))
    environment = {**os.environ, **ENVIRONMENT}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, start_new_session=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{run.stderr}")
    log = [json.loads(line)["seconds"] for line in (folder / "model" / "log.jsonl").read_text().splitlines()]
    return min((end - begin) / every for begin, end in zip(log[1:], log[2:]))


def other_work(seconds=0.3):
    """How many cores other programs take, while this one waits."""

    def busy():
        return sum(map(int, pathlib.Path("/proc/stat").read_text().split()[1:4])) / os.sysconf("SC_CLK_TCK")

    begin, busy_before = time.monotonic(), busy()
    time.sleep(seconds)
    return (busy() - busy_before) / (time.monotonic() - begin)


def wait_for_quiet(seconds=120.0):
    """A step of ranks is as fast as the slowest of them, so work of others would count for much more than it takes."""
    end = time.monotonic() + seconds
    while other_work() > QUIET and time.monotonic() < end:
        pass


def measure_once(program, setting, network):
    wait_for_quiet()
    with tempfile.TemporaryDirectory() as folder, network as made:
        seconds = seconds_of_step(program, setting, made, pathlib.Path(folder))
    return seconds, other_work() <= QUIET


def measure(program, setting, repeats, has_networks=True):
    """The least seconds of a step of so many runs; a run that was disturbed is one more, up to thrice as many."""
    runs = []
    while sum(is_quiet for _, is_quiet in runs) < repeats and len(runs) < 3 * repeats:
        if has_networks and setting.ranks > 1:
            network = Network(setting.ranks, setting.rate, setting.delay)
        else:
            network = Loopback(setting.ranks)
        runs.append(measure_once(program, setting, network))
    return min(seconds for seconds, _ in runs)


def measure_all(program, repeats):
    settings = [setting_of(*row) for row in FITTED + PREDICTED]
    has_networks = True
    try:
        with Network(2, MEGABIT, MILLISECOND):
            pass
    except NoNetwork as why:
        print(f"no bandwidths and delays, only ranks on this machine: {why}\n")
        has_networks = False
        settings = [setting for setting in settings if setting.rate is None and setting.delay == 0]
    measured = {}
    for setting in settings:
        measured[setting] = measure(program, setting, repeats, has_networks)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return measured


def as_json(measured):
    rows = ({**vars(s.job), "ranks": s.ranks, "rate": s.rate, "delay": s.delay, "seconds": t} for s, t in measured.items())
    return "".join(json.dumps(row) + "\n" for row in rows)


def from_json(text):
    measured = {}
    for row in map(json.loads, text.splitlines()):
        network = [row.pop(name) for name in ("ranks", "rate", "delay")]
        seconds = row.pop("seconds")
        measured[setting_of(Job(**row), *network)] = seconds
    return measured


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=ROOT / "build" / "release" / "microgpt", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=2, metavar="N", help="runs of each setting, of which the fastest counts [2]")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--from", type=pathlib.Path, metavar="FILE", dest="source")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the namespaces end, too
    if arguments.source:
        measured = from_json(arguments.source.read_text())
    else:
        measured = measure_all(arguments.program.resolve(), arguments.repeats)
    if arguments.json:
        arguments.json.write_text(as_json(measured))

    fitted = [setting for setting in (setting_of(*row) for row in FITTED) if setting in measured]
    constants = fit([(setting, measured[setting]) for setting in fitted], START)
    print_constants(constants)
    worst = print_predictions(measured, fitted, constants)
    print_extrapolation(constants)
    if worst > MOST_ERROR:
        sys.exit(f"a prediction is off by {worst:.0%}; at most {MOST_ERROR:.0%} is allowed")


if __name__ == "__main__":
    main()
