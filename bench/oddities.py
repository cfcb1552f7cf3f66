#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which score finds planted faults in lists: how well each one ranks them, and whether it ranks by length.

    bench/oddities.py FOLDER [--program PROGRAM] [--seeds N...] [--share X] [--only NAME...] [--kenlm FOLDER] [-- FLAG...]

Of each file NAME.txt of the folder a fifth of the different lines is held out and `train` sees the rest. Of those held out a share
of X [0.1] is spoiled, in turns by a typo (a character replaced, left out, doubled or changed places with the next one), by swapping
two parts, and by a line of another list. `score` then ranks all of the held-out lines, and each score is judged by

    AUC      the probability that a spoiled line ranks before a clean one,
    top      the share of spoiled lines among as many of the first as there are spoiled ones,
    first    the share of spoiled lines among the first hundredth of all,
    length   Spearman's correlation of the score of clean lines with their length.

Rows: bits of the document, per character and per token, `--per excess`, `--per p_value`, `--per peak` of windows of 1 and 3, all of the default
predictor; then the n-gram's bits per character and its excess. The last lines give the largest distance between the distribution of the
p-values of clean lines and the uniform one (Kolmogorov and Smirnov), with the value that it exceeds with a chance of 5%
for so many lines and so many documents that were held out. With --kenlm, the folder of KenLM's lmplz and query, its 6-gram's.
With several seeds [1], which split and spoil anew, the last lines are means over them. FLAGs go to `train`.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent


def typo(line, draw):
    at = draw.randrange(len(line))
    kind = draw.randrange(4)
    if kind == 0:
        return line[:at] + draw.choice(line) + line[at + 1:]
    if kind == 1:
        return line[:at] + line[at + 1:]
    if kind == 2:
        return line[:at] + line[at] + line[at:]
    return line[:at] + line[at + 1:at + 2] + line[at] + line[at + 2:]


def swapped(line, draw):
    parts = re.split(r"([^\w]+)", line)
    words = range(0, len(parts), 2)
    if len(words) < 2:
        middle = len(line) // 2
        return line[middle:] + line[:middle]
    a, b = draw.sample(words, 2)
    parts[a], parts[b] = parts[b], parts[a]
    return "".join(parts)


def spoiled(line, kind, others, draw):
    """Another line than it was, which is in no list."""
    for _ in range(100):
        made = (typo(line, draw), swapped(line, draw), draw.choice(others))[kind].strip()
        if made and made != line:
            return made
    return line + "?"


def ranks(values):
    """From 1, of equal ones the mean."""
    order = np.argsort(values, kind="stable")
    placed = np.empty(len(values))
    placed[order] = np.arange(1, len(values) + 1)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.bincount(inverse, weights=placed) / counts)[inverse]


