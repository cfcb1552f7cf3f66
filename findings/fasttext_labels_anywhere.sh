#!/bin/sh
# SPDX-License-Identifier: MIT
# A label of fastText's training files counts wherever it stands in a line, also in the text and at its end.
#
# Guess: the class of a line is what it begins with, as in all examples; "__label__" later in a line is a word of the text, such
# as it may be where people write about such files.
# Seen: each word with that beginning is a label and no word: of lines that have it last, or in the middle, the program counts the
# same labels, and none of them is among the words. What a model is asked about loses such words, too.
# What this project does: `train-classes` reads a label at the beginning of a line alone, and refuses a line with another one later,
# as to fastText it would be of two classes (src/text/labels.h, docs/classifier.md).
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

# The labels and the words of a model of 50 times a line.
dictionary() {
  awk -v line="$1" 'BEGIN { for (i = 0; i < 50; ++i) print line "\n__label__other some other text" }' >train.txt
  "$fasttext" supervised -input train.txt -output model -epoch 1 -dim 2 -thread 1 -verbose 0 >/dev/null 2>&1
  "$fasttext" dump model.bin dict | awk 'NR > 1 { print $3, $1 }' | sort | tr '\n' ';'
}
first=$(dictionary '__label__fruit red apple')
for line in 'red __label__fruit apple' 'red apple __label__fruit'; do
  other=$(dictionary "$line")
  echo "fastText $version of \"$line\": $other"
  [ "$other" = "$first" ] || {
    echo "that is no longer so: at the beginning of the line it is $first"
    exit 1
  }
done
case $first in *"label __label__fruit;"*) ;; *)
  echo "that is no longer so: the label is none"
  exit 1
  ;;
esac
