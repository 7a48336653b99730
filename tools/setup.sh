#!/usr/bin/env bash
# Installs what is missing and fetches the pinned DuckDB.
#
#   tools/setup.sh build          what a build needs
#   tools/setup.sh build check    what the tests and checks need on top
#
# Writes .deps/ only. When all is there it runs nothing and needs neither network nor root.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

# Packages of the groups asked for that are neither installed nor a command on PATH.
missing_packages() {
  local group package why wanted=" $* "
  while read -r group package why; do
    [[ -n $why && $wanted == *" $group "* ]] || continue
    command -v "$package" >/dev/null && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && continue
    printf '%s\n' "$package"
  done < <(grep -v '^#' tools/debian-packages.txt)
}

install_packages() {
  local missing=() root=()
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]]; then
    echo "Debian packages: all there"
    return
  fi
  echo "Debian packages to install: ${missing[*]}"
  command -v apt-get >/dev/null || fail "no apt-get here: install the packages named above, then run this again"
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null ||
      fail "installing needs root: run './dev setup' once as root, or install sudo"
    root=(sudo)
  fi
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
  "${apt[@]}" update >/dev/null || fail "apt-get update failed: is there a network?"
  local log
  log=$(mktemp)
  if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# Fetches one tarball and leaves the wanted members in $4; npm's own cache stays out of $HOME.
fetch_package() {
  local name=$1 version=$2 sha256=$3 into=$4 try
  shift 4
  local tarball=$into.tgz
  for try in 1 2 3; do
    rm -rf "$into.download" && mkdir "$into.download"
    npm pack --silent --cache "$into.cache" --pack-destination "$into.download" "$name@$version" \
      </dev/null >/dev/null && break
    [[ $try -lt 3 ]] || fail "cannot fetch $name@$version: is there a network? With a libduckdb of your own, set DUCKDB_ROOT to the folder that holds duckdb.h and libduckdb.so"
    sleep $((try * 3))
  done
  mv "$into.download"/*.tgz "$tarball"
  echo "$sha256  $tarball" | sha256sum --check --status ||
    fail "$name@$version has sha256 $(sha256sum <"$tarball" | cut -d' ' -f1), expected $sha256 (tools/duckdb.lock)"
  local member
  for member in "$@"; do
    tar -xzOf "$tarball" "$member" >"$into/${member##*/}"
  done
  rm -rf "$tarball" "$into.download" "$into.cache"
}

fetch_duckdb() {
  if [[ -n ${DUCKDB_ROOT:-} ]]; then
    echo "DuckDB: taken from DUCKDB_ROOT ($DUCKDB_ROOT)"
    return
  fi
  local pins
  pins=$(grep -v '^#' tools/duckdb.lock)
  if [[ $(cat .deps/duckdb/stamp 2>/dev/null) == "$pins" ]]; then
    echo "DuckDB: there, as pinned in tools/duckdb.lock"
    return
  fi
  [[ $(uname -m) == x86_64 ]] || fail "the pinned DuckDB is for x86-64: set DUCKDB_ROOT to a libduckdb for $(uname -m)"
  mkdir -p .deps
  local work name version sha256 members
  work=$(mktemp -d .deps/fetch.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/duckdb"
  while read -r name version sha256 members; do
    echo "DuckDB: fetching $name@$version"
    # Word splitting is meant: the members of one tarball.
    # shellcheck disable=SC2086
    fetch_package "$name" "$version" "$sha256" "$work/duckdb" $members
  done <<<"$pins"
  printf '%s\n' "$pins" >"$work/duckdb/stamp"
  # The old folder steps aside and the whole new one takes its place; a stopped run leaves either.
  [[ ! -e .deps/duckdb ]] || mv .deps/duckdb "$work/old"
  mv "$work/duckdb" .deps/duckdb
  rm -rf "$work"
  trap - EXIT
}

install_packages "$@"
fetch_duckdb
