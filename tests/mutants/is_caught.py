#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""is_caught.py [--same] ORIGINAL MUTANT: runs both; exits 0 if their losses differ (with --same: if they do not).

A mutant that crashes, or says less than the original, is not caught but broken: that is a failure, too.
"""
import subprocess
import sys


def losses_of(program):
    return subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def main():
    *options, original, mutant = sys.argv[1:]
    expected, actual = losses_of(original), losses_of(mutant)
    if not expected or len(actual) != len(expected):
        sys.exit(f"{len(actual)} losses instead of {len(expected)}")
    difference = next((i for i, (a, e) in enumerate(zip(actual, expected)) if a != e), None)
    print("no difference" if difference is None else f"differs from step {difference + 1} on")
    return 0 if (difference is None) == ("--same" in options) else 1


if __name__ == "__main__":
    sys.exit(main())
