# SPDX-License-Identifier: MIT
"""Whatever happens to a sweep, it goes on with what is missing, and ends as one that nothing happened to.

usage: sweep_test.py MICROGPT FAULT_INJECTOR [KILLS]

A sweep is killed at KILLS (60) writes, renames, fsyncs and files that are made, chosen at random; its disk is full, or fails
once, at others. What it leaves at its end is read as others read it: the table as CSV, the picture as XML.
"""

import csv
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

MICROGPT, INJECTOR = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 60

GRID = "--n-embd 8,4 --n-head 2 --learning-rate 0.01,1e37 --seed 1,2,3 --batch-size 4 --num-steps 10 --threads 2".split()
CONFIGURATIONS = 12


def expect(condition, *explanation):
    if not condition:
        sys.exit(" ".join(str(part) for part in explanation))


def sweep(arguments, fault=None):
    """With the injector in any case: it waits for no disk."""
    environment = os.environ | {"LD_PRELOAD": INJECTOR} | {name: str(value) for name, value in (fault or {}).items()}
    return subprocess.run([MICROGPT, "sweep", *arguments], env=environment, capture_output=True, text=True, check=False)


def results_of(folder):
    """By configuration; what is finished is on its own line, whatever happened."""
    file = folder / "results.jsonl"
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    results = [json.loads(line) for line in lines]
    return {result["configuration"]: result for result in results}


class Test:
    def __init__(self, scratch):
        self.scratch = scratch
        self.corpus = scratch / "corpus.txt"
        self.corpus.write_text("".join(f"ab{i}\n" for i in range(200)))
        self.count = 0
        whole = self.new_folder()
        calls = scratch / "calls"
        result = sweep(self.begin(whole), {"FAULT_COUNT": calls})
        expect(result.returncode == 0, result.stderr)
        self.expected = result.stdout
        self.calls = int(calls.read_text())
        self.check_reports(whole)

    def new_folder(self):
        self.count += 1
        return self.scratch / f"sweep{self.count}"

    def begin(self, folder):
        return [str(self.corpus), "-o", str(folder), *GRID]

    def goes_on(self, folder):
        return ["--resume", str(folder)] if (folder / "sweep.json").exists() else self.begin(folder)

    def expect_same_end(self, folder, when):
        before = results_of(folder) if (folder / "sweep.json").exists() else {}
        result = sweep(self.goes_on(folder))
        expect(result.returncode == 0, when, "it does not go on:", result.stderr)
        expect(result.stdout == self.expected, when, "it ends otherwise:", result.stdout)
        after = results_of(folder)
        expect(len(after) == CONFIGURATIONS, when, "there are", len(after))
        expect(all(after[number] == before[number] for number in before), when, "what was finished is trained again")
        left = [file.name for file in folder.iterdir() if file.name.endswith(".tmp")]
        expect(not left, when, "there are left", left)

    def killed_at_calls(self, numbers):
        for _ in range(KILLS):
            folder = self.new_folder()
            at = numbers.randint(1, self.calls)
            when = f"killed at call {at} of {self.calls}:"
            result = sweep(self.begin(folder), {"FAULT": "kill", "FAULT_AT": at})
            expect(result.returncode == -9, when, "it was not:", result.returncode, result.stderr)
            self.expect_same_end(folder, when)

    def disk_goes_wrong(self, numbers, fault, text):
        for _ in range(KILLS // 3):
            folder = self.new_folder()
            at = numbers.randint(1, self.calls)
            when = f"{fault} at call {at} of {self.calls}:"
            result = sweep(self.begin(folder), {"FAULT": fault, "FAULT_AT": at})
            expect(result.returncode == 1, when, "exit code", result.returncode, result.stderr)
            expect(text in result.stderr.splitlines()[-1], when, result.stderr)
            self.expect_same_end(folder, when)

    def check_reports(self, folder):
        with open(folder / "results.csv", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        expect(len(rows) == CONFIGURATIONS, "the table has", len(rows), "rows")
        well = [row for row in rows if not row["failure"]]
        losses = [float(row["validation_loss_token_mean"]) for row in well]
        expect(rows[: len(well)] == well and losses == sorted(losses), "the order is another")
        results = results_of(folder)
        for row in rows:
            result = results[int(row["configuration"])]
            expect(float(row["seconds"]) == result["seconds"] and row["failure"] == result.get("failure", ""), row, result)
        picture = xml.etree.ElementTree.parse(folder / "sweep.svg").getroot()
        circles = picture.findall("{http://www.w3.org/2000/svg}circle") + picture.findall("{http://www.w3.org/2000/svg}path")
        expect(len(circles) == len(well), "the picture has", len(circles), "points")


def main():
    numbers = random.Random(1)
    with tempfile.TemporaryDirectory() as scratch:
        test = Test(pathlib.Path(scratch))
        test.killed_at_calls(numbers)
        test.disk_goes_wrong(numbers, "ENOSPC", "No space left on device")
        test.disk_goes_wrong(numbers, "EIO", "Input/output error")
    print(f"a sweep of {test.calls} calls went on after each of {KILLS} kills and {2 * (KILLS // 3)} errors")


if __name__ == "__main__":
    main()
