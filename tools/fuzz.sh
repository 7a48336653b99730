#!/usr/bin/env bash
# Runs one fuzzer that is already built: tools/fuzz.sh TARGET SECONDS
# Seeds are in fuzz/corpus/TARGET; what it finds, crashes included, goes to build/fuzz/TARGET.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1
seconds=$2
work=build/fuzz/$target
mkdir -p "$work/corpus"
seeds=()
[[ ! -d fuzz/corpus/$target ]] || seeds=("fuzz/corpus/$target")
log=$work/log
if ! "build/tidy/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
  -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus" "${seeds[@]}" >"$log" 2>&1; then
  tail -n 60 "$log"
  echo "$target: crashed; the input is in $work; make it a named test"
  exit 1
fi
echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, no crash"
