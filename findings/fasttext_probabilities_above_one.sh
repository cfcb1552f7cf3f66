#!/bin/sh
# SPDX-License-Identifier: MIT
# fastText's command line, as Debian 12 has it, says probabilities above 1, and of all classes together more than 1.
#
# Guess: what `predict-prob` prints is a softmax, so each number is at most 1, and those of all classes sum to 1 but for the six
# digits that are printed.
# Seen: 0.00001 is added before a logarithm is taken inside, and comes out again as a part of each probability: a sure class has
# 1.00001, and one that is ruled out has 0.00001 and never less, however sure the model is.
# What this project does: its comparison makes a probability of the ratio of the two numbers (bench/peers/fasttext_classifier.py), and
# knows that what is surer than five digits cannot be told apart in fastText's output.
set -eu
version=0.9.2+ds-1+b1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "fasttext=$version" "libfasttext0=$version"
for package in *.deb; do dpkg-deb -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libfasttext.so.0' | head -n 1)")
export LD_LIBRARY_PATH
fasttext=root/usr/bin/fasttext

awk 'BEGIN { for (i = 0; i < 200; ++i) print "__label__fruit red apple " i "\n__label__weather blue sky " i }' >train.txt
"$fasttext" supervised -input train.txt -output model -epoch 100 -lr 1 -dim 4 -thread 1 -verbose 0 >/dev/null 2>&1
said=$(printf 'red apple\nblue sky\n' | "$fasttext" predict-prob model.bin - 2)
echo "fastText $version says of two lines, each of which is surely of one of two classes:"
echo "$said"
echo "$said" | awk '{ if (!($2 > 1 && $4 >= 1e-5 && $2 + $4 > 1.00001)) exit 1 }' || {
  echo "that is no longer so: the probabilities are at most 1"
  exit 1
}
