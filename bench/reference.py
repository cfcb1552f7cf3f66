#!/usr/bin/env python3
"""How long a step of `microgpt reference` takes, and how long a step of CPython doing the same, in turns on one machine.

    bench/reference.py [PROGRAM] [--python INTERPRETER] [--microgpt-py FILE]

First both must compute the same bits. A step's time is that of a run with steps less that of a run without, divided by their
number, so that reading, shuffling and starting do not count; of several runs in turns the least counts, as all that disturbs a
run makes it longer. CPython runs tests/oracle/oracle.py, or with --microgpt-py a microgpt.py that you have; that one is stopped
after its first steps.
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
PYTHON_STEPS = 20
ROUNDS = 5


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def seconds_a_step(command_for, steps):
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

    def ours(steps):
        return [options.program, "reference", "--num-steps", str(steps), "--num-samples", "0"]

    def oracle(steps):
        script, names = ROOT / "tests" / "oracle" / "oracle.py", ROOT / "data" / "names.txt"
        return [options.python, script, "--corpus", names, "--num-steps", str(steps), "--num-samples", "0"]

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if losses_of(ours(PYTHON_STEPS), folder) != losses_of(oracle(PYTHON_STEPS), folder):
            sys.exit("the losses differ: there is nothing to time")
        ours_best, theirs_best = float("inf"), float("inf")
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
            ours_best = min(ours_best, seconds_a_step(ours, OUR_STEPS))
            if options.microgpt_py:
                theirs = microgpt_py.seconds_a_step(options.python, options.microgpt_py, folder, PYTHON_STEPS)
            else:
                theirs = seconds_a_step(oracle, PYTHON_STEPS)
            theirs_best = min(theirs_best, theirs)
    name = options.microgpt_py or "the oracle"
    print(f"the same losses, bit for bit, over {PYTHON_STEPS} steps")
    print(f"microgpt reference   {1e6 * ours_best:10.0f} µs a step")
    print(f"CPython, {name}  {1e6 * theirs_best:10.0f} µs a step")
    print(f"ratio                {theirs_best / ours_best:10.0f}")


if __name__ == "__main__":
    main()
