#!/bin/sh
# SPDX-License-Identifier: MIT
# PyTorch's weighted cross-entropy has one mean where targets are class indices and another where they are probabilities.
#
# Guess: a class index and a row with a 1 at its place are the same target, so that they have the same loss, with class weights as
# without.
# Seen: without weights they have. With them, the summed losses of indices are divided by the sum of the targets' weights, those
# of rows by how many there are. So the second loss is the first times the mean weight of the targets, here
# (1 + 2 + 5 + 1) / 4 = 2.25. This changes the effective learning rate, from batch to batch. Label smoothing turns indices into
# rows, and yet divides as for indices.
# What this project does: it has no class weights; the losses of soft targets, those of a teacher or of the n-gram, are
# divided by the same numbers of positions and documents as those of tokens, as tests/engine/fast/soft_targets_test.cc shows.
set -eu
version=1.13.1+dfsg-4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p archives/partial
: >status # as on a system without a package, so that all that it needs comes along
apt-get install -qq -y --download-only --no-install-recommends -o Dir::State::status="$PWD/status" \
  -o Dir::Cache::archives="$PWD/archives" -o Debug::NoLocking=1 "python3-torch=$version"
for package in archives/*.deb; do
  dpkg-deb -x "$package" root
  rm "$package"
done

cat >losses.py <<'PYTHON'
import torch
from torch.nn.functional import cross_entropy, one_hot

logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 0.5], [0.2, 0.1, 2.0]], dtype=torch.float64)
indices = torch.tensor([0, 1, 2, 0])
rows = one_hot(indices, 3).double()
weights = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64)
for name, options in (("plain", {}), ("weighted", {"weight": weights}),
                      ("smoothed", {"weight": weights, "label_smoothing": 0.1})):
    print(name, *(f"{cross_entropy(logits, targets, **options):.4f}" for targets in (indices, rows)))
each = cross_entropy(logits, indices, weight=weights, reduction="none")
print("by-hand", f"{each.sum() / weights[indices].sum():.4f}", f"{each.mean():.4f}")
PYTHON
usr=$PWD/root/usr/lib/x86_64-linux-gnu
said=$(LD_LIBRARY_PATH=$usr:$usr/openblas-openmp:$usr/blas:$usr/lapack PYTHONPATH="$PWD/root/usr/lib/python3/dist-packages" \
  /usr/bin/python3 losses.py)
echo "PyTorch $version: cross_entropy of the same targets, as class indices and as rows of probabilities:"
echo "$said"
echo "$said" | awk '
  $1 == "plain" && $2 != $3 { exit 1 }
  $1 != "plain" && ($3 / $2 < 2.249 || $3 / $2 > 2.251) { exit 1 }
  END { if (NR != 4) exit 1 }' || {
  echo "that is no longer so"
  exit 1
}
