#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How many training steps a second `train` takes, beside an older build.

    bench/steps.py NAMES [--program PROGRAM] [--before PROGRAM] [--rounds N]

One layer of 16 to 128 features learns the lines of NAMES, 16 a batch, and six layers of 384 features learn documents of 256
random letters, 12 a batch. They are trained by Adam, with one thread and with two. The programs take turns, round after round, and
the time of a step is that of the fastest short segment by the run's own clock, which stands still for all that is no step. Before,
the last models of all programs and threads are compared: their bits must be the same. `two` is how many times as fast two threads
are as one.
"""
import argparse
import json
import pathlib
import random
import sys
import tempfile
from subprocess import run

ROOT = pathlib.Path(__file__).resolve().parent.parent
ALWAYS = {"--optimizer": "adam", "--held-out": 0, "--ngram-share": 0, "--eval-every": 0, "--save-every": 0, "--num-samples": 0}
OF_NAMES = {"--n-layer": 1, "--n-head": 4, "--block-size": 16, "--batch-size": 16}
LARGE = {"--n-layer": 6, "--n-embd": 384, "--n-head": 6, "--block-size": 256, "--batch-size": 12}
SEGMENT = 0.04  # seconds of a segment, about
SEGMENTS = 20


def train(program, corpus, flags, threads, every, segments, folder):
    words = [program, "train", corpus, "--quiet", "--overwrite", "--output", folder, "--threads", threads]
    for flag, value in {**ALWAYS, **flags, "--log-every": every, "--num-steps": every * segments}.items():
        words += [flag, value]
    done = run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
    log = [json.loads(line)["seconds"] for line in (folder / "log.jsonl").read_text().splitlines()]
    return min((end - begin) / every for begin, end in zip(log, log[1:]))


def measure(name, corpus, flags, programs, rounds, folder):
    contestants = [(who, threads) for threads in (1, 2) for who in programs]
    models, seconds = set(), dict.fromkeys(contestants, float("inf"))
    for who, threads in contestants:  # whose speed tells how many steps a segment has
        seconds[who, threads] = train(programs[who], corpus, flags, threads, 2, 4, folder)
        models.add((folder / "model.safetensors").read_bytes())
    if len(models) > 1:
        sys.exit(f"{name}: the models are not the same")
    every = max(1, round(SEGMENT / min(seconds.values())))
    segments = SEGMENTS if every > 1 else SEGMENTS // 4
    for _ in range(rounds):
        for who, threads in contestants:
            now = train(programs[who], corpus, flags, threads, every, segments, folder)
            seconds[who, threads] = min(seconds[who, threads], now)
    for who, threads in contestants:
        step = seconds[who, threads]
        faster = seconds["before", threads] / step if "before" in programs and who != "before" else None
        print(f"{name:10} {threads:7} {who:8} {step * 1e6:12.1f} {1 / step:12.0f} "
              f"{'' if faster is None else f'{faster:.2f}':>8} {'' if threads == 1 else f'{seconds[who, 1] / step:.2f}':>8}",
              flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", type=pathlib.Path, metavar="NAMES")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--before", type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    arguments = parser.parse_args()
    programs = {"now": arguments.program.resolve()}
    if arguments.before:
        programs["before"] = arguments.before.resolve()
    print(f"{'model':10} {'threads':>7} {'program':8} {'µs a step':>12} {'steps/s':>12} {'faster':>8} {'two':>8}")
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder) / "model"
        for width in (16, 32, 64, 128):
            flags = {**OF_NAMES, "--n-embd": width}
            measure(f"1x{width}", arguments.names, flags, programs, arguments.rounds, where)
        letters = pathlib.Path(folder) / "letters"
        draw = random.Random(1)
        letters.write_text("".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=255)) + "\n" for _ in range(120)))
        measure("6x384", letters, LARGE, programs, arguments.rounds, where)


if __name__ == "__main__":
    main()
