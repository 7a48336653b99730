#!/usr/bin/env python3
"""Compares what the program answers with what recompute.py computes from the archives, to the last
digit: on generated archives always, on the recorded ones where they are.

    tests/oracle/run_oracle.py [BINARY] [--shared DIR] [--self-test] [--keep DIR]

BINARY defaults to $TAPEDECK. Each kind of comparison proves once that it can fail; with --self-test
every comparison does so, for every column.
"""

import argparse
import collections
import csv
import decimal
import io
import os
import pathlib
import subprocess
import sys
import tempfile

import archives
import recompute
import tables
import worked
from answers import (DELTA, FOOTPRINT, HEATMAP, KLINE, PROFILE, TRADES, delta_rows, event_rows,
                     footprint_rows, heatmap_rows, kline_rows, profile_rows, trade_rows)
from given import check_coverage, check_given, given_decimal
from recompute import DAY, iso

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOWN = 5  # differences printed of one comparison


def differences(columns, expected, found):
    """[(place, column, expected, found)]; a row is a tuple of texts, its first field the place."""
    if len(expected) != len(found):
        yield "", "rows", str(len(expected)), str(len(found))
    for want, have in zip(expected, found):
        if want != have:
            for column, left, right in zip(columns, want, have):
                if left != right:
                    yield want[0], column, left, right


