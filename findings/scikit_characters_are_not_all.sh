#!/bin/sh
# SPDX-License-Identifier: MIT
# scikit-learn's n-grams of characters never see two spaces: analyzer="char" makes each run of white space one.
#
# Guess: analyzer="char" takes the document's characters as they are, and only "char_wb", which respects words, does something
# about white space.
# Seen: a run of two or more white characters, tabs and ends of lines among them, becomes one space before n-grams are taken; a
# tab alone stays a tab. So "a  b" and "a b" are the same document, and so are "a\t\tb" and "a b", while "a\tb" is another one.
# What this project does: its linear model takes runs of white space within a line as they are, which a test tells apart
# (tests/training/fit_linear_test.cc); docs/classifier.md says where the peer does not.
set -eu
version=1.2.1+dfsg-1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "python3-sklearn=$version" "python3-sklearn-lib=$version" python3-numpy=1:1.24.2-1+deb12u1 \
  python3-scipy=1.10.1-2 python3-joblib=1.2.0-4+deb12u1 python3-threadpoolctl=3.1.0-1 python3-decorator=5.1.1-3 \
  libblas3=3.11.0-2 liblapack3=3.11.0-2
for package in *.deb; do dpkg-deb -x "$package" root; done

cat >grams.py <<'PYTHON'
from sklearn.feature_extraction.text import CountVectorizer

grams = CountVectorizer(analyzer="char", ngram_range=(2, 2)).build_analyzer()
for text in ("a b", "a  b", "a\tb", "a\t\tb", "a \n b"):
    print(repr(text), grams(text))
PYTHON
libraries=$(dirname "$(find "$PWD/root" -name 'libblas.so.3' | head -n 1)"):$(dirname "$(find "$PWD/root" -name 'liblapack.so.3' | head -n 1)")
said=$(LD_LIBRARY_PATH=$libraries PYTHONPATH="$PWD/root/usr/lib/python3/dist-packages" /usr/bin/python3 grams.py)
echo "scikit-learn $version: documents, and their pairs of characters:"
printf "%s\n" "$said"
[ "$(printf "%s\n" "$said" | grep -c "'a ', ' b'\]")" = 4 ] && [ "$(printf "%s\n" "$said" | grep -c 'a.t., ..tb')" = 1 ] || {
  echo "that is no longer so"
  exit 1
}
