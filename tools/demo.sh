#!/usr/bin/env bash
# Imports the bundled samples and asks what a trader would: tools/demo.sh PROGRAM STORE
# Every step prints the command that it runs, to be repeated and changed.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly program=$1 store=$2

show() {
  local title=$1
  shift
  printf '\n==> %s\n$ %s' "$title" "$program"
  printf ' %q' "$@" --store "$store"
  printf '\n'
  "$program" "$@" --store "$store"
}

rm -rf "$store"
show 'Import three recordings (real trades, see samples/README.md)' import samples/binance
show 'Import them again: nothing changes' import samples/binance
show 'What is in the store' instruments
show 'One-minute klines, computed from the trades' klines binance:BTCUSDT --interval 1m
show 'Footprint: who bought and who sold, per price level of 20' \
  footprint binance:BTCUSDT --interval 5m --step 20 --last 1
show 'Volume profile: point of control and value area' profile binance-um:ETHUSDT --step 0.5
show 'Volume delta and its running sum' delta binance-um:ETHUSDT --interval 1m
show 'The last trades' trades binance-cm:ETHUSD_PERP --last 5
show 'Coverage: what the store knows that it has, and what it misses' coverage binance:BTCUSDT
show 'Plain SQL over the same rows' \
  sql 'SELECT side, count(*) AS trades, sum(quantity) AS quantity FROM trades GROUP BY side ORDER BY side'
show 'How big it is' stats
printf '\nThe store is %s; go on with: %s --help\n' "$store" "$program"
