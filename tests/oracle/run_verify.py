#!/usr/bin/env python3
"""Does `tapedeck verify` find what was planted, all of it and nothing else?

    tests/oracle/run_verify.py [BINARY] [--shared DIR]

For each archive of trades (the samples, and the recorded ones where they are) klines are computed
here, from its text and with Decimal, and written in the venue's layout. Honest klines give no
finding; a wrong close, a missing minute and a wrong count give exactly these three. Then rows of the
store itself are changed by SQL, one fault at a time. Ends with `N passed, N failed`.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import typing

import archives
import recompute
from recompute import iso, plain

ROOT = pathlib.Path(__file__).resolve().parents[2]
MINUTE = recompute.WIDTHS["1m"]
MARKETS = {"spot": "binance", "um": "binance-um", "cm": "binance-cm"}


class Source(typing.NamedTuple):
    """One archive of trades, its period, and what its name does not say."""
    path: pathlib.Path
    kind: str
    market: str
    symbol: str
    day: str

    @property
    def name(self):
        return f"{MARKETS[self.market]}:{self.symbol}"


def sources(shared):
    pattern = re.compile(r"(?:(spot|um|cm)-)?([A-Z_]+)-(trades|aggTrades)-(\d{4}-\d{2}-\d{2})")
    folders = [ROOT / "samples" / "binance", shared / "data" / "binance_csv"]
    for path in sorted(path for folder in folders for path in folder.glob("**/*.zip")):
        found = pattern.match(path.name)
        if found and "excerpts" not in path.parts:
            in_path = next((word for word in ("um", "cm") if word in path.parts), "spot")
            yield Source(path, found[3], found[1] or in_path, found[2], found[4])


class Kline(typing.NamedTuple):
    begin: int
    close_units: int
    trades: int
    bar: object


def kline_line(tape, kline):
    """open_time,open,high,low,close,volume,close_time,quote_volume,count,taker buys, …,ignore"""
    bar = kline.bar
    price = [plain(value, tape.price_digits)
             for value in (bar.open, bar.high, bar.low, kline.close_units)]
    volume, buy = (plain(value, tape.qty_digits) for value in (bar.volume, bar.buy))
    quote = plain(bar.notional, tape.price_digits + tape.qty_digits)
    begin = kline.begin // 1_000_000
    return ",".join([str(begin), *price, volume, str(begin + 59_999), quote, str(kline.trades), buy,
                     "", "0"])


class Case:
    """One source with a store of its own."""

    def __init__(self, binary, source, work):
        self.binary, self.source, self.work = binary, source, work
        self.tape = recompute.Tape(source.name)
        self.tape.load(source.path, source.kind)
        bars = recompute.klines(self.tape.rows(), "1m")
        self.klines = [Kline(bar.begin, bar.close, bar.trades, bar) for bar in bars]

    def run(self, *arguments, codes=(0,)):
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True,
                              timeout=300)
        assert done.returncode in codes, (arguments, done.returncode, done.stdout, done.stderr)
        return done

    def store(self, name, klines=None):
        """A new store with the trades and, where given, an archive of klines."""
        store = self.work / f"{name}.deck"
        source = self.source
        self.run("import", source.path, "--store", store, "-q", "--market", source.market, "--kind",
                 source.kind, "--symbol", source.symbol)
        if klines is not None:
            lines = [kline_line(self.tape, kline) for kline in klines]
            load = archives.write_archive(self.work / name, source.name, "klines", source.day, lines,
                                          interval="1m")
            self.run("import", load.path, "--store", store, "-q")
        return store

    def copy(self, store, name):
        return pathlib.Path(shutil.copytree(store, self.work / f"{name}.deck"))

    def findings(self, store, *arguments):
        done = self.run("verify", "--store", store, "--format", "json", *arguments, codes=(0, 3))
        answer = json.loads(done.stdout)
        assert done.returncode == (3 if answer["rows"] else 0), (done.returncode, answer)
        assert answer["findings"] == len(answer["rows"]), answer
        return answer["rows"]

    def change(self, store, statement):
        self.run("sql", "--store", store, "--write", statement)


def short(finding):
    return tuple(finding[name] for name in ("dataset", "time", "what", "expected", "found"))


def expect(found, wanted, what):
    found = sorted(short(finding) for finding in found)
    assert found == sorted(wanted), f"{what}\nfound  {found}\nwanted {sorted(wanted)}"


def check_honest(case):
    store = case.store("honest", case.klines)
    expect(case.findings(store), [], "klines computed from the archive itself")
    expect(case.findings(store, "--deep"), [], "the files are the ones that were loaded")
    return store


def check_planted_klines(case):
    """A wrong close, a missing minute, a wrong count: as far apart as the archive allows."""
    klines = list(case.klines)
    assert len(klines) >= 3, "three minutes at least"
    close_at, missing_at, count_at = 0, len(klines) // 2, len(klines) - 1
    digits = case.tape.price_digits
    aggregates = case.source.kind == "aggTrades"
    wrong, counted, missing = klines[close_at], klines[count_at], klines[missing_at]
    bar = wrong.bar
    # Within low and high, or the importer refuses the line.
    other = bar.low if wrong.close_units != bar.low else bar.high
    dataset = "klines:1m"
    wanted = [(dataset, iso(missing.begin), "kline", "1 kline", "none")]
    if other != wrong.close_units:
        klines[close_at] = wrong._replace(close_units=other)
        wanted.append((dataset, iso(wrong.begin), "close", plain(wrong.close_units, digits),
                       plain(other, digits)))
    else:  # one price only: the count is wrong here as well
        klines[close_at] = wrong._replace(trades=wrong.trades - 1)
        wanted.append(count_finding(dataset, wrong, aggregates))
    klines[count_at] = counted._replace(trades=counted.trades - 1)
    wanted.append(count_finding(dataset, counted, aggregates))
    del klines[missing_at]
    expect(case.findings(case.store("planted", klines)), wanted, "three planted faults")


def count_finding(dataset, kline, aggregates):
    expected = f"{kline.trades} or more" if aggregates else str(kline.trades)
    return dataset, iso(kline.begin), "trades", expected, str(kline.trades - 1)


def check_planted_rows(case, honest):
    """Faults in the store itself, each alone in a copy."""
    dataset = {"trades": "trades", "aggTrades": "aggregates"}[case.source.kind]
    rows = case.tape.rows()
    victim = rows[len(rows) // 2]
    time, ident = iso(victim[0]), victim[1]

    def changed(name, statement):
        store = case.copy(honest, name)
        case.change(store, statement)
        return case.findings(store)

    found = changed("lost", f"DELETE FROM tape.trades WHERE trade_id = {ident}")
    assert ("trade_id", f"id {ident}", "none") in [short(one)[2:] for one in found], found
    found = changed("double", f"INSERT INTO tape.trades SELECT * FROM tape.trades WHERE trade_id = "
                              f"{ident}")
    assert ("trade_id", f"id {ident} once", "more than once") in [short(one)[2:] for one in found]
    found = changed("price", f"UPDATE tape.trades SET price = price + 1 WHERE trade_id = {ident}")
    minute = iso(victim[0] // MINUTE * MINUTE)
    kept = [one for one in found if one["dataset"] == "bars_1m"]
    assert [one["time"] for one in kept] == [minute], found
    assert "rows_hash" in kept[0]["what"] and "not those" in kept[0]["cause"], found
    found = changed("zero", f"UPDATE tape.trades SET price = 0 WHERE trade_id = {ident}")
    assert (dataset, time, "price", "above 0", "0") in [short(one) for one in found], found

    store = case.copy(honest, "bar")
    at = f"\"begin\" = TIMESTAMP_NS '{minute[:-1].replace('T', ' ')}'"
    case.change(store, f"UPDATE tape.bars_1m SET volume = volume + 1 WHERE {at}")
    found = case.findings(store)
    assert len(found) == 1 and short(found[0])[:3] == ("bars_1m", minute, "volume"), found
    assert found[0]["cause"] == "the bar was changed, its trades were not", found
    case.run("verify", "--store", store, "--fix", codes=(3,))
    expect(case.findings(store), [], "--fix computes the bar again")
    case.change(store, f"DELETE FROM tape.bars_1m WHERE {at}")
    found = case.findings(store)
    assert len(found) == 1 and short(found[0])[1:3] == (minute, "bar"), found
    case.run("verify", "--store", store, "--fix", codes=(3,))
    expect(case.findings(store), [], "--fix brings the bar back")


def check(binary, source):
    with tempfile.TemporaryDirectory(prefix="tapedeck-verify-") as work:
        case = Case(binary, source, pathlib.Path(work))
        honest = check_honest(case)
        check_planted_klines(case)
        check_planted_rows(case, honest)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?", default=os.environ.get("TAPEDECK"))
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("TAPEDECK_SHARED") or ROOT.parent / "shared",
                        help="folder that holds data/binance_csv")
    options = parser.parse_args()
    if not options.binary:
        parser.error("name the program, or set TAPEDECK")
    binary = str(pathlib.Path(options.binary).resolve())
    passed = failed = 0
    for source in sources(options.shared):
        try:
            check(binary, source)
            passed += 1
        except Exception:  # a failed case must not stop the others
            failed += 1
            print(f"FAILED {source.path.name}")
            traceback.print_exc(limit=-2, file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
