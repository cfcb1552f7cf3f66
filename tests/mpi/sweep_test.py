# SPDX-License-Identifier: MIT
"""A sweep under mpirun prints and writes what one of one process does, however it ends and goes on.

usage: sweep_test.py MICROGPT FAULT_INJECTOR [few]

With the word `few` it ends in two ways: a rank is killed, and rank 0 is told to end.
"""

import csv
import json
import os
import pathlib
import signal
import sys
import tempfile

from mpi_train import ended, expect, mpirun_command, open_mpi, require_mpirun, run

MICROGPT, INJECTOR = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
FEW = sys.argv[3:] == ["few"]
require_mpirun(MICROGPT)

# Of mpirun with ranks that were told to end, on a busy machine; the second one is Open MPI 5's.
PATIENCE = {"OMPI_MCA_odls_base_sigkill_timeout": "1", "PRTE_MCA_odls_base_sigkill_timeout": "1"}
CONFIGURATIONS = 8
FLAGS = "--preset microgpt --n-embd 8,4 --n-head 2 --seed 1,2 --batch-size 4".split()
SHORT = [*FLAGS, *"--learning-rate 0.01,1e37 --num-steps 10".split()]
LONG = [*FLAGS, *"--learning-rate 0.01,0.02 --num-steps 40000".split()]  # which are ended before they end by themselves
LONGER = [*LONG[:-1], "80000"]  # by mpirun, which waits first as long as PATIENCE says


def one(*words):
    return [MICROGPT, "sweep", *words]


def ranks(count, *words):
    return mpirun_command([one(*words, "--threads", "1")] * count)


def call(count, *words):
    return ranks(count, *words) if count > 1 else one(*words)


def results_of(folder):
    """By configuration; a line that has no end is none yet."""
    file = folder / "results.jsonl"
    lines = file.read_text().split("\n")[:-1] if file.exists() and (folder / "sweep.json").exists() else []
    return {result["configuration"]: result for result in map(json.loads, lines)}


def table_of(folder):
    """All but the seconds."""
    with open(folder / "results.csv", newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file, strict=True)]


