#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast lines are scored and classified, and in how much memory, beside an older build, KenLM and fastText.

    bench/reading.py FOLDER [--program PROGRAM] [--before PROGRAM] [--lines N] [--classes FOLDER] [--kenlm FOLDER] [--rounds N]

Each FILE of FOLDER/*.txt is trained on without flags by PROGRAM, and its lines are scored by that model: by what predicts unless
told otherwise, by the n-gram alone, with one thread, and by the former with two. The same files of models are read by the older
build. Calls take turns, and what is shown is the least of the rounds: whole calls, loading and writing included. Before, what both
builds print is compared: it must be the same. Characters count, ends of lines do not. MB is the peak of the process's memory.

--lines N adds a list of so many lines, those of the first file with a number appended, for `train --num-steps 200`, `score` and
its n-gram. --classes FOLDER adds train-pair and classify on its train_*.txt and dev_*.txt, as bench/classifier.py has them: each
build trains a pair on the former, and classifies the lines of both by it. --kenlm is the folder of KenLM's lmplz, build_binary and query: a model of the order
of the n-gram here, in its probing hash table, reads the same lines, a character a word. fastText is `fasttext` where it is
installed: supervised, n-grams of 1 to 5 characters, `predict-prob` of the lines.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Call:
    """A command, the least seconds and the most megabytes of its runs, and what it printed."""

    def __init__(self, command, stdin=None):
        self.command, self.stdin = [str(word) for word in command], stdin
        self.seconds, self.megabytes, self.printed = float("inf"), 0.0, None

    def run(self, out):
        with open(out, "wb") as output, open(self.stdin or os.devnull, "rb") as given:
            start = time.perf_counter()
            process = subprocess.Popen(self.command, stdout=output, stderr=subprocess.PIPE, stdin=given)
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(self.command)}: {errors.decode(errors='replace').strip()}")
        self.seconds = min(self.seconds, time.perf_counter() - start)
        self.megabytes = max(self.megabytes, usage.ru_maxrss / 1024)
        self.printed = pathlib.Path(out).read_bytes()


def in_turns(calls, rounds, where):
    for _ in range(rounds):
        for call in calls.values():
            call.run(where / "out")
    return calls


def row(name, what, who, call, characters, lines, base=None):
    faster = "" if base is None or base is call else f"{base.seconds / call.seconds:8.2f}"
    print(f"{name:14} {what:16} {who:8} {call.seconds:8.3f} {characters / call.seconds / 1e6:8.3f} {lines / call.seconds / 1e3:8.1f} "
          f"{call.megabytes:6.0f} {faster}", flush=True)


def require_same(calls, names):
    printed = {calls[name].printed for name in names if name in calls}
    if len(printed) > 1:
        sys.exit(f"the builds print different things: {calls[names[0]].command}")


def spaced(text):
    """A character a word, for KenLM."""
    return "".join(" ".join("_" if c == " " else c for c in line) + "\n" for line in text.splitlines())


def kenlm_call(folder, text, order, where):
    (where / "words").write_text(spaced(text))
    subprocess.run([folder / "lmplz", "-o", str(min(order, 6)), "--discount_fallback", "--text", where / "words", "--arpa",
                    where / "arpa"], check=True, capture_output=True)  # fmt: skip
    subprocess.run([folder / "build_binary", "probing", where / "arpa", where / "binary"], check=True, capture_output=True)
    return Call([folder / "query", "-v", "sentence", where / "binary"], stdin=where / "words")


def score_list(file, programs, arguments, where):
    text = file.read_text()
    lines, characters = text.count("\n"), len(text) - text.count("\n")
    model = where / "model"
    shutil.rmtree(model, ignore_errors=True)
    train = in_turns({name: Call([program, "train", file, "-o", where / f"model_{name}", "--num-samples", "0", "--quiet",
                                  "--overwrite"]) for name, program in programs.items()}, 1, where)  # fmt: skip
    (where / "model_now").rename(model)
    for name, call in train.items():
        row(file.stem, "train", name, call, characters, lines, train.get("before"))
    order = int(re.search(r"(\d+)-gram", train["now"].printed.decode()).group(1))
    for what, flags in (("score", ["--threads", "1"]), ("score, 2 threads", ["--threads", "2"]),
                        ("score, n-gram", ["--threads", "1", "--predictor", "ngram"])):
        calls = {name: Call([program, "score", model, file, *flags]) for name, program in programs.items()}
        if what == "score" and arguments.kenlm:
            calls["KenLM"] = kenlm_call(arguments.kenlm, text, order, where)
        in_turns(calls, arguments.rounds, where)
        require_same(calls, ["now", "before"])
        for name, call in calls.items():
            row(file.stem, what, name, call, characters, lines, calls.get("before"))


def score_many(file, programs, arguments, where):
    """A list of many lines, of which few are alike."""
    own = file.read_text().splitlines()
    many = where / "many.txt"
    with many.open("w") as out:
        for i in range(arguments.lines):
            out.write(f"{own[i % len(own)]}{i // len(own)}\n")
    lines, characters = arguments.lines, many.stat().st_size - arguments.lines
    for what, command in (("train, 200 steps", ["train", many, "-o", where / "of_many", "--num-steps", "200", "--num-samples", "0",
                                                "--quiet", "--overwrite"]),
                          ("score", ["score", where / "of_many", many]),
                          ("score, n-gram", ["score", where / "of_many", many, "--predictor", "ngram"])):  # fmt: skip
        calls = in_turns({name: Call([program, *command]) for name, program in programs.items()}, 1, where)
        for name, call in calls.items():
            row(f"{lines} lines", what, name, call, characters, lines, calls.get("before"))


def classify(programs, arguments, where):
    folder = arguments.classes
    kinds = sorted((path.stem.removeprefix("train_") for path in folder.glob("train_*.txt")), reverse=True)
    train_files, dev_files = ([folder / f"{part}_{kind}.txt" for kind in kinds] for part in ("train", "dev"))
    text = "".join(path.read_text() for path in [*train_files, *dev_files])
    (where / "all.txt").write_text(text)
    lines, characters = text.count("\n"), len(text) - text.count("\n")
    name = " ".join(kinds)
    train = in_turns({who: Call([program, "train-pair", *train_files, "-o", where / f"pair_{who}", "--overwrite", "--quiet"])
                      for who, program in programs.items()}, 1, where)  # fmt: skip
    for who, call in train.items():
        row(name, "train-pair", who, call, characters, lines, train.get("before"))
    for threads in (1, 2):
        calls = {who: Call([program, "classify", where / f"pair_{who}", where / "all.txt", "--threads", threads])
                 for who, program in programs.items()}
        if threads == 1 and shutil.which("fasttext"):
            calls["fastText"] = fasttext_call(kinds, train_files, where)
        in_turns(calls, arguments.rounds, where)
        for who, call in calls.items():
            row(name, f"classify, {threads}", who, call, characters, lines, calls.get("before"))


def fasttext_call(kinds, train_files, where):
    with (where / "labelled").open("w") as out:
        for kind, path in zip(kinds, train_files):
            out.writelines(f"__label__{kind} {line}" for line in path.open())
    subprocess.run(["fasttext", "supervised", "-input", where / "labelled", "-output", where / "fasttext", "-minn", "1", "-maxn", "5",
                    "-epoch", "25", "-lr", "0.5", "-dim", "10"], check=True, capture_output=True)  # fmt: skip
    return Call(["fasttext", "predict-prob", where / "fasttext.bin", where / "all.txt"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--before", type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--lines", type=int, metavar="N")
    parser.add_argument("--classes", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--kenlm", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    arguments = parser.parse_args()
    programs = {"now": arguments.program.resolve()}
    if arguments.before:
        programs["before"] = arguments.before.resolve()
    files = sorted(arguments.folder.glob("*.txt"))
    if not files:
        sys.exit(f"{arguments.folder}: there is no file NAME.txt; name a folder with some")
    print(f"whole calls, the least of {arguments.rounds}; {len(os.sched_getaffinity(0))} cores; `faster` is against the older build")
    print(f"{'file':14} {'what':16} {'program':8} {'seconds':>8} {'M chars/s':>8} {'k lines/s':>8} {'MB':>6}   faster")
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        if arguments.classes:
            classify(programs, arguments, where)
        for file in files:
            score_list(file.resolve(), programs, arguments, where)
        if arguments.lines:
            score_many(files[0].resolve(), programs, arguments, where)


if __name__ == "__main__":
    main()
