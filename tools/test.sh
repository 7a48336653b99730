#!/usr/bin/env bash
# What `./dev test` and CI run after the set-up. A failed stage does not stop the later ones, so that
# one run shows all there is to mend; the last line sums up: `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."

readonly jobs=${TAPEDECK_JOBS:-$(nproc)}
# What reads the words of a venue is looked at longest.
readonly fuzz_seconds=$([[ ${CI:-} == true ]] && echo 10 || echo 5)
readonly fuzz_seconds_of_venues=$([[ ${CI:-} == true ]] && echo 60 || echo 5)
mkdir -p build/test
rm -f build/test/*
passed=0
failed=0
times=()

# stage NAME COMMAND…: runs it, adds what it counted in build/test/count (nothing: it counts as one).
stage() {
  local name=$1 start=$SECONDS status=0 counts=() verdict=ok
  shift
  printf '\n==> %s\n' "$name"
  rm -f build/test/count
  "$@" || status=$?
  read -r -a counts 2>/dev/null <build/test/count || counts=()
  if [[ ${#counts[@]} -eq 2 ]]; then
    passed=$((passed + counts[0]))
    failed=$((failed + counts[1]))
    [[ $status -eq 0 || ${counts[1]} -gt 0 ]] || failed=$((failed + 1))
  elif [[ $status -eq 0 ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  [[ $status -eq 0 ]] || verdict=FAILED
  times+=("$(printf '%-42s %5d s  %s' "$name" $((SECONDS - start)) "$verdict")")
  return "$status"
}

build() { ./dev build "$@"; }

run_ctest() {
  local preset=$1 status=0
  ctest --preset "$preset" --output-junit "$PWD/build/test/$preset.xml" >"build/test/$preset.log" 2>&1 ||
    status=$?
  if [[ $status -eq 0 ]]; then
    grep -E '^ *[0-9]+/[0-9]+ Test|tests passed' "build/test/$preset.log"
  else
    cat "build/test/$preset.log"
  fi
  tools/count_tests.py "build/test/$preset.xml" >build/test/count
  return "$status"
}

run_check() {
  local status=0
  tools/check.sh shape | tee build/test/check.log || status=$?
  tail -n 1 build/test/check.log | sed -n 's/.*: \([0-9]*\) passed, \([0-9]*\) failed/\1 \2/p' >build/test/count
  return "$status"
}

# Installs, moves the folder, and builds and runs a project of its own against it.
use_installed_package() {
  local moved=build/prefix
  rm -rf build/prefix build/prefix.made build/find_package
  cmake --install build/release --prefix build/prefix.made >build/test/install.log &&
    mv build/prefix.made "$moved" &&
    "$moved/bin/tapedeck" --version &&
    cmake -S examples/find_package -B build/find_package -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_PREFIX_PATH="$PWD/$moved" >build/test/find_package.log &&
    cmake --build build/find_package &&
    build/find_package/find_package_example
}

run_demo() {
  tools/demo.sh build/release/tapedeck build/test/demo.deck >build/test/demo.log 2>&1 ||
    { cat build/test/demo.log; return 1; }
  echo "$(grep -c '^\$ ' build/test/demo.log) commands ran"
}

build_fuzzers() {
  local targets
  mapfile -t targets < <(./dev fuzz)
  [[ ${#targets[@]} -eq 0 ]] || build tidy "${targets[@]}"
}

run_fuzzers() {
  local targets good target
  targets=$(./dev fuzz)
  for target in $targets; do
    [[ $target == *_messages_fuzz ]] && echo "$target $fuzz_seconds_of_venues" || echo "$target $fuzz_seconds"
  done | xargs -r -P "$jobs" -L 1 nice tools/fuzz.sh | tee build/test/fuzz.log
  good=$(grep -c 'no crash$' build/test/fuzz.log)
  echo "$good $(($(printf '%s\n' "$targets" | wc -w) - good))" >build/test/count
  [[ $good -eq $(printf '%s\n' "$targets" | wc -w) ]]
}

# Counts of an older build would be added to, with words on stderr.
test_with_coverage() {
  find build/coverage -name '*.gcda' -delete
  run_ctest coverage
}

print_coverage() {
  gcovr --root . --object-directory build/coverage --filter src/ --filter include/ \
    --exclude-unreachable-branches --gcov-ignore-parse-errors -j "$jobs" >build/test/coverage.txt \
    2>build/test/coverage.log || { cat build/test/coverage.log; return 1; }
  cat build/test/coverage.txt
}

if stage "build (ASan, UBSan, -Werror, coverage)" build coverage; then
  stage "test" test_with_coverage
  stage "line coverage" print_coverage
fi
stage "check" run_check
if stage "build tsan" build tsan tapedeck_tests; then
  stage "test threads (TSan)" run_ctest tsan
fi
stage "lint (clang-tidy 14)" tools/check.sh lint
if stage "build release (LTO), benchmarks too" build release; then
  stage "demo" run_demo
  stage "a shuffled tape is the tape in order" build/release/bench/tapedeck_shuffled 2000000
  stage "install, move, find_package" use_installed_package
fi
if stage "build fuzzers (clang)" build_fuzzers; then
  stage "fuzz, $fuzz_seconds s each, of venues $fuzz_seconds_of_venues s" run_fuzzers
fi

printf '\n==> Summary (%d s)\n' "$SECONDS"
printf '%s\n' "${times[@]}"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
