#!/bin/sh
# SPDX-License-Identifier: MIT
# Highway's shared library, as Debian 12 has it, times the processor's clock whenever a program that is linked with it starts.
#
# Guess: a library that is nearly all headers, and asked once for the instruction sets of the processor, costs what it costs to
# map it, some tens of microseconds.
# Seen: a constructor of the library measures how finely the time-stamp counter counts, for its benchmarks. It takes 3 to 4 ms
# of a program's start on the processor that this was found on, where all else before main takes 0.1 ms.
# What this project does: it includes the headers, and looks at the processor by itself (src/simd/target.cc).
set -eu
version=1.0.3-3+deb12u1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "libhwy1=$version" "libhwy-dev=$version"
for package in *.deb; do dpkg-deb -x "$package" root; done
library=$(find root -name 'libhwy.so.1' | head -n 1)

cat >start.cc <<'END'
#include <hwy/targets.h>
#include <time.h>
#include <cstdio>
static double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}
static double begin;
static void before_libraries() { begin = now(); }
// Runs before the constructors of the libraries do.
__attribute__((section(".preinit_array"), used)) static void (*const hook)() = before_libraries;
int main() {
  std::printf("%.3f\n", now() - begin);
#ifdef WITH_LIBRARY
  return hwy::SupportedTargets() == 0;
#endif
}
END
c++ -O1 -Iroot/usr/include start.cc -o without
c++ -O1 -DWITH_LIBRARY -Iroot/usr/include start.cc -o with "$library" \
  -Wl,-rpath,"$folder/$(dirname "$library")"

# The least of nine starts, in milliseconds: what a program cannot avoid.
least() { for _ in 1 2 3 4 5 6 7 8 9; do "./$1"; done | sort -n | head -n 1; }
without=$(least without)
with=$(least with)
echo "Highway $version: $with ms from the first instruction of the libraries to main; without the library $without ms"
awk -v with="$with" -v without="$without" 'BEGIN { exit !(with > without + 0.5 && with > 5 * without) }' || {
  echo "that is no longer so: the library starts quickly"
  exit 1
}
