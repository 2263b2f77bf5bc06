#!/bin/sh
# Keeps out of the image what Debian's packages bring and nothing of it reads at run time, now and through every upgrade:
# dpkg skips the files of image/left-out.dpkg from here on, those that are there already go, and an empty package stands in
# for two that others ask for. Run in the build, as root, before Node and nginx are installed; $1 is that list.
set -eu

# node-corepack is a package manager; iproute2, with its Kerberos, BPF and ELF libraries, is there for the one moment in
# which nginx's installation looks whether port 80 is free.
stand_in_for='iproute2, node-corepack'

main() {
  set -f
  install -m 0644 "$1" /etc/dpkg/dpkg.cfg.d/corevisor
  kept=$(sed -n 's/^path-include=//p' "$1")
  for pattern in $(sed -n 's/^path-exclude=//p' "$1"); do
    find / -xdev -path "$pattern" ! -type d | while read -r file; do is_kept "$file" || rm -f "$file"; done
  done
  install_stand_in
}

is_kept() {
  for pattern in $kept; do
    # shellcheck disable=SC2254
    case $1 in $pattern) return 0 ;; esac
  done
  return 1
}

install_stand_in() {
  work=$(mktemp -d)
  mkdir "$work/DEBIAN"
  cat >"$work/DEBIAN/control" <<CONTROL
Package: corevisor-left-out
Version: 1
Architecture: all
Maintainer: Corevisor <noreply@localhost>
Provides: $stand_in_for
Description: stands in for packages that the image does without
CONTROL
  dpkg-deb --root-owner-group --build "$work" "$work.deb" >/dev/null
  dpkg --install "$work.deb" >/dev/null
  rm -rf "$work" "$work.deb"
}

main "$@"
