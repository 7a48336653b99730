#!/usr/bin/env bash
# Imports the bundled samples and asks what a trader would: tools/demo.sh PROGRAM STORE
# Every step prints the command that it runs, to be repeated and changed.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly program=$1 store=$2

# A word as one would type it: in quotes only where the shell needs them.
typed() {
  if [[ $1 =~ ^[A-Za-z0-9_./:=-]+$ ]]; then printf ' %s' "$1"; else printf " '%s'" "$1"; fi
}

step() {
  local title=$1 word
  shift
  printf '\n==> %s\n$ %s' "$title" "$program"
  for word in "$@" --store "$store"; do typed "$word"; done
  printf '\n'
  "$program" "$@" --store "$store" 2>&1
}

rm -rf "$store"
step 'Import three recordings (real trades, see samples/README.md)' import samples/binance
step 'Import them again: nothing changes' import samples/binance
step 'What is in the store' instruments --format table
step 'One-minute klines, computed from the trades' \
  klines binance:BTCUSDT --interval 1m --format table
step 'Footprint: who bought and who sold, per price level of 20' \
  footprint binance:BTCUSDT --interval 1m --step 20 --from 2024-08-08T23:57 --to 2024-08-08T23:59 --format table
step 'Volume profile: point of control and value area' \
  profile binance-um:ETHUSDT --step 0.25 --format table
step 'Volume delta and its running sum' delta binance-um:ETHUSDT --interval 1m --format table
step 'The last trades' trades binance-cm:ETHUSD_PERP --last 5 --format table
step 'Coverage: what the store knows that it has' coverage binance:BTCUSDT --format table
step 'A recording of raw messages: its order book, checked by the numbers of its updates' \
  import --report samples/recordings
step 'The book at an instant' \
  book binance-um:ETHUSDT --at 2024-07-18T23:57:30 --levels 5 --format table
step 'Plain SQL over the same rows' sql --format table \
  'SELECT venue, symbol, side, count(*) AS trades, max(quantity) AS largest FROM trades GROUP BY ALL ORDER BY ALL'
step 'How big it is' stats --format table
printf '\nThe store is %s; go on with: %s --help\n' "$store" "$program"
