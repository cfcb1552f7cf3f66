# SPDX-License-Identifier: MIT
# Sourced by the scripts that try things in a bare Debian. $folder is where what debootstrap makes is kept.

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)

# What a bare system needs to reach the packages as this one does.
copy_settings_to() {
  cp -L /etc/resolv.conf "$1/etc/resolv.conf"
  apt-config dump | grep '^Acquire::' >"$1/etc/apt/apt.conf.d/99host" || true
  if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$1/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
  fi
}

# in_chroot SYSTEM COMMAND...: mounts of its own end with it.
in_chroot() {
  # shellcheck disable=SC2016  # the inner shell expands them
  unshare --mount --propagation private sh -euc '
    system=$1
    shift
    mount -t proc proc "$system/proc"
    mount --rbind /sys "$system/sys"
    mount --rbind /dev "$system/dev"
    exec chroot "$system" "$@"' in_chroot "$@"
}

# make_system SUITE SYSTEM: a bare Debian of the suite, which did not exist before, or is replaced.
make_system() {
  [ -d "$folder/$1" ] || { debootstrap --variant=minbase "$1" "$folder/$1.new" "$mirror" >&2 && mv "$folder/$1.new" "$folder/$1"; }
  rm -rf "$2"
  cp -a "$folder/$1" "$2"
  copy_settings_to "$2"
}
