#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a step of `microgpt reference` takes on each of its engines, and a step of CPython doing the same, in turns.

    bench/reference.py [PROGRAM] [--python INTERPRETER] [--microgpt-py FILE]

First all must compute the same bits: CPython over its few steps, the engines over 40,000. A step's time is that of a run with steps less that of a run without, divided by their
number, so that reading, shuffling and starting do not count; of several runs in turns the least counts, as all that disturbs a
run makes it longer. The whole run is timed, too: start, 1000 steps, 20 names. MICROGPT_TARGET is respected. CPython runs tests/oracle/oracle.py, or with --microgpt-py a microgpt.py that you have; of that one a copy
that takes few steps.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

from peers import microgpt_py

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUR_STEPS = 1000
LONG_RUN = 40000
PYTHON_STEPS = 20
ROUNDS = 5
SHORT_RUNS = 10  # of the fast engine in a round


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure_seconds_per_step(command_for, steps):
    return (seconds(command_for(steps)) - seconds(command_for(0))) / steps


def losses_of(command, folder):
    trace = folder / "trace"
    subprocess.run([*command, "--trace", trace], check=True, stdout=subprocess.DEVNULL)
    return trace.read_text()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--microgpt-py", type=pathlib.Path)
    options = parser.parse_args()
    if not pathlib.Path(options.program).is_file():
        sys.exit(f"there is no {options.program}: build it first, with ./run --version")

    def ours(engine, steps):
        return [options.program, "reference", "--engine", engine, "--num-steps", str(steps), "--num-samples", "0"]

    def oracle(steps):
        script, names = ROOT / "tests" / "oracle" / "oracle.py", ROOT / "data" / "names.txt"
        return [options.python, script, "--corpus", names, "--num-steps", str(steps), "--num-samples", "0"]

    def cpython_seconds(folder):
        if options.microgpt_py:
            return microgpt_py.measure(options.python, options.microgpt_py, folder, PYTHON_STEPS)["seconds_a_step"]
        return measure_seconds_per_step(oracle, PYTHON_STEPS)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        print(f"comparing the engines over {LONG_RUN} steps", file=sys.stderr)
        same = losses_of(ours("exact", LONG_RUN), folder) == losses_of(ours("graph", LONG_RUN), folder)
        if not same or losses_of(ours("exact", PYTHON_STEPS), folder) != losses_of(oracle(PYTHON_STEPS), folder):
            sys.exit("the losses differ: there is nothing to time")
        best = {}
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
            taken = {
                "exact": min(measure_seconds_per_step(lambda steps: ours("exact", steps), OUR_STEPS) for _ in range(SHORT_RUNS)),
                "graph": measure_seconds_per_step(lambda steps: ours("graph", steps), OUR_STEPS),
                "cpython": cpython_seconds(folder),
                "whole": min(seconds([options.program, "reference"]) for _ in range(SHORT_RUNS)),
            }
            best = {what: min(time, best.get(what, time)) for what, time in taken.items()}
    print(f"the same losses, bit for bit: the engines over {LONG_RUN} steps, CPython over {PYTHON_STEPS}")
    name = f"CPython, {options.microgpt_py or 'the oracle'}"
    for what, key in ("engine exact", "exact"), ("engine graph", "graph"), (name, "cpython"):
        print(f"{what:<24}{1e6 * best[key]:10.0f} µs a step {best[key] / best['exact']:10.0f} times that of exact")
    print(f"microgpt reference, 1000 steps and 20 names: {1e3 * best['whole']:.0f} ms")


if __name__ == "__main__":
    main()
