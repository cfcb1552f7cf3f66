# SPDX-License-Identifier: MIT
# Sourced by run, test, bench/run, .ci/run and the scripts beside it: the Debian packages that each needs, how they get
# installed, and whether a build is usable.
# The package names stand here and nowhere else.

library_packages="libfmt-dev libcli11-dev libhwy-dev nlohmann-json3-dev librandom123-dev nettle-dev libre2-dev"
build_packages="g++ cmake ninja-build $library_packages"
mpi_packages="libopenmpi-dev openmpi-bin"  # for ranks only: ./run builds them in where these are installed
python_packages="pybind11-dev python3-dev python3-numpy"  # of the Python module
test_packages="$build_packages $mpi_packages $python_packages libgtest-dev pkg-config python3 python3-onnx"
bench_packages="$build_packages libbenchmark-dev python3"
bench_peer_packages="python3-torch libopenblas0-openmp"  # optional: measured where they are installed
web_packages="clang-19 lld-19 llvm-19 emscripten cmake ninja-build $library_packages"  # ./run web; and node, with npm
web_test_packages="chromium"
aarch64_packages="libc6-dev $library_packages"           # arm64's, in a folder of their own: scripts/aarch64_sysroot
elsewhere_packages="g++-aarch64-linux-gnu qemu-user"     # of scripts/same_bits.py; its tests are skipped where there are none
bare_debian_packages="debootstrap git"
ci_packages="$test_packages jq miller sqlite3 python3-pandas abigail-tools python3-sklearn doxygen libbenchmark-dev git clang clang-format clang-tidy libclang-rt-dev qemu-user"

missing_packages() {
  for package in "$@"; do
    case $(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null) in
      installed*) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

# Installs what is missing of "$@", or names it and stops. MICROGPT_NO_INSTALL=1 takes the packages for granted.
require_packages() {
  [ -z "${MICROGPT_NO_INSTALL:-}" ] || return 0
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "microgpt is built from Debian's packages, and this system has no apt-get. Install what corresponds to" >&2
    echo "  $*" >&2
    echo "and call this command again with MICROGPT_NO_INSTALL=1." >&2
    exit 1
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null; then
    as_root=sudo
  else
    echo "Debian packages are missing, and installing them takes root. As root, call:" >&2
    echo "  apt-get install $missing" >&2
    exit 1
  fi
  echo "Installing Debian packages: $missing" >&2
  $as_root apt-get update -qq >&2
  # shellcheck disable=SC2086  # one word a package
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}

# is_configured ROOT BUILD: whether the build folder was made for these sources, where they lie now.
is_configured() {
  [ -f "$2/build.ninja" ] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$1" "$2/CMakeCache.txt"
}

# Whether MPI can be built, and is there to be run.
has_mpi() { command -v mpirun >/dev/null && command -v mpicxx >/dev/null; }

# builds_mpi BUILD: whether the build folder is configured for it.
builds_mpi() { grep -qxF "MICROGPT_MPI:BOOL=ON" "$1/CMakeCache.txt"; }

# Node.js and npm, of a version that builds the page; the one that is there, or Debian's.
require_node() {
  command -v npm >/dev/null || require_packages nodejs npm
  if ! node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)'; then
    echo "The page is built with Node.js 18 or later, as Debian 12 has it; this is $(node --version)." >&2
    exit 1
  fi
}
