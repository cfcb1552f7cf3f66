#!/bin/sh
# SPDX-License-Identifier: MIT
# New names for a map, in the style of a list of your own: none of the list, none twice, with scores.
set -eu
examples=$(dirname "$(readlink -f "$0")")
microgpt=${MICROGPT:-$examples/../run}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

tr ' ' '\n' > places.txt << 'PLACES'
ashenford bramblewick caldermoor dunhollow eastmere fallowdale grimstead harrowgate ironbeck juniper kestrelholm larkfield
mistwater northwick oakenshaw palemarsh quarrybank ravenscar saltmouth thornbury umberfall violetmere westerholm yewbarrow
amberley blackwater coldspring deepwell elderwood foxholm greyhaven hazelbeck icewater kingsbridge longmoor millbrook nettleford
otterburn pinewick redcliff silverbeck stonehaven timberfall underhill vinemoor wolfscar whitewater ashwick brambleford
calderwick dunmere eastholm fallowfield grimsdale harrowmoor ironford kestrelscar larkhollow mistdale northmere oakenford palewater
ravenwick saltmarsh thornfield umberdale violetholm westermoor yewfield amberfall blackmere coldwell deepdale elderbury foxhollow
PLACES

# So short a list is soon learned by heart, so validation says when to stop.
"$microgpt" train places.txt -o model --preset small --num-steps 600 --held-out 0.1 --quiet > train.txt
"$microgpt" sample model -n 12 --temperature 0.8 --min-length 6 --max-length 14 --unique --not-in places.txt --with-score \
  --sort likeliest > new.tsv
cat new.tsv

# Twelve different names, none of which was in the list.
names=$(tail -n +2 new.tsv | cut -f 1)
[ "$(printf '%s\n' "$names" | sort -u | wc -l)" = 12 ]
! printf '%s\n' "$names" | grep -qxFf places.txt
