#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a person at a terminal sees: a progress bar that fits, colours where they are wanted, and each step at once."""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import unittest

PROGRAM = sys.argv.pop(1)
COLOR = "\x1b[1m"
BAR = "▕"
END = b"\x04"
SKIPPED = 77


def run_at_terminal(arguments, columns=80, stdout_to=None, interrupt_at=None, **environment):
    """Everything that the program writes to a terminal of so many columns. Interrupts it once it has written `interrupt_at`.

    The terminal stays open until it is read to its end, which is marked here: where the last writer closes it just as it is
    being read, Linux can report the closing and drop what was written before.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {"TERM": "xterm", **environment}
    process = subprocess.Popen([PROGRAM, *arguments], stdin=theirs, stdout=stdout_to or theirs, stderr=theirs, env=variables)

    def mark_the_end():
        process.wait()
        os.write(theirs, END)

    marking = threading.Thread(target=mark_the_end)
    marking.start()
    text, returncode = b"", 0
    while not text.endswith(END):
        text += os.read(ours, 65536)
        if interrupt_at and re.search(interrupt_at, text, re.DOTALL):
            process.send_signal(signal.SIGINT)
            returncode, interrupt_at = 128 + signal.SIGINT, None
    marking.join()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == returncode, (process.returncode, text)
    return text[:-len(END)].decode()


def columns_of(text):
    return len(re.sub(r"\x1b\[[0-9;]*[mK]", "", text))


class Terminal(unittest.TestCase):
    def test_progress_fits_and_is_wiped(self):
        for columns in (20, 40, 60, 80, 200):
            text = run_at_terminal(["demo"], columns)
            bars = [part for part in re.split(r"[\r\n]", text) if part.startswith("  training ") and "%" in part]
            self.assertGreater(len(bars), 2)
            for bar in bars:
                self.assertLess(columns_of(bar), columns, bar)
            self.assertIn("\r\x1b[K", text)

    def test_sweep_wipes_its_bar_for_its_lines(self):
        for columns in (40, 80):
            with tempfile.TemporaryDirectory() as folder:
                text = run_at_terminal(["sweep", "-o", folder, "--preset", "microgpt", "--n-embd", "16,32", "--num-steps",
                                        "4000"], columns)
            self.assertRegex(text, r"\rsweep +\d+% " + (r"▕.*▏ \d of 2 trained, \d:\d\d left" if columns == 80 else ""))
            shown = [line.split("\x1b[K")[-1].rstrip() for line in text.splitlines()]
            self.assertEqual(len([line for line in shown if line.startswith("microgpt: ") and " of 2: configuration" in line]), 2)

    def test_train_wipes_its_bar_for_its_lines(self):
        call = ["train", *"--preset microgpt --num-steps 4000 --num-samples 1 --log-every 100 --eval-every 1000".split()]
        for columns in (40, 80):
            text = run_at_terminal(call, columns)
            self.assertRegex(text, r"\rtraining +\d+% " + (".*tokens/s" if columns == 80 else ""))
            shown = [line.split("\x1b[K")[-1].rstrip() for line in text.splitlines()]
            self.assertEqual(len([line for line in shown if re.match(r"step +\d+: train loss \d", line)]), 41)
        self.assertNotIn(BAR, run_at_terminal([*call, "--quiet"]))

    def test_a_validation_that_is_interrupted_is_made_good(self):
        with tempfile.TemporaryDirectory() as folder:
            path = lambda name: os.path.join(folder, name)
            with open(path("corpus"), "w") as file:
                file.write("".join(f"{i}\n" for i in range(20000)))
            call = ["train", path("corpus"), "--engine", "graph", "--n-embd", "4", "--n-head", "1", "--num-steps", "2",
                    "--held-out", "0.45", "--num-samples", "0", "-o"]
            run_at_terminal([*call, path("whole")])
            text = run_at_terminal([*call, path("stopped")], interrupt_at=rb"step +1.*validating +\d+% ")
            self.assertIn("microgpt: step 2 is saved", text)
            self.assertNotIn("step    2", text)
            run_at_terminal(["train", "--resume", path("stopped")])
            for name in ("model.safetensors", "checkpoint.safetensors"):
                with open(os.path.join(path("whole"), name), "rb") as whole, open(os.path.join(path("stopped"), name), "rb") as stopped:
                    self.assertEqual(whole.read(), stopped.read(), name)

    def test_colours_only_where_wanted(self):
        self.assertIn(COLOR, run_at_terminal(["demo"]))
        self.assertNotIn(COLOR, run_at_terminal(["demo"], NO_COLOR="1"))
        self.assertIn(COLOR, run_at_terminal(["demo"], NO_COLOR=""))

    def test_a_dumb_terminal_gets_plain_text(self):
        self.assertNotIn("\x1b", run_at_terminal(["demo"], TERM="dumb"))

    def test_train_ends_with_a_curve_that_fits(self):
        call = ["train", "--num-steps", "50"]
        for columns in (60, 80, 120):
            lines = [line.split("\x1b[K")[-1].rstrip() for line in run_at_terminal(call, columns, NO_COLOR="1").splitlines()]
            begin = next(i for i, line in enumerate(lines) if line.startswith("  loss, nats"))
            end = next(i for i, line in enumerate(lines) if line.endswith("   step"))
            for line in lines[begin:end + 1]:
                self.assertLess(columns_of(line), columns, line)
            self.assertIn("random: ln 27", "".join(lines[begin:end]))
            self.assertRegex("".join(lines[begin:end]), r"\d-gram \d")
        self.assertNotIn("dots:", run_at_terminal([*call, "--quiet"]))

    def test_results_fit_into_80_columns(self):
        for call in (["demo"], ["loss"], ["loss", "0.5", "0"], ["train", "--num-steps", "50", "--quiet"]):
            for line in run_at_terminal(call, TERM="dumb").splitlines():
                self.assertLess(columns_of(line), 80, line)

    def test_results_on_a_model_fit_into_80_columns(self):
        with tempfile.TemporaryDirectory() as folder:
            model, corpus = os.path.join(folder, "model"), os.path.join(folder, "corpus")
            with open(corpus, "w") as file:
                file.write("emma\nzoë\n" * 20000)
            run_at_terminal(["train", "--num-steps", "50", "-o", model, "--quiet"])
            for call in (["eval", model, corpus], ["explain", model, "zoë maximilianalexanderthegreat", "--attention"],
                         ["info", model], ["tokens", model, "zoë"]):
                text = run_at_terminal(call, NO_COLOR="1")
                for line in re.split(r"[\r\n]", text):
                    self.assertLess(columns_of(line), 80, line)
                self.assertEqual("evaluating" in text, call[0] == "eval")
            explained = ["explain", model, "emma", "--attention"]
            self.assertRegex(run_at_terminal(explained), "\x1b\\[3[123]m")
            self.assertNotIn("\x1b", run_at_terminal(explained, NO_COLOR="1"))

    def test_help_fits(self):
        for call in (["--help"], ["train", "--help"], ["sweep", "--help-all"], ["train-pair", "--help"]):
            for columns, width in ((20, 40), (40, 40), (60, 60), (100, 100), (101, 80), (200, 80)):
                text = run_at_terminal(call, columns)
                lines = [line for line in text.splitlines() if not line.startswith("  microgpt ")]
                self.assertLessEqual(max(map(columns_of, lines)), width, call)
                self.assertGreater(max(map(columns_of, lines)), width - 8, call)

    def test_reference_shows_each_step(self):
        text = run_at_terminal(["reference", "--num-steps", "3", "--num-samples", "1"])
        self.assertEqual(text.count("step "), 3)
        self.assertNotIn(BAR, text)

    def test_reference_into_a_file_shows_progress_and_into_a_pipe_none(self):
        arguments = ["reference", "--num-steps", "300", "--num-samples", "1"]
        with open(os.devnull, "w") as file:
            self.assertIn(BAR, run_at_terminal(arguments, stdout_to=file))
        reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.assertNotIn(BAR, run_at_terminal(arguments, stdout_to=reader.stdin))
        reader.communicate()


def has_terminals():
    """A chroot without /dev/pts has none to give."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        print(f"skipped: {error}")
        return False
    return True


if __name__ == "__main__":
    if not has_terminals():
        sys.exit(SKIPPED)
    unittest.main()
