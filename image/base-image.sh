#!/bin/sh
# Makes the image debian:trixie-slim in the local Docker engine without any container registry: debootstrap through the
# Debian mirror that this machine's apt is set to, as root. For CI and for whoever has a Debian mirror but no registry:
#   image/base-image.sh && docker build --build-arg BASE_IMAGE=debian:trixie-slim -t corevisor .
# It is left as the suite was released, on purpose: the security upgrades are the Dockerfile's second step. Kept for a week
# in ${XDG_CACHE_HOME:-~/.cache}/corevisor; --fresh makes it anew. On a machine whose apt is not Debian's, set DEBIAN_MIRROR and
# DEBIAN_SECURITY_MIRROR to addresses like http://HOST/debian and http://HOST/debian-security.
set -eu

suite=trixie
image=debian:$suite-slim

main() {
  if [ "${1:-}" != --fresh ] && docker image inspect "$image" >/dev/null 2>&1; then
    echo "$image is there already"
    return
  fi
  archive=${XDG_CACHE_HOME:-$HOME/.cache}/corevisor/debian-$suite-slim-$(dpkg --print-architecture).tar
  if [ "${1:-}" = --fresh ] || [ -z "$(find "$archive" -mtime -7 2>/dev/null)" ]; then
    make_archive "$archive"
  fi
  docker import --change 'CMD ["bash"]' "$archive" "$image" >/dev/null
  echo "made $image"
}

make_archive() {
  mirror=${DEBIAN_MIRROR:-$(mirror_of '')}
  security=${DEBIAN_SECURITY_MIRROR:-$(mirror_of -security)}
  if [ -z "$mirror" ] || [ -z "$security" ]; then
    echo "no Debian mirror in this machine's apt configuration: set DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR" >&2
    exit 1
  fi

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  if ! debootstrap --variant=minbase "$suite" "$work/root" "$mirror" >"$work/log" 2>&1; then
    tail -n 20 "$work/log" "$work/root/debootstrap/debootstrap.log" >&2 2>/dev/null || true
    exit 1
  fi
  slim_down "$work/root"
  printf 'deb %s %s main\n' "$mirror" "$suite" "$mirror" "$suite-updates" "$security" "$suite-security" \
    >"$work/root/etc/apt/sources.list"

  mkdir -p "$(dirname "$1")"
  tar --numeric-owner -C "$work/root" -cf "$1.new" .
  mv "$1.new" "$1"
}

# The mirror that apt uses for this machine's own release, or for its "-security" suite.
mirror_of() {
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ "$(. /etc/os-release && echo "$ID")" = debian ] || return 0
  apt-get indextargets --format '$(RELEASE) $(SITE)' | awk -v release="$release$1" '$1 == release { print $2; exit }'
}

# What Debian's own slim images leave out, for the packages to come too; services are not started while packages install.
slim_down() {
  rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/var/log/*.log "$1"/var/log/apt \
    "$1"/usr/share/man/* "$1"/usr/share/info/* "$1"/usr/share/locale/*
  find "$1/usr/share/doc" -type f ! -name copyright -delete
  find "$1/usr/share/doc" -depth -type d -empty -delete
  printf 'path-exclude %s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' \
    >"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf 'path-include %s\n' '/usr/share/doc/*/copyright' >>"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf 'Acquire::Languages "none";\nAPT::Keep-Downloaded-Packages "false";\n' >"$1/etc/apt/apt.conf.d/slim"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
  : >"$1/etc/resolv.conf"
}

main "$@"
