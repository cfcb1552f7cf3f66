#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains the same small models wherever this program runs, and compares the bits of what comes out.

usage: same_bits.py [--program PROGRAM] [--beside PROGRAM] [HOST...]

The hosts are `native`, this machine with each of its instruction sets; `without-fma`, the same with a C library that does not
use fused multiply-add; `qemu64`, the program under QEMU on a processor that has neither that nor AVX2; and `aarch64`, the
program of the preset `aarch64` under QEMU. `native` is always among them. With --beside another build of the program, such as
that of another compiler, is a further host, `beside`. Without --program the packages that this takes are
installed, and everything is built first.

A line of what is printed is an engine and its model, a host, an instruction set and the SHA-256 of the parameters. Those of
the fast engine must be equal everywhere, those of the other two wherever exp, log and pow are: there are two variants of them.

Exits with 0 if so, 1 if not, and 77 if a host cannot be had because its tools are not installed.
"""

import argparse
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSROOT = ROOT / "build/sysroot-aarch64"
HOSTS = ("native", "without-fma", "qemu64", "aarch64")
WITH_FMA, WITHOUT_FMA = "with", "without"  # which variant of exp, log and pow

# Models whose shapes take different kernels each. They are small and trained for a moment only, as QEMU computes a fused
# multiply-add that the processor lacks in a hundred instructions.
PLAIN = ["--optimizer", "adam", "--ngram-share", "0", "--ngram-documents", "0"]
SHORT = ["--num-steps", "4", "--batch-size", "6", "--held-out", "0", "--num-samples", "0", "--threads", "2", "--quiet"]
FAST = {
    "fast 16x1 muon": ["--n-embd", "16", "--n-layer", "1"],
    "fast 64x2": ["--n-embd", "64", "--n-layer", "2", *PLAIN],
    "fast 48x1 dropout": ["--n-embd", "48", "--n-layer", "1", "--dropout", "0.1", "--activation", "relu2", *PLAIN],
    "fast 36x1 text": ["--n-embd", "36", "--n-head", "3", "--block-size", "40", "--split", "text", "--n-layer", "1", *PLAIN],
}
REFERENCE = {"exact": ["--engine", "exact", "--num-steps", "30"], "graph": ["--engine", "graph", "--num-steps", "30"]}


class Skip(Exception):
    pass


class Host:
    def __init__(self, name, program, prefix=(), environment=None, libm=None):
        self.name = name
        self.command = [*prefix, str(program)]
        self.environment = environment or {}
        self.facts = dict(line.split(maxsplit=1) for line in self.run(["info", "--system"]).replace("instruction set", "target").splitlines())
        self.libm = WITHOUT_FMA if " without " in self.facts["libm"] else WITH_FMA
        if libm not in (None, self.libm):
            sys.exit(f"{name}: the C library is \"{self.facts['libm']}\", not the variant {libm} fused multiply-add")
        self.targets = self.facts["target"].split("available: ")[1].rstrip(")").split(", ")

    def run(self, arguments, target=None):
        environment = {**os.environ, **self.environment, **({"MICROGPT_TARGET": target} if target else {})}
        return subprocess.run([*self.command, *arguments], check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def require(*commands):
    for command in commands:
        if shutil.which(command) is None:
            raise Skip(f"{command} is not installed")


def aarch64_program(build):
    """Of the preset, up to date; with `build` everything that it takes is fetched."""
    require("aarch64-linux-gnu-g++", "qemu-aarch64")
    if build and not SYSROOT.exists():
        subprocess.run([ROOT / "scripts/aarch64_sysroot"], check=True)
    if not SYSROOT.exists():
        raise Skip("there are no arm64 libraries: call scripts/aarch64_sysroot")
    quietly = {"check": True, "cwd": ROOT, "stdout": sys.stderr}
    subprocess.run(["cmake", "--preset", "aarch64", "--log-level=WARNING"], **quietly)
    subprocess.run(["cmake", "--build", "--preset", "aarch64", "--target", "microgpt"], **quietly)
    return ROOT / "build/aarch64/microgpt"


def host_named(name, program, build):
    if name == "native":
        return Host(name, program)
    if name in ("without-fma", "qemu64") and platform.machine() != "x86_64":
        raise Skip(f"{name} is an x86-64 that is looked for on one")
    if name == "without-fma":
        return Host(name, program, environment={"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4"}, libm=WITHOUT_FMA)
    if name == "qemu64":
        require("qemu-x86_64")
        return Host(name, program, ["qemu-x86_64", "-cpu", "qemu64"], libm=WITHOUT_FMA)
    return Host(name, aarch64_program(build), ["qemu-aarch64", "-L", SYSROOT], libm=WITH_FMA)


def hash_of(host, target, model, corpus):
    with tempfile.TemporaryDirectory() as folder:
        if model in FAST:
            host.run(["train", corpus, "-o", f"{folder}/model", *SHORT, *FAST[model]], target)
            file = pathlib.Path(folder, "model/model.safetensors")
        else:
            file = pathlib.Path(folder, "parameters")
            host.run(["reference", "--corpus", corpus, "--params", file, *REFERENCE[model]], target)
        return hashlib.sha256(file.read_bytes()).hexdigest()


def find_difference(results):
    """What is wrong with (model, host, target, libm, hash) of all, or None."""
    seen = {}
    for model, host, target, libm, found in results:
        key = model if model in FAST else libm
        first = seen.setdefault(key, (host, target, found))
        if found != first[2]:
            return f"{model}: {host} {target} has other bits than {first[0]} {first[1]}"
    return None


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].splitlines()[0])
    parser.add_argument("--program")
    parser.add_argument("--beside")
    parser.add_argument("hosts", nargs="*", default=HOSTS)
    options = parser.parse_args()
    if unknown := [name for name in options.hosts if name not in HOSTS]:
        parser.error(f"{unknown[0]} is no host")
    if options.program is None:
        install = f'. "{ROOT}/scripts/packages.sh"; require_packages $elsewhere_packages'
        subprocess.run(["sh", "-euc", install], check=True)
        subprocess.run([ROOT / "run", "--version"], check=True, stdout=sys.stderr)
    program = options.program or ROOT / "build/release/microgpt"
    results = []
    try:
        hosts = [host_named(name, program, options.program is None) for name in dict.fromkeys(["native", *options.hosts])]
    except Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    if options.beside:
        hosts.append(Host("beside", options.beside))
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder, "names")
        corpus.write_text("\n".join((ROOT / "data/names.txt").read_text().splitlines()[:24]))
        for model in [*FAST, *REFERENCE]:
            for host in hosts:
                for target in host.targets if model != "graph" else host.targets[-1:]:  # it has no kernels
                    results.append((model, host.name, target, host.libm, hash_of(host, target, model, corpus)))
                    print("{:<19}{:<13}{:<8}{:>8} FMA  {}".format(*results[-1]), flush=True)
    difference = find_difference(results)
    print(difference or "as it must be")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
