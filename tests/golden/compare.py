#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs `microgpt reference` and compares everything it computes with a golden folder. See README.md beside this file."""
import argparse
import math
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
TOLERANCE = 1e-9  # relative
FLOOR = 1e-3  # a number smaller than this counts as this: what is near 0 is a difference of larger ones


def parse_hex(text):
    return [float.fromhex(line) for line in text.split()]


def find_far_number(actual, expected):
    """What is wrong with the numbers, or None."""
    if not expected:
        return "nothing is expected: the comparison would say nothing"
    if len(actual) != len(expected):
        return f"{len(actual)} numbers instead of {len(expected)}"
    for i, (a, e) in enumerate(zip(actual, expected)):
        if not (math.isfinite(a) and abs(a - e) <= TOLERANCE * max(FLOOR, abs(e))):
            return f"number {i} is {a} instead of {e}"
    return None


def find_difference(name, actual, expected, exact):
    """What is wrong with one file, or None. Of the output, only the printed losses may differ where bits may."""
    if exact:
        return None if actual == expected and expected else "it differs"
    if name.endswith(".hex"):
        return find_far_number(parse_hex(actual), parse_hex(expected))
    without_steps = [[line for line in text.splitlines() if not line.startswith("step")] for text in (actual, expected)]
    return None if without_steps[0] == without_steps[1] and without_steps[1] else "header or samples differ"


def run_reference(program, revision, corpus, engine):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        command = [program, "reference", "--revision", revision, "--engine", engine, "--trace", folder / "losses", "--params", folder / "params"]
        if corpus:
            command += ["--corpus", corpus]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
        return {
            "stdout.txt": output,
            "losses.hex": (folder / "losses").read_text(),
            "params.hex": (folder / "params").read_text(),
        }


def describe_system(program):
    return subprocess.run([program, "info", "--system"], check=True, stdout=subprocess.PIPE, text=True).stdout


def has_libm_of_goldens(program):
    return "that of the goldens" in describe_system(program)


def available_targets(program):
    return describe_system(program).split("(available: ")[1].split(")")[0].split(", ")


def read_as_is(path):
    return path.read_bytes().decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("golden", type=pathlib.Path)
    parser.add_argument("--revision", required=True)
    parser.add_argument("--corpus-from", metavar="VARIABLE", help="skip unless this environment variable names the corpus")
    parser.add_argument("--engine", default="exact")
    parser.add_argument("--target", help="the instruction set to force; skip where this machine does not have it")
    parser.add_argument("--must-be-near", action="store_true", help="skip where the bits are to be compared")
    options = parser.parse_args()
    corpus = None
    if options.corpus_from:
        corpus = os.environ.get(options.corpus_from)
        if not corpus:
            print(f"skipped: set {options.corpus_from} to the path of microgpt.py's names.txt")
            return SKIPPED
    if options.target:
        if options.target not in available_targets(options.program):
            print(f"skipped: this machine has no {options.target}")
            return SKIPPED
        os.environ["MICROGPT_TARGET"] = options.target
    exact = has_libm_of_goldens(options.program)
    if exact and options.must_be_near:
        print("skipped: this C library has no other variant")
        return SKIPPED
    print(f"compared {'bit by bit' if exact else f'within {TOLERANCE}: this libm is not that of the goldens'}")
    failures = 0
    for name, actual in run_reference(options.program, options.revision, corpus, options.engine).items():
        difference = find_difference(name, actual, read_as_is(options.golden / name), exact)
        print(f"{options.golden.name}/{name}: {difference or 'agrees'}")
        failures += difference is not None
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
