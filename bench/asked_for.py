#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sampling what is asked for: whether each attempt matches, how fast, and whether oddities that a model has learned by heart are found.

    bench/asked_for.py CORPUS [--program PROGRAM] [--times N]

- Product codes are made up (seeded), and a model of them is asked for five that match HOM-99\\d\\d-GRN-XL in ten attempts.
- A model of CORPUS, such as names, draws 20,000 documents of any kind and of some patterns, in turns, N times [3], on one thread; each line
  that is drawn is checked. Printed is the least share of plain sampling's speed.
- A log of 6,000 lines is made up, with one line of a panic in it. A model is trained on all of them, and ranks them by each score; then
  `--folds 5` ranks them. Printed is the place of the panic.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATTERNS = [["--match", "[a-m]{4,7}"], ["--match", "(ma|jo|k).*(a|n)"], ["--contains", "ann"], ["--match", ".*[aeiou]{3}.*"]]
PANIC = "panic: runtime error: index out of range [5] with length 3"


def product_codes(draw):
    return ["{}-{:02}{:02}-{}-{}".format(draw.choice(["HOM", "KIT", "GAR", "OFF", "TOY"]), draw.randrange(100), draw.randrange(100),
                                         draw.choice(["RED", "GRN", "BLU", "BLK", "WHT"]), draw.choice(["XS", "S", "M", "L", "XL"]))
            for _ in range(4000)]  # fmt: skip


def log(draw):
    lines = []
    for i in range(6000):
        begin = "2024-05-{:02}T{:02}:{:02}:{:02}".format(1 + i // 250, i % 250 * 24 // 250, draw.randrange(60), draw.randrange(60))
        kind = draw.random()
        if kind < 0.7:
            path = draw.choice(["/", "/login", f"/api/v1/users/{draw.randrange(10000)}", f"/api/v1/items/{draw.randrange(10000)}",
                                "/static/app.js", f"/search?q={draw.choice('red blue green lamp chair table phone'.split())}"])  # fmt: skip
            lines.append(f"{begin} INFO http GET {path} {draw.choice([200] * 8 + [304, 404])} {draw.randrange(1, 400)}ms")
        elif kind < 0.85:
            lines.append(f"{begin} DEBUG cache {draw.choice(['hit', 'miss'])} key=user:{draw.randrange(1000)}")
        elif kind < 0.95:
            lines.append(f"{begin} INFO db query took {draw.randrange(1, 90)}ms rows={draw.randrange(500)}")
        else:
            lines.append(f"{begin} WARN http slow request id={draw.randrange(16**6):06x}")
    lines[4321] = PANIC
    return lines


def output_of(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stderr)
    return result.stdout


def train(program, corpus, folder):
    output_of(program, "train", corpus, "-o", folder, "--num-samples", "0", "--quiet")


def check(flags, lines):
    kind, wanted = flags
    is_right = re.compile(wanted).fullmatch if kind == "--match" else lambda line: wanted in line
    if not lines or not all(map(is_right, lines)):
        sys.exit(f"{flags}: what is drawn does not match")


def speeds(program, model, times):
    seconds = {}
    for _ in range(times):
        for flags in [[], *PATTERNS]:
            begin = time.monotonic()
            lines = output_of(program, "sample", model, "-n", "20000", "--threads", "1", *flags).splitlines()
            seconds.setdefault(tuple(flags), []).append(time.monotonic() - begin)
            if flags:
                check(flags, lines)
    for flags in PATTERNS:
        shares = [plain / own for plain, own in zip(seconds[()], seconds[tuple(flags)])]
        print(f"{' '.join(flags):32} at least {min(shares):.2f} of the speed of plain sampling")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    program, draw = arguments.program, random.Random(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "codes.txt").write_text("".join(line + "\n" for line in product_codes(draw)))
        train(program, folder / "codes.txt", folder / "codes")
        codes = output_of(program, "sample", folder / "codes", "-n", "5", "--match", r"HOM-99\d\d-GRN-XL", "--budget", "10").split()
        check(["--match", r"HOM-99\d\d-GRN-XL"], codes)
        print(f"product codes: {len(codes)} of 5 in ten attempts: {' '.join(codes)}")
        train(program, arguments.corpus, folder / "model")
        speeds(program, folder / "model", arguments.times)
        (folder / "log.txt").write_text("".join(line + "\n" for line in log(draw)))
        train(program, folder / "log.txt", folder / "log")
        for flags in (["--per", "document"], ["--per", "character"], ["--per", "peak"], ["--per", "p_value"], ["--folds", "5"]):
            ranked = output_of(program, "score", folder / "log", folder / "log.txt", "--top", "6000", *flags).splitlines()[1:]
            place = next(i for i, line in enumerate(ranked, 1) if line.startswith(PANIC))
            print(f"the panic by {' '.join(flags):18} is number {place} of {len(ranked)}", flush=True)


main()
