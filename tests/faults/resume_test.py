# SPDX-License-Identifier: MIT
"""Whatever happens to a run of `train`, its folder loads, and going on ends with the bytes of a run that nothing happened to.

usage: resume_test.py MICROGPT FAULT_INJECTOR [KILLS]

A run that saves every few steps is killed at KILLS (120) writes, renames, fsyncs and files that are made, chosen at random; its
disk is full, or fails once, at others; and it is killed in the midst of its work. Where the test may mount file systems, it
trains as another user on a disk that is really full, and on one that is mounted for reading only.
"""

import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

MICROGPT, INJECTOR = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 120

TRAIN = "--n-head 2 --batch-size 4 --num-steps 30 --eval-every 5 --save-every 3 --num-samples 0 --teacher-part 0.5".split()
RESULTS = ("model.safetensors", "checkpoint.safetensors", "README.md")
NOBODY = 65534


def corpus(folder):
    path = folder / "corpus.txt"
    path.write_text("".join(f"ab{i}\n" for i in range(200)))
    return str(path)


def run(arguments, fault=None, program=MICROGPT, **options):
    """But for another user with the injector in any case: it waits for no disk."""
    injector = {} if "user" in options else {"LD_PRELOAD": INJECTOR}
    environment = os.environ | injector | {name: str(value) for name, value in (fault or {}).items()}
    return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False, **options)


def train(corpus_path, folder, *more, width=8):
    return ["train", corpus_path, "-o", str(folder), "--n-embd", str(width), *TRAIN, *more]


def expect(condition, *explanation):
    if not condition:
        sys.exit(" ".join(str(part) for part in explanation))


def bytes_of(folder):
    """The same for the same run: its command line, which the model card shows, names the folder."""
    output = f" -o {folder.name} ".encode()
    return [(folder / name).read_bytes().replace(output, b" -o FOLDER ") for name in RESULTS]


class Test:
    def __init__(self, scratch):
        self.scratch = scratch
        self.corpus = corpus(scratch)
        self.count = 0
        whole = self.new_folder()
        calls = scratch / "calls"
        result = run(train(self.corpus, whole), {"FAULT_COUNT": calls})
        expect(result.returncode == 0, result.stderr)
        self.expected = bytes_of(whole)
        expect(b" -o FOLDER " in self.expected[-1], "the model card shows no command line")
        self.calls = int(calls.read_text())

    def new_folder(self):
        self.count += 1
        return self.scratch / f"run{self.count}"

    def goes_on(self, folder):
        """What a user does whose run has ended too early."""
        if (folder / "config.json").exists():
            return ["train", "--resume", str(folder), "--num-samples", "0"]
        return train(self.corpus, folder)

    def expect_load(self, folder, when):
        if not (folder / "config.json").exists():
            return
        result = run(["sample", str(folder), "-n", "1"])
        expect(result.returncode == 0, when, "the folder does not load:", result.stderr)

    def expect_same_end(self, folder, when):
        self.expect_load(folder, when)
        result = run(self.goes_on(folder))
        expect(result.returncode == 0, when, "it does not go on:", result.stderr)
        expect(bytes_of(folder) == self.expected, when, "it ends otherwise")
        left = [file.name for file in folder.iterdir() if file.name.endswith(".tmp")]
        expect(not left, when, "there are left", left)

    def killed_at_calls(self, numbers):
        for _ in range(KILLS):
            folder = self.new_folder()
            at = numbers.randint(1, self.calls)
            when = f"killed at call {at} of {self.calls}:"
            result = run(train(self.corpus, folder), {"FAULT": "kill", "FAULT_AT": at})
            expect(result.returncode == -9, when, "it was not:", result.returncode, result.stderr)
            if numbers.random() < 0.5:
                again = numbers.randint(1, self.calls)
                run(self.goes_on(folder), {"FAULT": "kill", "FAULT_AT": again})
                when += f" and again at call {again}:"
            self.expect_same_end(folder, when)

    def disk_goes_wrong(self, numbers, fault, text):
        for _ in range(KILLS // 4):
            folder = self.new_folder()
            at = numbers.randint(1, self.calls)
            when = f"{fault} at call {at} of {self.calls}:"
            result = run(train(self.corpus, folder), {"FAULT": fault, "FAULT_AT": at})
            expect(result.returncode == 1, when, "exit code", result.returncode, result.stderr)
            expect(text in result.stderr.splitlines()[-1], when, result.stderr)
            self.expect_same_end(folder, when)

    def killed_while_it_works(self, numbers):
        for _ in range(KILLS // 10):
            folder = self.new_folder()
            lines = numbers.randint(1, 12)
            command = [MICROGPT, *train(self.corpus, folder)]
            environment = os.environ | {"LD_PRELOAD": INJECTOR}
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
                for _ in range(lines):
                    process.stdout.readline()
                process.kill()
            self.expect_same_end(folder, f"killed after {lines} lines:")

    def as_another_user(self):
        """On file systems of its own: one that is full, and one that takes nothing."""
        disk = self.scratch / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "none", disk], capture_output=True, check=False)
        if mounted.returncode != 0:
            print("no file system can be mounted here")
            return
        try:
            folder = disk / "model"
            # One page is left for a checkpoint of several.
            # Who may have no way to where the program was built.
            user = {"user": NOBODY, "cwd": "/", "program": shutil.copy(MICROGPT, self.scratch)}
            result = run(train(self.corpus, folder, width=32), **user)
            expect(result.returncode == 1 and "No space left on device" in result.stderr, "a full disk:", result.stderr)
            for file in disk.rglob("*"):
                expect(not file.name.endswith(".tmp"), "a full disk: there is left", file)
            subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
            result = run(train(self.corpus, folder), **user)
            expect(result.returncode == 0 and bytes_of(folder) == self.expected, "with space again:", result.stderr)
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            for arguments in (["train", "--resume", str(folder)], train(self.corpus, folder, "--overwrite")):
                result = run(arguments, **user)
                expect(result.returncode == 1 and "Read-only file system" in result.stderr, "read-only:", result.stderr)
            result = run(["sample", str(folder), "-n", "1"], **user)
            expect(result.returncode == 0, "read-only, sample:", result.stderr)
            expect(bytes_of(folder) == self.expected, "read-only: it changed")
        finally:
            subprocess.run(["umount", disk], check=True)


def main():
    numbers = random.Random(42)
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        test = Test(pathlib.Path(name))
        test.killed_at_calls(numbers)
        test.disk_goes_wrong(numbers, "ENOSPC", "No space left on device")
        test.disk_goes_wrong(numbers, "EIO", "Input/output error")
        test.killed_while_it_works(numbers)
        if os.geteuid() == 0:
            test.as_another_user()


if __name__ == "__main__":
    main()
