#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py MICROGPT [few|rest]: runs `microgpt reference` and the oracle on the same shapes, on half of them or on the other
half, and demands the same bytes: output, losses and parameters.

The oracle is CPython on this machine with this machine's C library, so nothing has to be stored and nothing may differ.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NAMES = HERE.parent.parent / "data" / "names.txt"

# Text that is not ASCII, every line end, every kind of space, NUL, a byte order mark, duplicates, lines longer than the context.
STRANGE_TEXT = (
    "\ufeffzoë\r\n  naïve \r\n\u3000日本語\u3000\rΩmega\x85\n\n \t\n😀a😀\u200b\nfoo\x00bar\nzoë\n\x0b\x0cinner\x0bspace\x1c\n"
    "a line that is much longer than any context here\nx"
)

# A case: its corpus, and flags of `reference`.
CASES = [
    ("names", "--n-layer 2 --n-embd 12 --n-head 3 --block-size 5 --num-steps 20"),
    ("names", "--n-layer 3 --n-embd 6 --n-head 6 --num-steps 20 --seed 4294967296"),
    ("names", "--n-embd 10 --n-head 1 --num-steps 20 --seed 18446744073709551615 --temperature 1.3"),
    ("names", "--revision first --n-layer 2 --n-embd 14 --n-head 7 --num-steps 20 --seed 1099511640121"),
    ("names", "--revision first --n-embd 20 --n-head 4 --block-size 3 --num-steps 20 --seed 0"),
    ("strange", "--n-embd 8 --n-head 2 --num-steps 30 --seed 7"),
    ("strange", "--n-layer 2 --n-embd 9 --n-head 3 --block-size 1 --num-steps 30 --num-samples 5"),
    ("strange", "--revision first --n-embd 6 --n-head 2 --block-size 30 --num-steps 20 --seed 1000000007"),
    ("one", "--n-embd 1 --n-head 1 --num-steps 30 --num-samples 3 --temperature 0.01"),
    ("one", "--n-layer 4 --n-embd 4 --n-head 2 --num-steps 30"),
    ("many", "--n-embd 4 --n-head 2 --num-steps 12 --num-samples 5"),
    ("names", "--n-embd 4 --n-head 1 --num-steps 0"),
]


def write_corpora(folder):
    texts = {
        "strange": STRANGE_TEXT,
        "one": "abba",
        "many": "\n".join(chr(0x4E00 + 7 * i) + chr(0x100 + i) for i in range(300)),
    }
    corpora = {"names": NAMES}
    for name, text in texts.items():
        corpora[name] = folder / name
        corpora[name].write_bytes(text.encode())
    return corpora


def outcome(command, folder, label):
    losses, params = folder / f"{label}.losses", folder / f"{label}.params"
    result = subprocess.run([*command, "--trace", losses, "--params", params], stdout=subprocess.PIPE, check=True)
    return {"output": result.stdout, "losses": losses.read_bytes(), "parameters": params.read_bytes()}


def main():
    program, failures = sys.argv[1], 0
    cases = {"few": CASES[1::2], "rest": CASES[::2]}[sys.argv[2]] if sys.argv[2:] else CASES
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        corpora = write_corpora(folder)
        for number, (corpus, flags) in enumerate(cases):
            arguments = ["--corpus", str(corpora[corpus]), *flags.split()]
            ours = outcome([program, "reference", *arguments], folder, f"{number}.ours")
            theirs = outcome([sys.executable, HERE / "oracle.py", *arguments], folder, f"{number}.theirs")
            different = [part for part in theirs if ours[part] != theirs[part]]
            print(f"{corpus}, {flags}: {'different ' + ', '.join(different) if different else 'the same'}", flush=True)
            failures += bool(different)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
