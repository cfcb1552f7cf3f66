#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""are_caught.py ORIGINAL CONTROL MUTANTS...: runs all; exits 0 if the losses of every mutant differ from the original's, and
those of the control, in which nothing is changed, do not.

A mutant that crashes, or says less than the original, is not caught but broken: that is a failure, too.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys


def losses_of(program):
    return subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def main():
    original, control, *mutants = sys.argv[1:]
    programs = (original, control, *mutants)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        expected, *found = pool.map(losses_of, programs)
    failures = 0
    for program, actual in zip(programs[1:], found):
        if not expected or len(actual) != len(expected):
            sys.exit(f"{program}: {len(actual)} losses instead of {len(expected)}")
        difference = next((i for i, (a, e) in enumerate(zip(actual, expected)) if a != e), None)
        says = "no difference" if difference is None else f"differs from step {difference + 1} on"
        is_wrong = (difference is None) != (program == control)
        print(f"{pathlib.Path(program).name}: {says}{': NOT AS IT MUST BE' if is_wrong else ''}")
        failures += is_wrong
    return 1 if failures or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
