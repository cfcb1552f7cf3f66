#!/bin/sh
# SPDX-License-Identifier: MIT
# CPython's random takes the absolute value of a whole seed: -42 and 42 draw the same numbers, while -0.5 and 0.5 do not.
#
# Guess: different whole numbers are different seeds; a negative one is an error, or wraps around, as in NumPy and in C++.
# Seen: random.seed(-42) makes the state of random.seed(42), of any size of number. A number that is not whole is hashed first,
# and has a sign; True is 1. So runs with the seeds -n to n, meant to be independent, are all but one there twice.
# What this project does: seeds are whole numbers from 0 on, and others are refused, so that no two that are allowed are the same
# run; docs/exact.md says so.
set -eu
version=3.11.2-6+deb12u9
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "python3.11-minimal=$version" "libpython3.11-minimal=$version" "libpython3.11-stdlib=$version"
for package in *.deb; do dpkg-deb -x "$package" root; done

cat >seeds.py <<'PYTHON'
import random
import sys

def same(a, b):
    return random.Random(a).getstate() == random.Random(b).getstate()

print(sys.version.split()[0], same(42, -42), same(10**40, -(10**40)), same(1, True), same(0.5, -0.5), same(42, 42.5))
PYTHON
said=$(PYTHONHOME="$PWD/root/usr" root/usr/bin/python3.11 seeds.py)
echo "CPython's version; whether 42 and -42, 10^40 and -10^40, 1 and True, 0.5 and -0.5, 42 and 42.5 are the same seed:"
echo "$said"
[ "${said#* }" = "True True True False False" ] || {
  echo "that is no longer so"
  exit 1
}