def judge(scores, is_spoiled, lengths):
    positives = is_spoiled.sum()
    auc = (ranks(scores)[is_spoiled].sum() - positives * (positives + 1) / 2) / (positives * (~is_spoiled).sum())
    top = is_spoiled[np.argsort(-scores, kind="stable")[:positives]].mean()
    first = is_spoiled[np.argsort(-scores, kind="stable")[:max(1, len(scores) // 100)]].mean()
    clean = ~is_spoiled
    length = np.corrcoef(ranks(scores[clean]), ranks(lengths[clean]))[0, 1]
    return auc, top, first, length


def distance_from_uniform(values, model):
    """And how far two samples of these sizes may be apart by chance: those held out for the p-values, and these."""
    ordered = np.sort(values)
    n = len(ordered)
    held_out = len(json.loads((model / "held_out.json").read_text())["surprise"])
    steps = np.arange(1, n + 1) / n
    return max((steps - ordered).max(), (ordered - steps + 1 / n).max()), 1.358 * np.sqrt(1 / n + 1 / held_out)


def records(program, model, lines, *flags):
    result = subprocess.run([program, "score", model, "--format", "jsonl", *flags], input="".join(line + "\n" for line in lines),
                            capture_output=True, text=True)  # fmt: skip
    if result.returncode != 0:
        sys.exit(result.stderr)
    return [json.loads(line) for line in result.stdout.splitlines()]


def field(name, found):
    return np.array([record[name] for record in found])


def scores_of(program, model, lines):
    plain = records(program, model, lines, "--per", "token")
    excess = records(program, model, lines, "--per", "excess")
    p_values = records(program, model, lines, "--per", "p_value")
    ngram = records(program, model, lines, "--predictor", "ngram", "--per", "excess")
    return {
        "document": field("bits", plain),
        "character": field("bits_per_character", plain),
        "token": field("bits_per_token", plain),
        "excess": field("excess", excess),
        # Which the p-value falls with.
        "p-value": field("oddness", p_values),
        "peak": field("peak", records(program, model, lines, "--per", "peak")),
        "peak of 3": field("peak", records(program, model, lines, "--per", "peak", "--window", "3")),
        "n-gram, character": field("bits_per_character", ngram),
        "n-gram, excess": field("excess", ngram),
    }


def print_row(name, kind, figures):
    auc, top, first, length = figures
    print(f"{name:14} {kind:18} {auc:7.4f} {top:7.3f} {first:7.3f} {length:7.2f}", flush=True)


def kenlm_scores(folder, known, lines, where):
    def words(text):
        return " ".join("_" if c == " " else c for c in text) + "\n"

    (where / "text").write_text("".join(map(words, known)))
    subprocess.run([folder / "lmplz", "-o", "6", "--discount_fallback", "--text", where / "text", "--arpa", where / "arpa"],
                   check=True, capture_output=True)  # fmt: skip
    out = subprocess.run([folder / "query", "-v", "sentence", where / "arpa"], input="".join(map(words, lines)), check=True,
                         capture_output=True, text=True).stdout  # fmt: skip
    totals = [-float(total) / np.log10(2) for total in re.findall(r"Total: (\S+)", out)][:len(lines)]
    return {"KenLM, character": np.array(totals) / [len(line) for line in lines]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--kenlm", type=pathlib.Path)
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, flags = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    lists = {path.stem: sorted({line.strip() for line in path.read_text().splitlines()} - {""})
             for path in sorted(arguments.folder.glob("*.txt"))}  # fmt: skip
    if len(lists) < 2:
        sys.exit(f"{arguments.folder}: there are no two files NAME.txt; name a folder with some")
    figures = collections.defaultdict(list)  # [list, score] of each seed
    distances = []
    print(f"{'list':14} {'score':18} {'AUC':>7} {'top':>7} {'first':>7} {'length':>7}")
    for name, sorted_lines in lists.items():
        if arguments.only and name not in arguments.only:
            continue
        others = [line for other, its in lists.items() if other != name for line in its]
        for seed in arguments.seeds:
            lines = list(sorted_lines)
            draw = random.Random(seed)
            draw.shuffle(lines)
            held_out, known = lines[:len(lines) // 5], lines[len(lines) // 5:]
            is_spoiled = np.arange(len(held_out)) < max(3, round(arguments.share * len(held_out)))
            shown = [spoiled(line, i % 3, others, draw) if is_spoiled[i] else line for i, line in enumerate(held_out)]
            with tempfile.TemporaryDirectory() as temporary:
                folder = pathlib.Path(temporary)
                (folder / "known.txt").write_text("".join(line + "\n" for line in known))
                subprocess.run([arguments.program, "train", folder / "known.txt", "-o", folder / "model", "--num-samples", "0",
                                "--quiet", *flags], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
                scores = scores_of(arguments.program, folder / "model", shown)
                p_values = field("p_value", records(arguments.program, folder / "model", shown, "--per", "p_value"))
                distances.append((name, *distance_from_uniform(p_values[~is_spoiled], folder / "model")))
                if arguments.kenlm:
                    scores |= kenlm_scores(arguments.kenlm, known, shown, folder)
            lengths = np.array([len(line) for line in shown])
            for kind, values in scores.items():
                figures[name, kind].append(judge(values, is_spoiled, lengths))
                print_row(name, kind, figures[name, kind][-1])
    for name, distance, limit in distances:
        print(f"{name:14} p-values of clean lines: {distance:.4f} from uniform; by chance up to {limit:.4f}")
    if len(arguments.seeds) > 1:
        print(f"means over the seeds {arguments.seeds}")
        for (name, kind), of_seeds in figures.items():
            print_row(name, kind, np.mean(of_seeds, axis=0))

main()
