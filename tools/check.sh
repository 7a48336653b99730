#!/usr/bin/env bash
# What `./dev check` runs, quickest first. Every check runs, also after one that failed; the last line
# counts them.
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0
failed=0
check() {
  local name=$1
  shift
  printf '\n==> Check: %s\n' "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$name"
  fi
}

format() {
  git ls-files -z -co --exclude-standard '*.cpp' '*.hpp' |
    xargs -0 clang-format-14 --dry-run -Werror || { echo 'run ./dev fmt'; return 1; }
}

configure() { cmake --preset "$1" >"build/$1.configure.log" 2>&1 || { cat "build/$1.configure.log"; return 1; }; }

headers() {
  configure "$1" && nice cmake --build "build/$1" -j "$jobs" --target all_verify_interface_header_sets
}

tidy() { configure tidy && nice tools/tidy.py build/tidy "$jobs"; }

jobs=${TAPEDECK_JOBS:-$(nproc)}
mkdir -p build
# `shape`: all but the linter; `lint`: the linter alone; nothing: everything. Only with nothing is every
# header compiled here: the others are for tools/test.sh, whose release build compiles most of them alone.
if [[ ${1:-all} != lint ]]; then
  check "tree (ranks, names, sizes, mirror tests)" tools/check_tree.py
  check "docs (links, commands)" tools/check_docs.py
  check "format (clang-format 14)" format
  check "every header compiles alone" headers "$([[ ${1:-} == shape ]] && echo coverage || echo dev)"
fi
if [[ ${1:-all} != shape ]]; then
  check "lint (clang-tidy 14)" tidy
fi
printf '\ncheck: %d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
