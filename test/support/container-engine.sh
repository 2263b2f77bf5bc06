#!/bin/sh
# A Docker engine for the container tests: the one that answers already, or else a private one, as root, whose every file is
# in the directory given and whose published ports are on loopback only. Needs Debian's docker.io.
#   eval "$(test/support/container-engine.sh start DIR)"     sets DOCKER_HOST where a private one was started
#   test/support/container-engine.sh stop DIR                ends that one, by its pid, and removes DIR; else nothing
set -eu

main() {
  PATH=$PATH:/usr/sbin:/sbin
  case ${1:-}:${2:-} in
    start:?*) start_engine "$2" ;;
    stop:?*) stop_engine "$2" ;;
    *) echo "usage: $0 start|stop DIR" >&2; exit 2 ;;
  esac
}

start_engine() {
  if docker version >/dev/null 2>&1; then return; fi
  mkdir -p "$1"
  [ -d /sys/class/net/docker0 ] || touch "$1/bridge-is-ours"
  setsid dockerd --host "unix://$1/docker.sock" --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/dockerd.pid" \
    --exec-opt native.cgroupdriver=cgroupfs --ip 127.0.0.1 >"$1/dockerd.log" 2>&1 </dev/null &
  export DOCKER_HOST="unix://$1/docker.sock"
  tries=0
  until docker version >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 150 ]; then
      echo "dockerd did not answer within 30 s:" >&2
      tail -n 20 "$1/dockerd.log" >&2
      exit 1
    fi
    sleep 0.2
  done
  echo "export DOCKER_HOST=$DOCKER_HOST"
}

stop_engine() {
  [ -d "$1" ] || return 0
  pid=$(cat "$1/dockerd.pid" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 150 ]; do
      tries=$((tries + 1))
      sleep 0.2
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  if [ -e "$1/bridge-is-ours" ]; then ip link delete docker0 2>/dev/null || true; fi
  # What dockerd leaves mounted (its network namespace, at least), innermost first.
  awk -v dir="$1/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount "$mount"; done
  rm -rf "$1"
}

main "$@"
