#!/bin/sh
# SPDX-License-Identifier: MIT
# RE2, as Debian 12 has it: what a repetition repeats after flags, and which braces are one.
#
# Guess: in `a(?i)*` the star repeats the group of flags, which is empty, or is an error, as `(?i)*` is one; and `a{02}` is `a{2}`.
# Seen: the star repeats what stands before the flags, so that `a(?i)*` matches "", "a" and "aaa". So it does after `\Q\E`. A number
# with a zero before it is no count: `a{02}` matches the five characters "a{02}" and not "aa".
# What this project does: it builds automata of RE2's expressions (src/text/pattern_automaton.cc), takes counts as RE2 does, and has none
# where a repetition follows what is empty: then documents are drawn until RE2 itself accepts one.
set -eu
version=20220601+dfsg-1+b1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "libre2-9=$version" "libre2-dev=$version"
for package in *.deb; do dpkg-deb -x "$package" root; done
library=$(find root -name 'libre2.so.9' | head -n 1)

cat >matches.cc <<'END'
#include <re2/re2.h>
#include <cstdio>
int main(int, char** words) {
  const RE2 expression(words[1], RE2::Quiet);
  std::puts(!expression.ok() ? "error" : RE2::FullMatch(words[2], expression) ? "yes" : "no");
}
END
c++ -std=c++17 -O1 -Iroot/usr/include matches.cc -o matches "$library" -Wl,-rpath,"$folder/$(dirname "$library")"

expect() {
  answer=$(./matches "$2" "$3")
  echo "$2 on \"$3\": $answer"
  [ "$answer" = "$1" ] || { echo "expected: $1" >&2; exit 1; }
}
echo "RE2 $version"
expect yes 'a(?i)*' ''
expect yes 'a(?i)*' aaa
expect no 'a(?i)' aaa
expect error '(?i)*' ''
expect yes 'a\Q\E*' aaa
expect no 'a{02}' aa
expect yes 'a{02}' 'a{02}'
expect yes 'a{2}' aa
