#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`score` and `classify` of a line of a hundred megabytes and of four million lines: whole, and in the memory that little input
takes, which a line or a number for each line would pass many times over."""
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

PROGRAM = sys.argv[1]
BLOCK = b"abcabcacbb" * 100_000  # a million characters
MORE_MEMORY = 16384  # KiB, than for little input
MILLIONS = 100  # in the long line
LINES = 4_000_000


def feed(pipe, blocks):
    for block in blocks:
        pipe.write(block)
    pipe.close()


class Answer:
    """What a command says of a generator of blocks, kept only in numbers: its bytes, lines and end; its memory in KiB."""

    def __init__(self, command, blocks):
        child = subprocess.Popen([PROGRAM, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        feeder = threading.Thread(target=feed, args=(child.stdin, blocks))
        feeder.start()
        self.bytes, self.lines, self.end = 0, 0, b""
        while block := child.stdout.read1(1 << 20):
            self.bytes += len(block)
            self.lines += block.count(b"\n")
            self.end = (self.end + block)[-200:]
        feeder.join()
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, command
        self.memory = usage.ru_maxrss


def check(command):
    few = Answer(command, (b"abcabc\n" * 100_000 for _ in range(4)))
    assert few.lines == 400_001, few.lines

    long = Answer(command, (BLOCK for _ in range(MILLIONS)))
    size = MILLIONS * len(BLOCK)
    text, *fields = long.end.split(b"\t")
    assert long.lines == 2 and size < long.bytes < size + 200, (long.lines, long.bytes)
    assert text.endswith(BLOCK[-50:]) and len(fields) == 2, long.end
    float(fields[0])
    assert long.memory < few.memory + MORE_MEMORY, f"{long.memory} KiB, and {few.memory} for few lines"

    many = Answer(command, (b"abc\n" * 100_000 for _ in range(LINES // 100_000)))
    assert many.lines == LINES + 1, many.lines
    assert many.end.splitlines()[-1] == many.end.splitlines()[-2]
    assert many.memory < few.memory + MORE_MEMORY, f"{many.memory} KiB, and {few.memory} for few lines"


def main():
    with tempfile.TemporaryDirectory() as folder:
        corpus, model = (str(pathlib.Path(folder, name)) for name in ("corpus", "model"))
        pathlib.Path(corpus).write_text("abc\ncab\nbca\n")
        train = ["train", corpus, "-o", model, "--held-out", "0", "--num-steps", "5", "--quiet", "--n-embd", "4"]
        subprocess.run([PROGRAM, *train], check=True, stdout=subprocess.DEVNULL)
        check(["score", model, "--threads", "2"])
        check(["classify", "--positive", model, "--negative", model, "--threads", "2"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