class Test:
    def __init__(self, scratch):
        self.scratch = scratch
        self.corpus = str(scratch / "corpus.txt")
        pathlib.Path(self.corpus).write_text("".join(f"ab{i}\n" for i in range(200)))
        self.count = 0
        self.expected = {}

    def new_folder(self):
        self.count += 1
        return self.scratch / f"sweep{self.count}"

    def expect_whole(self, folder, result, flags, when):
        """It is like one of one process."""
        expect(result.returncode == 0, when, result.stderr)
        key = " ".join(flags)
        if key not in self.expected:
            alone = self.new_folder()
            by_one = run(one(self.corpus, "-o", str(alone), *flags))
            expect(by_one.returncode == 0, by_one.stderr)
            self.expected[key] = by_one.stdout, table_of(alone)
        output, table = self.expected[key]
        expect(result.stdout == output, when, "it prints something else:", result.stdout, output)
        expect(table_of(folder) == table, when, "the table is another")
        expect(len(results_of(folder)) == CONFIGURATIONS, when, "there are", len(results_of(folder)), "results")

    def goes_on(self, folder, flags, when):
        """With what is missing, and another number of ranks each time."""
        before = results_of(folder)
        expect(before or flags == SHORT, when, "nothing is kept")
        begun = (folder / "sweep.json").exists()
        words = ["--resume", str(folder)] if begun else [self.corpus, "-o", str(folder), *flags]
        result = run(call(self.count % 3 + 1, *words))
        self.expect_whole(folder, result, flags, when)
        after = results_of(folder)
        expect(all(after[number] == before[number] for number in before), when, "what was finished is trained again")

    def any_number_of_ranks(self):
        for count in (2, 3):
            folder = self.new_folder()
            result = run(ranks(count, self.corpus, "-o", str(folder), *SHORT))
            self.expect_whole(folder, result, SHORT, f"{count} ranks:")
            expect(f"{count} ranks, {count} threads in all" in result.stderr, result.stderr)
            again = run(ranks(count, "--resume", str(folder)))
            self.expect_whole(folder, again, SHORT, f"{count} ranks, finished:")

    def refusals(self):
        """Said once, and with the exit code of one process."""
        folder = str(self.new_folder())
        for words, text, code in (
            (["/nowhere/at/all", "-o", folder, *SHORT], "/nowhere/at/all", 1),
            (["--no-such-flag"], "--no-such-flag", 2),
            (["-o", folder], "there is nothing to compare", 2),
            (["-o", folder, "--n-embd", "8,9"], "--n-embd 9 is not a multiple", 2),
        ):
            self.expect_refusal(mpirun_command([one(*words)] * 2), text, code)
        words = one(self.corpus, "-o", folder, *LONG)
        unknown = ["env", "MICROGPT_TARGET=neon-or-so", *words]
        self.expect_refusal(mpirun_command([words, unknown]), "rank 1: MICROGPT_TARGET=neon-or-so", 1)

    def expect_refusal(self, command, text, code):
        result = run(command)
        expect(result.returncode == code, command, "exit code", result.returncode, result.stderr)
        lines = [line for line in result.stderr.splitlines() if line.startswith("microgpt: ")]
        lines = [line for line in lines if " in all" not in line]
        expect(len(lines) == 1 and text in lines[0], command, result.stderr)

    def another_libm(self):
        """Its results would differ."""
        words = one(self.corpus, "-o", str(self.new_folder()), *SHORT)
        other = ["env", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2_Usable,-AVX2", *words]
        system = run([*other[:2], MICROGPT, "info", "--system"])
        if "without fused multiply-add" in system.stdout:
            self.expect_refusal(mpirun_command([words, other]), "rank 1 has another C library than rank 0", 1)

    def disk(self):
        """Full on rank 0, of whose calls one fails, and all after it."""
        calls = self.scratch / "calls"
        counted = run(one(self.corpus, "-o", str(self.new_folder()), *SHORT), {"LD_PRELOAD": INJECTOR, "FAULT_COUNT": str(calls)})
        expect(counted.returncode == 0, counted.stderr)
        for at in range(10, int(calls.read_text()), 100 if FEW else 25):
            folder = self.new_folder()
            words = one(self.corpus, "-o", str(folder), *SHORT)
            fault = ["env", f"LD_PRELOAD={INJECTOR}", "FAULT=ENOSPC", f"FAULT_AT={at}"]
            result = run(mpirun_command([[*fault, *words], words]))
            when = f"a full disk at call {at}:"
            expect(result.returncode == 1, when, "exit code", result.returncode, result.stderr)
            expect(result.stderr.count("No space left on device") == 1, when, result.stderr)
            self.goes_on(folder, SHORT, when)

    def ended(self, when, end, text, codes, count=2, flags=LONG, more=()):
        """A sweep of so many ranks that end(mpirun, processes by rank) puts an end to once it has a result."""
        folder = self.new_folder()
        command = ranks(count, self.corpus, "-o", str(folder), *flags, *more)
        err = ended(when, command, lambda: results_of(folder), end, codes, PATIENCE)
        expect(text is None or err.count(text.format(folder=folder)) == 1, when, "it does not say once:", text, err)
        expect(len(results_of(folder)) < CONFIGURATIONS, when, "all are finished")
        self.goes_on(folder, flags, when)

    def ends(self):
        kept = f"of {CONFIGURATIONS} configurations are finished and kept"
        lost = kept + ", go on with --resume {folder}"
        goes_on = kept + "; microgpt sweep --resume {folder} goes on from there"
        killed = lost if open_mpi() < 5 else "rank 1 with PID"
        self.ended("rank 1 killed", lambda _, pids: os.kill(pids[1], signal.SIGKILL), killed, [137])
        self.ended("rank 0 told to end", lambda _, pids: os.kill(pids[0], signal.SIGTERM), goes_on, [143])
        if FEW:
            return
        self.ended("rank 0 killed", lambda _, pids: os.kill(pids[0], signal.SIGKILL), "rank 0 with PID", [137])
        self.ended("rank 1 stopped", lambda _, pids: os.kill(pids[1], signal.SIGSTOP), lost, [1], more=["--deadline", "3"])
        told = goes_on if open_mpi() < 5 else None
        self.ended("mpirun told to end", lambda mpirun, _: mpirun.terminate(), told, [1, 143], count=3, flags=LONGER)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        test = Test(pathlib.Path(scratch))
        test.any_number_of_ranks()
        test.refusals()
        test.another_libm()
        test.disk()
        test.ends()


main()
