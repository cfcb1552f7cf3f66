#!/bin/sh
# SPDX-License-Identifier: MIT
# Which entries of a list are odd? The list itself is the training set: what is rare in it stays surprising.
set -eu
examples=$(dirname "$(readlink -f "$0")")
microgpt=${MICROGPT:-$examples/../run}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Thirty thousand names, and five entries that a keyboard made.
printf '%s\n' xkcdqwfp zzqqjjvv hjklmnbv qxwvtrp bcdfghj > planted.txt
cat "$examples/../data/names.txt" planted.txt > list.txt

# A small model, and one that the n-gram teaches, as others learn even these by heart; and then the GPT alone, as the n-gram
# knows each entry.
"$microgpt" train list.txt -o model --n-layer 1 --n-embd 16 --num-steps 600 --ngram-share 0.5 --quiet > train.txt
"$microgpt" score model list.txt --predictor gpt --per token --top 10 > odd.tsv
cat odd.tsv

# All five are among the ten oddest.
found=$(cut -f 1 odd.tsv | grep -cxFf planted.txt)
echo "$found of 5 planted entries found"
[ "$found" = 5 ]
