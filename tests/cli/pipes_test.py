#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `score` does with pipes, and `sample` where nobody reads or waits any more: it answers who waits, ends quietly where nobody reads, stops on a signal while it waits, and
takes no more memory for a long line or for many lines."""
import pathlib
import os
import signal
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def start(model, *flags):
    return subprocess.Popen([PROGRAM, "score", model, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def answers_who_waits(model):
    child = start(model)
    for text in (b"abc", b"", b"cab"):
        child.stdin.write(text + b"\n")
        child.stdin.flush()
        line = child.stdout.readline()
        while line.startswith(b"text\t"):
            line = child.stdout.readline()
        assert line.split(b"\t")[0] == text, line
    child.stdin.close()
    assert child.wait() == 0, child.stderr.read()


def stops_while_it_waits(model):
    child = start(model)
    assert child.stdout.readline().startswith(b"text\t"), "the header, when it waits"
    child.send_signal(signal.SIGINT)
    assert child.wait() == 130
    assert child.stderr.read() == b"microgpt: interrupted (Interrupt)\n"


def ends_quietly_where_nobody_reads(model, lines):
    child = start(model, lines)
    child.stdout.readline()
    child.stdout.close()
    assert child.wait() == -signal.SIGPIPE
    assert child.stderr.read() == b""


def sample_ends_quietly_where_nobody_reads(model):
    child = subprocess.Popen([PROGRAM, "sample", model, "-n", "1000000000", "--threads", "2"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    assert child.wait() == -signal.SIGPIPE
    assert child.stderr.read() == b""


def sample_stops_on_a_signal(model):
    """While it prints, and while it looks for what there is none of."""
    for flags in ([], ["--match", "\\bx", "--budget", "1000000000000000"]):
        child = subprocess.Popen([PROGRAM, "sample", model, "-n", "1000000000", "--threads", "2", "--format", "tsv", *flags],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert child.stdout.readline() == b"text\n"
        child.send_signal(signal.SIGINT)
        child.stdout.read()
        assert child.wait() == 130, flags
        assert child.stderr.read() == b"microgpt: interrupted (Interrupt)\n", flags


def memory_of(model, path):
    """The most that it had, in KiB."""
    with open(path, "rb") as lines:
        child = subprocess.Popen([PROGRAM, "score", model, "--threads", "2"], stdin=lines, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
    assert status == 0
    return usage.ru_maxrss


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: str(pathlib.Path(folder, name))
        pathlib.Path(path("corpus")).write_text("abc\ncab\nbca\n")
        subprocess.run([PROGRAM, "train", path("corpus"), "-o", path("model"), "--held-out", "0", "--num-steps", "5", "--quiet",
                        "--n-embd", "4"], check=True, stdout=subprocess.DEVNULL)
        pathlib.Path(path("lines")).write_text("abcabc\n" * 300_000)
        pathlib.Path(path("line")).write_text("abcabc " * 600_000)
        pathlib.Path(path("few")).write_text("abcabc\n" * 30_000)
        answers_who_waits(path("model"))
        stops_while_it_waits(path("model"))
        ends_quietly_where_nobody_reads(path("model"), path("lines"))
        sample_ends_quietly_where_nobody_reads(path("model"))
        sample_stops_on_a_signal(path("model"))
        few = memory_of(path("model"), path("few"))
        for name in ("lines", "line"):
            most = memory_of(path("model"), path(name))
            assert most < few + 8192, f"{name}: {most} KiB, and {few} for few lines"
    return 0


if __name__ == "__main__":
    sys.exit(main())
