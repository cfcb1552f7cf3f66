#!/bin/sh
# SPDX-License-Identifier: MIT
# Is a domain name machine-made? Here a few lines of awk make both kinds: names that people would choose, of words that can be
# said, and random letters as malware draws them to find its server.
set -eu
examples=$(dirname "$(readlink -f "$0")")
microgpt=${MICROGPT:-$examples/../run}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

awk 'BEGIN { srand(1); split("com net org info", end, " ") }
  NR % 4 { word = $0; next }
  { print word $0 "." end[1 + int(4 * rand())] > "people.txt"
    name = ""
    for (i = 8 + int(10 * rand()); i > 0; --i) name = name substr("abcdefghijklmnopqrstuvwxyz", 1 + int(26 * rand()), 1)
    print name "." end[1 + int(4 * rand())] > "machines.txt" }' "$examples/../data/names.txt"

# Two models, one of each kind; the last 1000 of each are kept for the test.
for kind in machines people; do
  head -n -1000 $kind.txt > train_$kind.txt
  tail -n 1000 $kind.txt > test_$kind.txt
done
"$microgpt" train-pair train_machines.txt train_people.txt -o pair --num-steps 500 --quiet > train.txt

# A threshold that takes one in a hundred of people's names for a machine's, and what it finds of the others.
models="--positive pair/positive --negative pair/negative"
head -n 500 test_people.txt > known_people.txt
tail -n 500 test_people.txt > other_people.txt
"$microgpt" classify $models --calibrate known_people.txt --false-positive-rate 0.01 < /dev/null > /dev/null
"$microgpt" classify $models --evaluate test_machines.txt other_people.txt --json > figures.json
"$microgpt" classify $models --evaluate test_machines.txt other_people.txt
printf '%s\n' emmaolivia.com xkqzvbwprt.net | "$microgpt" classify $models

grep -q '"recall": \(0\.9\|1\.0\)' figures.json
