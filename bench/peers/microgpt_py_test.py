#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The peer in CPython is timed by what it prints: a stand-in prints alike."""
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
import microgpt_py  # noqa: E402

STAND_IN = """
block_size = 4
num_steps = 1000 # number of training steps
assert open("input.txt").read().split()
for step in range(num_steps):
    print(f"step {step + 1:4d} / {num_steps:4d} | loss 3.3660", end=END)
print("\\n--- inference (new, hallucinated names) ---")
for i, name in enumerate(["ana", "emma", "", "jo"]):
    print(f"sample {i + 1:2d}: {name}")
"""
LINES = [("num docs: 9", 1), ("step    1 /    3 | loss 3", 9), ("step    2 /    3 | loss 3", 11), ("step    3 /    3 | loss 2", 15),
         ("", 16), ("--- inference ---", 20), ("sample  1: ana", 23), ("sample  2: annabella", 27), ("sample  3: ", 29)]


def measured(text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "a microgpt.py")
        file.write_text(text)
        work = pathlib.Path(folder, "work")
        work.mkdir()
        return microgpt_py.measure(sys.executable, file, work, 3)


def is_refused(work, complaint):
    try:
        work()
    except SystemExit as error:
        return complaint in str(error)
    return False


def main():
    # Two steps in 6 seconds after the first; 4, 8 and 1 tokens in 9 seconds after the heading.
    assert microgpt_py.figures(LINES, 2, 8) == {"seconds_a_step": 3, "seconds_a_token": 9 / 13}
    for end in ('"\\r"', '"\\n"'):
        figures = measured(STAND_IN.replace("END", end))
        assert figures["seconds_a_step"] > 0 and figures["seconds_a_token"] > 0, figures
    assert is_refused(lambda: microgpt_py.figures(LINES, 3, 8), "3 steps")
    assert is_refused(lambda: microgpt_py.figures(LINES[:6], 2, 8), "0 tokens")
    assert is_refused(lambda: measured("print(1)"), "num_steps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
