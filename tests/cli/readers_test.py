#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What other programs make of records, read as docs/records.md says: the texts of odd lines as they are, and the bits to the last
one. Programs that are not installed are named, and left out.

usage: readers_test.py MICROGPT [FOLDER]    FOLDER gets the records, scores.csv and scores.jsonl
"""
import csv
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TEXTS = ['"a', 'b"', '"quoted"', 'say "hi", now', '""', "a\tb", "a,b", "NA", "null", "nan", "", "\\N", "\\t", "1e5", "007", "=1+1", "#no",
         "true", "é😀"]
BITS_OFF = {"R": 1e-15}  # of a number, where a reader is not right to the last bit


def run(*command, text=None, **options):
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def by_csv(path):
    return [(row["text"], float(row["bits"])) for row in csv.DictReader(io.StringIO(path.read_text(), newline=""))]


def by_pandas(path):
    program = ("import pandas, json, sys; t = pandas.read_csv(sys.argv[1], float_precision='round_trip', keep_default_na=False, "
               "na_values={'bits_per_character': ''}); assert t.bits_per_character.isna().sum() == 1; "
               "print(json.dumps([list(row) for row in zip(t.text, t.bits)]))")
    return json.loads(run("/usr/bin/python3", "-c", program, path))


def by_sqlite(path):
    script = f".mode csv\n.import {path} records\n.mode json\nselect text, bits from records;\n"
    return [(row["text"], float(row["bits"])) for row in json.loads(run("sqlite3", text=script))]


def by_miller(path):
    return [(str(row["text"]), row["bits"]) for row in json.loads(run("mlr", "--icsv", "--ojson", "-S", "cat", path))]


def by_r(path):
    program = ("t <- read.csv(commandArgs(TRUE)[1], na.strings=character(), colClasses=c(text='character')); "
               "writeLines(paste(format(t$bits, digits=17), encodeString(t$text, quote='\"'), sep='\\t'))")
    rows = [line.split("\t", 1) for line in run("Rscript", "-e", program, path).splitlines()]
    return [(json.loads(text.replace("\\\\", "\\\\")), float(bits)) for bits, text in rows]


def by_jq(path):
    return [tuple(json.loads(line)) for line in run("jq", "-c", "[.text, .bits]", path).splitlines()]


def has_pandas():
    return subprocess.run(["/usr/bin/python3", "-c", "import pandas"], capture_output=True).returncode == 0


READERS = [("Python's csv", "csv", by_csv, lambda: True), ("pandas", "csv", by_pandas, has_pandas),
           ("SQLite", "csv", by_sqlite, lambda: shutil.which("sqlite3")), ("Miller", "csv", by_miller, lambda: shutil.which("mlr")),
           ("R", "csv", by_r, lambda: shutil.which("Rscript")), ("jq", "jsonl", by_jq, lambda: shutil.which("jq"))]


def is_right(name, found, expected):
    allowed = BITS_OFF.get(name, 0.0)
    return len(found) == len(expected) and all(
        text == its and abs(float(bits) - its_bits) <= allowed * its_bits for (text, bits), (its, its_bits) in zip(found, expected))


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        (folder / "lines").write_text("".join(text + "\n" for text in TEXTS))
        run(program, "train", folder / "lines", "-o", folder / "model", "--held-out", "0", "--num-steps", "1",
            "--num-samples", "0", "--quiet")
        for style in ("csv", "jsonl"):
            (folder / f"scores.{style}").write_text(run(program, "score", folder / "model", folder / "lines", "--format", style))
        expected = [(record["text"], record["bits"]) for record in map(json.loads, (folder / "scores.jsonl").read_text().splitlines())]
        assert [text for text, _ in expected] == TEXTS, expected
        wrong = []
        for name, style, read, is_there in READERS:
            if not is_there():
                print(f"{name}: not installed")
                continue
            found = read(folder / f"scores.{style}")
            print(f"{name}: {'right' if is_right(name, found, expected) else found}")
            wrong += [] if is_right(name, found, expected) else [name]
        # The check itself sees a bit, a letter and a line too few.
        assert not is_right("", expected[:-1], expected)
        assert not is_right("", [(text, bits * (1 + 2**-52)) for text, bits in expected], expected)
    sys.exit(f"wrong: {wrong}" if wrong else 0)


main()
