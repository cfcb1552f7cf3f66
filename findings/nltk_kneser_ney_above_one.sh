#!/bin/sh
# SPDX-License-Identifier: MIT
# NLTK's interpolated Kneser-Ney of order 3, padded as its own pipeline does it, has probabilities that sum to more than 1 where
# a document begins.
#
# Guess: the model is interpolated, so that what is discounted is given to the shorter context, and the scores of the vocabulary
# sum to 1 after every context. With order 2 they do.
# Seen: at orders 3 and 4 they sum to more than 1 where only start symbols stand before: after one less than the order, which is
# the context of each document's first token, and after two less; elsewhere to 1. A shorter context's weight counts all that was seen after it, its own share only what
# was seen after something before it, and of a start symbol that is less: nothing stands before the first one.
# What this project does: a test sums the probabilities of its n-gram after each context (tests/ngram/ngram_model_test.cc), and
# docs/ngram.md says that perplexities of NLTK's model are no yardstick.
set -eu
version=3.8-1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "python3-nltk=$version" python3-regex=0.1.20221031-1+b1 python3-click=8.1.3-2 \
  python3-joblib=1.2.0-4+deb12u1 python3-tqdm=4.64.1-1
for package in *.deb; do dpkg-deb -x "$package" root; done

cat >sums.py <<'PYTHON'
from nltk.lm import KneserNeyInterpolated
from nltk.lm.preprocessing import padded_everygram_pipeline

DOCUMENTS = ["rain", "ran", "train", "air", "near", "tin", "art"]
for order in (2, 3, 4):
    model = KneserNeyInterpolated(order)
    model.fit(*padded_everygram_pipeline(order, [list(document) for document in DOCUMENTS]))
    for context in ([], ["r"], ["a", "r"], ["<s>"] * (order - 2), ["<s>"] * (order - 1)):
        if len(context) < order:
            print(order, "".join(context) or "-", round(sum(model.score(word, context) for word in model.vocab), 6))
PYTHON
said=$(PYTHONPATH="$PWD/root/usr/lib/python3/dist-packages" /usr/bin/python3 sums.py)
echo "NLTK $version: the order, the context, and the sum of the scores of all words after it:"
echo "$said"
echo "$said" | awk '$1 >= 3 && $2 ~ /<s>/ { if (!($3 > 1.0005)) exit 1; next } { if ($3 < 0.999999 || $3 > 1.000001) exit 1 }' || {
  echo "that is no longer so"
  exit 1
}
