# SPDX-License-Identifier: MIT
"""One table: the final parameters of a run of `train` with threads, ranks and instruction sets are identical files.

usage: same_bits_test.py MICROGPT [few]

A run of 500 steps with each number of threads, of ranks and each instruction set; with the word `few` one of 20 steps, with few of
them. The last lines are of three ranks, which are no power of two, and of ranks with different
instruction sets.
"""

import hashlib
import pathlib
import sys
import tempfile

from mpi_train import bytes_of, expect, mpirun_command, require_mpirun, run

MICROGPT = str(pathlib.Path(sys.argv[1]).resolve())
FEW = sys.argv[2:] == ["few"]
STEPS = "20" if FEW else "500"
SYSTEM = require_mpirun(MICROGPT)
TARGETS = [name for name in ("avx2", "avx512") if name in SYSTEM] or ["scalar"]


def train(folder, threads):
    """The batches have 16 shards, so that four ranks of four threads all have work."""
    return [MICROGPT, "train", "-o", str(folder), "--num-steps", STEPS, "--batch-size", "512", "--n-embd", "16", "--eval-every",
            "100", "--num-samples", "0", "--threads", str(threads)]  # fmt: skip


def with_target(target, command):
    return ["env", f"MICROGPT_TARGET={target}", *command]


def cases(folder):
    for target in TARGETS[-1:] if FEW else TARGETS:
        for threads in (1, 2) if FEW else (1, 2, 4):
            for ranks in (1, 2) if FEW else (1, 2, 4):
                command = with_target(target, train(folder, threads))
                yield f"{target:<20}{threads:<9}{ranks}", mpirun_command([command] * ranks) if ranks > 1 else command
    yield f"{TARGETS[-1]:<20}{1:<9}{3}", mpirun_command([with_target(TARGETS[-1], train(folder, 1))] * 3)
    mixed = [*TARGETS, "scalar"]
    yield f"{'+'.join(mixed):<20}{1:<9}{len(mixed)}", mpirun_command([with_target(target, train(folder, 1)) for target in mixed])


def main():
    expected = None
    print("instruction set     threads  ranks  SHA-256 of model.safetensors, checkpoint.safetensors")
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, _) in enumerate(list(cases(None))):
            folder = pathlib.Path(scratch, str(number))
            command = list(cases(folder))[number][1]
            result = run(command)
            expect(result.returncode == 0, name, result.stderr)
            found = bytes_of(folder)
            print(f"{name:<36}{'  '.join(hashlib.sha256(part).hexdigest()[:16] for part in found)}", flush=True)
            expected = expected or found
            expect(found == expected, name, "other bits than those of the first line")


main()
