# SPDX-License-Identifier: MIT
"""However a run of `train` under mpirun ends, its folder is whole, and going on ends with the bytes of a run of one process.

usage: ends_test.py MICROGPT FAULT_INJECTOR [few]

With the word `few` it ends in two ways: a rank is killed, and rank 0 is told to end.
"""

import os
import pathlib
import signal
import sys
import tempfile

from mpi_train import bytes_of, ended, expect, mpirun_command, open_mpi, require_mpirun, run

MICROGPT, INJECTOR = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
FEW = sys.argv[3:] == ["few"]
require_mpirun(MICROGPT)

DEADLINE = 3.0
STEPS = 6000  # so many that no run ends by itself before it is ended
LENGTH = ["--num-steps", str(STEPS)]
FLAGS = "--preset microgpt --batch-size 64 --eval-every 0 --save-every 200 --num-samples 0".split()


def ranks(count, *words, deadline=DEADLINE):
    return mpirun_command([[MICROGPT, "train", *words, "--threads", "1", "--deadline", str(deadline)]] * count)


def one(*words):
    return [MICROGPT, "train", *words]


def step_of(folder):
    """Of the checkpoint; as the file names it."""
    checkpoint = folder / "checkpoint.safetensors"
    if not checkpoint.exists() or not (folder / "config.json").exists():
        return 0
    return int(checkpoint.read_bytes().split(b'"step":"', 1)[1].split(b'"', 1)[0])


class Test:
    def __init__(self, scratch):
        self.scratch = scratch
        self.count = 0
        self.ends = {}

    def new_folder(self):
        self.count += 1
        return self.scratch / f"run{self.count}"

    def expect_same_end(self, folder, when, count=1):
        """With so many ranks."""
        step = step_of(folder)
        expect(0 < step < STEPS, when, "the checkpoint is of step", step)
        goes_on = ["--resume", str(folder), "--num-samples", "0"]
        result = run(one(*goes_on) if count == 1 else ranks(count, *goes_on))
        expect(result.returncode == 0, when, "it does not go on:", result.stderr)
        if "whole" not in self.ends:
            whole = self.new_folder()
            result = run(one("-o", str(whole), *FLAGS, *LENGTH))
            expect(result.returncode == 0, result.stderr)
            self.ends["whole"] = bytes_of(whole)
        expect(bytes_of(folder) == self.ends["whole"], when, "it ends otherwise")

    def ended(self, when, end, texts, codes, count=2):
        """A run of so many ranks that end(mpirun, processes by rank) puts an end to once it has saved something."""
        folder = self.new_folder()
        err = ended(when, ranks(count, "-o", str(folder), *FLAGS, *LENGTH), lambda: step_of(folder) > 0, end, codes)
        for text in texts:
            expect(err.count(text.format(folder=folder)) == 1, when, "it does not say once:", text, err)
        self.expect_same_end(folder, when, count=self.count % 2 + 1)

    def kills(self):
        lost = "microgpt: rank 1 has shown no sign of life for"
        goes_on = "go on with --resume {folder}"
        killed = [lost, goes_on] if open_mpi() < 5 else ["rank 1 with PID"]
        self.ended("rank 1 killed", lambda _, pids: kill(pids[1], signal.SIGKILL), killed, [137])
        self.ended("rank 0 told to end", lambda _, pids: kill(pids[0], signal.SIGTERM),
                   ["is saved; microgpt train --resume {folder} goes on from there"], [143])  # fmt: skip
        if FEW:
            return
        self.ended("rank 0 killed", lambda _, pids: kill(pids[0], signal.SIGKILL), ["rank 0 with PID"], [137])
        self.ended("rank 1 stopped", lambda _, pids: kill(pids[1], signal.SIGSTOP), [lost, goes_on], [1])
        self.ended("rank 0 stopped", lambda _, pids: kill(pids[0], signal.SIGSTOP),
                   ["microgpt: rank 1: rank 0 has shown no sign of life for"], [1])  # fmt: skip
        told = ["is saved; microgpt train --resume {folder} goes on from there"] if open_mpi() < 5 else []
        self.ended("mpirun told to end", lambda mpirun, _: mpirun.terminate(), told, [1, 143], count=3)

    def disk(self):
        """Full on rank 0, of whose calls one fails at which something is saved."""
        folder = self.new_folder()
        fault = {"LD_PRELOAD": INJECTOR, "FAULT": "ENOSPC", "FAULT_AT": "200"}
        words = [MICROGPT, "train", "-o", str(folder), *FLAGS, *LENGTH]
        result = run(mpirun_command([["env", *(f"{name}={value}" for name, value in fault.items()), *words], words]))
        expect(result.returncode == 1, "a full disk: exit code", result.returncode, result.stderr)
        expect(result.stderr.count("No space left on device") == 1, "a full disk:", result.stderr)
        print("disk of rank 0 full: ended with 1", flush=True)
        self.expect_same_end(folder, "a full disk:")

    def early_stopping(self):
        """All stop with rank 0, which decides; the same bits and the same output as one process."""
        flags = "--preset microgpt --n-embd 8 --batch-size 64 --eval-every 20 --patience 1 --learning-rate 0.3 --num-steps 100000".split()
        by_one, by_two = self.new_folder(), self.new_folder()
        alone = run(one("-o", str(by_one), *flags))
        together = run(ranks(2, "-o", str(by_two), *flags))
        expect("validation losses were no better" in alone.stdout or "validation loss was" in alone.stdout, alone.stdout)
        expect(together.returncode == 0, together.stderr)
        expect(together.stdout == alone.stdout, "early stopping: other output:", together.stdout, alone.stdout)
        expect(bytes_of(by_two) == bytes_of(by_one), "early stopping: other bits")

    def refusals(self):
        """Said once, and with the exit code of one process."""
        for words, text, code in (
            (["train", "/nowhere/at/all"], "/nowhere/at/all", 1),
            (["train", "--no-such-flag"], "--no-such-flag", 2),
            (["train", "--engine", "exact", "--num-steps", "1"], "only the engine fast", 2),
            (["sample", "/nowhere"], "sample is not for mpirun", 2),
            (["train-pair", "a", "b", "-o", "c"], "train-pair is not for mpirun", 2),
        ):
            result = run(mpirun_command([[MICROGPT, *words]] * 2))
            expect(result.returncode == code, words, "exit code", result.returncode, result.stderr)
            lines = [line for line in result.stderr.splitlines() if line.startswith("microgpt: ")]
            expect(len(lines) == 1 and text in lines[0], words, result.stderr)
        words = [MICROGPT, "train", "--num-steps", "3"]
        result = run(mpirun_command([words, ["env", "MICROGPT_TARGET=neon-or-so", *words]]))
        expect(result.returncode != 0 and "microgpt: rank 1: MICROGPT_TARGET=neon-or-so" in result.stderr, result.stderr)


def kill(pid, number):
    os.kill(pid, number)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        test = Test(pathlib.Path(scratch))
        test.refusals()
        test.early_stopping()
        test.disk()
        test.kills()


main()