class Oracle:
    def __init__(self, binary, prove_all):
        self.binary = binary
        self.prove_all = prove_all
        self.proven = set()
        self.passed = self.failed = self.values = 0
        self.store = None

    # The program

    def run(self, *arguments):
        done = subprocess.run([self.binary, *map(str, arguments), "--store", self.store],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            self.fail(f"{' '.join(map(str, arguments))}: exit {done.returncode}: "
                      f"{done.stderr.strip()}")
        return done.stdout

    def rows(self, *arguments):
        """(columns, rows) of an answer."""
        lines = [tuple(line) for line in csv.reader(io.StringIO(self.run(*arguments, "--format",
                                                                         "csv")))]
        return (lines[0], lines[1:]) if lines else ((), [])

    def sql(self, statement):
        return self.rows("sql", statement)[1]

    # Comparisons

    def fail(self, text):
        self.failed += 1
        print(f"FAIL {text}")

    def compare(self, kind, instrument, what, columns, expected, answer):
        """Expected rows against the (columns, rows) found."""
        have_columns, found = answer
        if tuple(have_columns) != tuple(columns):
            self.fail(f"{instrument} {what}: columns {have_columns}, expected {columns}")
            return
        lines = list(differences(columns, expected, found))
        for place, column, want, have in lines[:SHOWN]:
            print(f"  {instrument}  {what}  {place}  {column}: expected {want}, found {have}")
        if lines:
            self.fail(f"{instrument} {what}: {len(lines)} differences")
            return
        self.passed += 1
        self.values += len(expected) * len(columns)
        if expected and (self.prove_all or kind not in self.proven):
            self.prove(kind, instrument, what, columns, expected, found)

    def prove(self, kind, instrument, what, columns, expected, found):
        """One wrong value in a column, and one row less, must be noticed."""
        self.proven.add(kind)
        at = len(expected) // 2
        for column in range(len(columns)):
            wrong = list(expected[at])
            wrong[column] = wrong[column][:-1] + ("1" if wrong[column][-1:] != "1" else "2")
            planted = expected[:at] + [tuple(wrong)] + expected[at + 1:]
            if [line[1] for line in differences(columns, planted, found)] != [columns[column]]:
                self.fail(f"{instrument} {what}: a wrong {columns[column]} is not noticed")
        if not any(differences(columns, expected[:at] + expected[at + 1:], found)):
            self.fail(f"{instrument} {what}: a missing row is not noticed")

    def value(self, instrument, what, expected, found):
        self.compare("value", instrument, what, ("what", "value"), [(what, str(expected))],
                     (("what", "value"), [(what, str(found))]))

    def command(self, kind, tape, columns, expected, *arguments):
        what = " ".join(map(str, arguments[:1] + arguments[2:]))
        self.compare(kind, tape.name, what, columns, expected, self.rows(*arguments))


# What is asked of one tape

def check_trades(oracle, tape):
    rows = tape.rows()
    oracle.command("trades", tape, TRADES, trade_rows(tape, rows), "trades", tape.name)
    venue, symbol = tape.name.split(":")
    where = f"venue = '{venue}' AND symbol = '{symbol}'"
    found = oracle.sql(f"SELECT count(*), sum(quantity), min(trade_id), max(trade_id), "
                       f"count(*) FILTER (side = 'sell') FROM trades WHERE {where}")[0]
    total = decimal.Decimal(sum(row[3] for row in rows)).scaleb(-tape.qty_digits)
    oracle.value(tape.name, "SQL count", len(rows), found[0])
    oracle.value(tape.name, "SQL sum(quantity)", recompute.plain_text(total), found[1])
    oracle.value(tape.name, "SQL ids", (min(r[1] for r in rows), max(r[1] for r in rows)),
                 (int(found[2]), int(found[3])))
    oracle.value(tape.name, "SQL sells", sum(r[4] for r in rows), found[4])


def check_klines(oracle, tape, intervals):
    rows = tape.rows()
    for interval in intervals:
        oracle.command("klines", tape, KLINE, kline_rows(tape, rows, interval), "klines", tape.name,
                       "--interval", interval)


def check_part(oracle, tape):
    """A range that begins and ends inside of bars: bars that begin in it, whole."""
    rows = tape.rows()
    begin, end = rows[len(rows) // 4][0], rows[len(rows) * 3 // 4][0]
    part = ("--from", iso(begin), "--to", iso(end))
    inside = tape.rows(begin=begin, end=end)
    oracle.command("trades", tape, TRADES, trade_rows(tape, inside), "trades", tape.name, *part)
    for interval in ("1m", "1h"):
        touched = [row for row in rows if begin <= recompute.bucket_begin(interval, row[0]) < end]
        oracle.command("klines", tape, KLINE, kline_rows(tape, touched, interval), "klines",
                       tape.name, "--interval", interval, *part)
        oracle.command("delta", tape, DELTA, list(delta_rows(tape, touched, interval)), "delta",
                       tape.name, "--interval", interval, *part)
        oracle.command("footprint", tape, FOOTPRINT,
                       footprint_rows(tape, recompute.footprints(touched, interval)), "footprint",
                       tape.name, "--interval", interval, *part)
    oracle.command("profile", tape, PROFILE,
                   profile_rows(tape, recompute.levels(inside), "single", 70), "profile", tape.name,
                   *part)


def check_levels(oracle, tape, steps):
    rows = tape.rows()
    for step, rule in (("", "floor"), *((step, rule) for step in steps
                                        for rule in ("floor", "side"))):
        flags = ("--step", step, "--step-rule", rule) if step else ()
        width = recompute.units(decimal.Decimal(step), tape.price_digits) if step else 1
        for interval in ("1m", "5m"):
            oracle.command("footprint", tape, FOOTPRINT, footprint_rows(
                tape, recompute.footprints(rows, interval, width, rule)), "footprint", tape.name,
                "--interval", interval, *flags)
        if rule == "floor":
            for area in ("single", "pairs"):
                oracle.command("profile", tape, PROFILE, profile_rows(
                    tape, recompute.levels(rows, width), area, 70), "profile", tape.name,
                    "--value-area-rule", area, *flags)
    for interval in ("100ms", "1s"):
        oracle.command("heatmap", tape, HEATMAP, heatmap_rows(
            tape, recompute.footprints(rows, interval)), "heatmap", tape.name, "--interval",
            interval)


def check_delta(oracle, tape, intervals=("1m", "1h")):
    rows = tape.rows()
    for interval in intervals:
        oracle.command("delta", tape, DELTA, list(delta_rows(tape, rows, interval)), "delta",
                       tape.name, "--interval", interval)


def check_event_bars(oracle, tape, sizes):
    rows = tape.rows()
    digits = {"trades": 0, "volume": tape.qty_digits, "range": tape.price_digits,
              "notional": tape.price_digits + tape.qty_digits}
    for rule, size in sizes:
        count = recompute.units(decimal.Decimal(size), digits[rule])
        oracle.command("bars", tape, ("time", "end", *KLINE[1:]), event_rows(tape, rows, rule, count),
                       "bars", tape.name, f"--{rule}", size)


def check_value_areas(oracle, tape):
    """Many windows: each breaks ties in its own way."""
    begin = tape.rows()[0][0] // DAY * DAY
    for number in range(10):
        part = (begin + number * 1_000 * recompute.SECOND, begin + (number + 1) * 1_300 *
                recompute.SECOND)
        levels = recompute.levels(tape.rows(begin=part[0], end=part[1]))
        for rule, share in (("single", 70), ("pairs", 70), ("single", 37), ("pairs", 90)):
            oracle.command("profile", tape, PROFILE, profile_rows(tape, levels, rule, share),
                           "profile", tape.name, "--from", iso(part[0]), "--to", iso(part[1]),
                           "--value-area-rule", rule, "--value-area", share)


def coverage_rows(dataset, stretches):
    """Stretches in order, and between two of them the ids that are missing. A gap inside of one
    instant has no extent."""
    before = None
    for part in stretches:
        if before:
            yield (dataset, iso(min(before.end, part.begin)), iso(part.begin),
                   str(before.last_id + 1), str(part.first_id - 1), "gap")
        yield (dataset, iso(part.begin), iso(part.end), str(part.first_id), str(part.last_id),
               "recorded")
        before = part


def check_tape_coverage(oracle, tape):
    for grain, dataset in recompute.DATASETS.items():
        if tape.coverage(grain):
            check_coverage(oracle, tape.name, list(coverage_rows(dataset, tape.coverage(grain))),
                           dataset)


# Importing

TABLES = ("instruments", "trades", "superseded", "bars", "open_interest", "coverage")


def dump(oracle, tables=TABLES):
    return {table: oracle.run("sql", f"SELECT * FROM tape.{table} ORDER BY ALL", "--format", "csv")
            for table in tables}


def import_load(oracle, tapes, load):
    oracle.run("import", load.path, *load.flags)
    if load.kind in recompute.GRAINS:
        tape = tapes.setdefault(load.tape, recompute.Tape(load.tape))
        stored = tape.load(load.path, load.kind)
        found = oracle.sql(f"SELECT count(*) FROM tape.trades t JOIN instruments i USING "
                           f"(instrument_id) WHERE i.instrument = '{load.tape}'")
        oracle.value(load.tape, f"rows stored after {load.path.name}",
                     sum(len(rows) for rows in tape.stored.values()), found[0][0])
        return stored
    return 0


def check_again(oracle, what, before, loads, tables=TABLES):
    """The same files once more, in one call for each set of flags: nothing changes."""
    groups = collections.defaultdict(list)
    for load in loads:
        groups[load.flags].append(load.path)
    for flags, paths in groups.items():
        oracle.run("import", *paths, *flags)
    after = dump(oracle, tables)
    for table in tables:
        lines = [(line,) for line in before[table].splitlines()]
        oracle.compare("dump", what, f"tape.{table} after a second import", ("row",), lines,
                       (("row",), [(line,) for line in after[table].splitlines()]))


def load_contract_sizes(oracle, tapes):
    """Contract sizes are the venue's facts, not in the archives: 100 USD for BTC, else 10."""
    for name, size in oracle.sql("SELECT instrument, contract_size FROM instruments WHERE inverse"):
        true_size = 100 if name.startswith("binance-cm:BTCUSD") else 10
        if size:
            oracle.value(name, "contract_size", true_size, given_decimal(size))
            tapes[name].contract_size = decimal.Decimal(true_size)


def check_generated(oracle, folder):
    tapes = {}
    groups = archives.generate(folder)
    for group in groups:
        for load in group:
            import_load(oracle, tapes, load)
    load_contract_sizes(oracle, tapes)
    loads = [load for group in groups for load in group]
    before = dump(oracle)
    check_again(oracle, "generated", before, loads)
    repacked = [archives.repacked(load, folder) for load in loads if not load.flags]
    check_again(oracle, "generated, repacked", before, repacked,
                ("trades", "superseded", "bars", "open_interest"))

    for tape in tapes.values():
        check_trades(oracle, tape)
        check_tape_coverage(oracle, tape)
    some = ("300ms", "1s", "1m", "5m", "1h", "1d")
    for name in ("binance:BTCUSDT", "binance:DUALUSDT"):
        check_klines(oracle, tapes[name], recompute.INTERVALS)
    for name in ("binance-um:MEMEUSDT", "binance-um:STEPUSDT", "binance-cm:BTCUSD_PERP"):
        check_klines(oracle, tapes[name], some)
    for name, steps in (("binance:BTCUSDT", ("0.05", "10")), ("binance-um:STEPUSDT", ("0.3",)),
                        ("binance-um:MEMEUSDT", ("0.00000001",)), ("binance:DUALUSDT", ())):
        check_levels(oracle, tapes[name], steps)
        check_delta(oracle, tapes[name])
        check_part(oracle, tapes[name])
    check_value_areas(oracle, tapes["binance-um:TIESUSDT"])
    for name, sizes in (
            ("binance:BTCUSDT", (("trades", "100"), ("volume", "12.5"), ("notional", "1000000.5"),
                                 ("range", "0.25"))),
            ("binance-um:MEMEUSDT", (("trades", "7"), ("volume", "100000000000"),
                                     ("notional", "1234567.000000000001"),
                                     ("range", "0.000000000042"))),
            ("binance-um:STEPUSDT", (("volume", "33.001"), ("range", "1.001"))),
            ("binance-cm:BTCUSD_PERP", (("trades", "250"), ("notional", "10000000")))):
        check_event_bars(oracle, tapes[name], sizes)
    dual = tapes["binance:DUALUSDT"]
    for grain in ("trade", "aggregate"):
        rows = dual.rows(grain)
        oracle.command("trades", dual, TRADES, trade_rows(dual, rows), "trades", dual.name, "--grain",
                       grain)
        oracle.command("klines", dual, KLINE, kline_rows(dual, rows, "1h", grain), "klines",
                       dual.name, "--interval", "1h", "--grain", grain)
    check_given(oracle, loads)


# (tape, kind, file, flags)
RECORDED = (
    ("binance:XRPETH", "aggTrades", "XRPETH-aggTrades-2019-10-11.zip", "--market spot"),
    ("binance:BTCUSDT", "trades", "spot-BTCUSDT-trades-2024-08-08.zip", "--market spot"),
    ("binance:TRXUSDT", "trades", "spot-TRXUSDT-trades-2025-03-04-part1.zip",
     "--market spot"),
    ("binance-um:ETHUSDT", "trades", "um-ETHUSDT-trades-2024-07-18.zip", "--market um"),
    ("binance-cm:ETHUSD_PERP", "trades", "cm-ETHUSD_PERP-trades-2024-08-08.zip",
     "--market cm"),
    ("binance-um:NOTEUSDT", "trades", "excerpts/um_trades_excerpt.csv",
     "--market um --symbol NOTEUSDT --kind trades"),
    ("binance-cm:BTCUSD_PERP", "aggTrades", "excerpts/cm_aggTrades_excerpt_BTCUSD_PERP.csv",
     "--market cm --symbol BTCUSD_PERP --kind aggTrades"),
    ("binance:ADABTC", "klines", "ADABTC-1m-2021-11-27.csv", "--market spot"),
    ("binance-um:LTCUSDT", "klines", "LTCUSDT-1m-2026-02.zip", "--market um"),
    ("binance-um:NEARUSDT", "klines", "NEARUSDT-1m-2025-02.zip", "--market um"),
    ("binance:BTCUSDT", "klines", "spot-BTCUSDT-1h-2024-12.zip", "--market spot"),
    ("binance:BTCUSDT", "klines", "spot-BTCUSDT-1h-2025-01.zip", "--market spot"),
    ("binance-um:1000000BOBUSDT", "metrics", "excerpts/um_metrics_excerpt.csv",
     "--market um --symbol 1000000BOBUSDT --kind metrics"))


def check_recorded(oracle, folder):
    tapes, loads = {}, []
    for tape, kind, file, flags in RECORDED:
        loads.append(archives.Load(tape, kind, folder / file, tuple(flags.split())))
        import_load(oracle, tapes, loads[-1])
    load_contract_sizes(oracle, tapes)
    check_again(oracle, "recorded", dump(oracle), loads)
    for tape in tapes.values():
        check_trades(oracle, tape)
        check_tape_coverage(oracle, tape)
        check_klines(oracle, tape, ("1m", "5m"))
        check_levels(oracle, tape, ())
        check_delta(oracle, tape, ("1m",))
    check_given(oracle, loads)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?", default=os.environ.get("TAPEDECK"))
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("TAPEDECK_SHARED") or ROOT.parent / "shared",
                        help="folder that holds data/binance_csv")
    parser.add_argument("--self-test", action="store_true",
                        help="every comparison proves for every column that it can fail")
    parser.add_argument("--keep", type=pathlib.Path, help="work here and leave everything")
    options = parser.parse_args()
    if not options.binary:
        parser.error("name the program, or set TAPEDECK")
    os.environ["TAPEDECK_STORE"] = ""
    oracle = Oracle(str(pathlib.Path(options.binary).resolve()), options.self_test)
    with tempfile.TemporaryDirectory() as scratch:
        work = options.keep or pathlib.Path(scratch)
        (work / "archive").mkdir(parents=True, exist_ok=True)
        oracle.store = work / "generated.deck"
        worked.check_recompute(oracle)
        check_generated(oracle, work / "archive")
        worked.check_program(oracle, work / "archive")
        recorded = pathlib.Path(options.shared) / "data" / "binance_csv"
        if recorded.is_dir():
            oracle.store = work / "recorded.deck"
            check_recorded(oracle, recorded)
            oracle.store = work / "tables.deck"
            for tape in tables.check_tables(oracle, recorded, work):
                check_trades(oracle, tape)
        else:
            print(f"no recorded data at {recorded}: generated archives only")
    print(f"oracle: {oracle.values} values compared, {len(oracle.proven)} kinds of comparison proven "
          f"able to fail")
    print(f"{oracle.passed} passed, {oracle.failed} failed")
    return 1 if oracle.failed else 0


if __name__ == "__main__":
    sys.exit(main())
