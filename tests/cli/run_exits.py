#!/usr/bin/env python3
"""The command line from outside: what is proven, given, and taken out again.

    run_exits.py [TAPEDECK [TEST…]]

verify, export, tables, convert, klines of the venue, open interest. Ends with `N passed, N failed`.
"""

import json
import pathlib
import subprocess
import sys

from program import (BASE, TAPE, TAPEDECK, archive, ok, refused, run, run_tests, same, trade_lines,
                     with_store)

VERIFY = "instrument,dataset,time,what,expected,found,cause"
MINUTE = 60_000


def kline_line(minute, close="11", volume="5.5"):
    begin = BASE + minute * MINUTE
    return f"{begin},10,12,9,{close},{volume},{begin + MINUTE - 1},60.5,7,2,22,0\n"


def with_klines(folder, minutes=range(120)):
    archive(folder, "ETHUSDT-1m-2024-08-08", "".join(kline_line(minute) for minute in minutes),
            kind="klines")
    ok("import", "data", "-q", cwd=folder)


def rows(*arguments, cwd):
    return ok(*arguments, cwd=cwd).lines[1:]


def write(folder, name, text):
    pathlib.Path(folder, name).write_text(text)
    return name


# --- verify

def test_verify_finds_nothing_where_nothing_is_wrong(folder):
    with_store(folder)
    result = ok("verify", cwd=folder)
    same(result.lines, [VERIFY])
    assert "no findings: read 4 trades" in result.err and "2 kept bars" in result.err, result.err
    same(ok("verify", "-q", cwd=folder).err, "")
    answer = json.loads(ok("verify", "--format", "json", cwd=folder).out)
    same([answer[key] for key in ("rows", "findings", "trades", "minutes", "loads")], [[], 0, 4, 2, 1])


def test_verify_lists_findings_and_exits_3_and_fixes_what_is_derived(folder):
    with_store(folder)
    ok("sql", "--write", "UPDATE tape.bars_1m SET close = 5 WHERE trades = 1", cwd=folder)
    result = run("verify", cwd=folder)
    same(result.code, 3)
    assert result.lines[1].startswith(
        "binance:BTCUSDT,bars_1m,2024-08-08T00:02:00Z,close,102,5,"), result.out
    assert "1 finding: read 4 trades" in result.err and "--fix" in result.err, result.err
    fixed = run("verify", "--fix", cwd=folder)
    same(fixed.code, 3)
    assert "1 derived row computed again" in fixed.err, fixed.err
    ok("verify", cwd=folder)


def test_verify_of_a_part(folder):
    with_store(folder)
    ok("sql", "--write", "UPDATE tape.bars_1m SET close = 5 WHERE trades = 1", cwd=folder)
    ok("verify", "BTCUSDT", "--to", "2024-08-08T00:02:00Z", cwd=folder)
    same(run("verify", "--instrument", "BTCUSDT", "--from", "2024-08-08T00:02:00Z", cwd=folder).code, 3)
    refused(1, "did you mean 'binance:BTCUSDT'?", "verify", "binance:BTCUSD", cwd=folder)


def test_verify_deep_reads_the_files_again(folder):
    with_store(folder)
    assert "1 file (0 no longer there)" in ok("verify", "--deep", cwd=folder).err
    path = next(pathlib.Path(folder).glob("data/**/*.zip"))
    path.write_bytes(path.read_bytes() + b"x")
    found = run("verify", "--deep", cwd=folder)
    same(found.code, 3)
    assert "is not the file that was loaded" in found.out and "--fix" not in found.err, found.err
    path.unlink()
    assert "0 files (1 no longer there)" in ok("verify", "--deep", cwd=folder).err


def test_verify_compares_with_the_venue(folder):
    with_store(folder)
    lines = [f"{BASE + 60000},100,101,99,99,4,0,401,3,2,201,0\n",
             f"{BASE + 120000},101,102,101,102,4,0,408,2,0,0,0\n"]
    archive(folder, "BTCUSDT-1m-2024-08-08", "".join(lines), kind="klines")
    ok("import", "data", "-q", cwd=folder)
    found = run("verify", cwd=folder)
    # The last minute is not whole: more trades may be in it, another open may not.
    same(found.lines[1:], ['binance:BTCUSDT,klines:1m,2024-08-08T00:02:00Z,open,102,101,"not all of its '
                           'trades are stored, and those that are do not fit"'])


def test_verify_of_a_store_without_trades_says_so(folder):
    with_klines(folder)
    result = ok("verify", cwd=folder)
    assert "the store holds no trades there" in result.err, result.err
    assert "120 klines could not be compared" in result.err, result.err


# --- what the venue computed

def test_klines_of_the_venue_are_joined_from_a_finer_interval(folder):
    with_klines(folder)
    same(rows("klines", "ETHUSDT", "--source", "venue", "-i", "1h", cwd=folder),
         ["2024-08-08T00:00:00Z,10,12,9,11,330,120,210,3630,420,,true",
          "2024-08-08T01:00:00Z,10,12,9,11,330,120,210,3630,420,,true"])
    result = ok("klines", "ETHUSDT", "--source", "venue", "-i", "1h", cwd=folder)
    assert "complete, from the venue's klines:1m, 120 rows read" in result.err, result.err
    answer = json.loads(ok("klines", "ETHUSDT", "--source", "venue", "-f", "json", cwd=folder).out)
    same([answer["given"], answer["grains"]], ["klines:1m", []])


def test_auto_takes_trades_where_there_are_any(folder):
    with_klines(folder)
    archive(folder, "ETHUSDT-trades-2024-08-08", trade_lines(TAPE))
    ok("import", "data", "-q", cwd=folder)
    auto = ["klines", "ETHUSDT", "--source", "auto"]
    same(len(rows(*auto, cwd=folder)), 2)
    assert "from trades" in ok(*auto, cwd=folder).err
    later = [*auto, "--from", "2024-08-08T01:00:00Z"]
    same(len(rows(*later, cwd=folder)), 60)
    assert "from the venue's klines:1m" in ok(*later, cwd=folder).err


def test_an_unknown_source_is_named(folder):
    with_klines(folder)
    refused(1, "no klines are stored of source 'venu'; did you mean 'venue'?", "klines", "ETHUSDT",
            "--source", "venu", cwd=folder)


def test_open_interest(folder):
    header = ("create_time,symbol,sum_open_interest,sum_open_interest_value,"
              "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,"
              "count_long_short_ratio,sum_taker_long_short_vol_ratio\n")
    text = "".join(f"2024-08-08 00:{minute:02}:00,BTCUSDT,{1000 + minute}.5,2,1.1,1.2,1.3,\n"
                   for minute in range(0, 60, 5))
    archive(folder, "BTCUSDT-metrics-2024-08-08", header + text, market="um", kind="metrics")
    assert "next: tapedeck open-interest binance-um:BTCUSDT" in ok("import", "data", cwd=folder).err
    lines = rows("open-interest", "BTCUSDT", cwd=folder)
    same(len(lines), 12)
    same(lines[0], "2024-08-08T00:00:00Z,1000.5,2,1.1,1.2,1.3,")
    same(rows("open-interest", "BTCUSDT", "-i", "30m", cwd=folder),
         ["2024-08-08T00:25:00Z,1025.5,2,1.1,1.2,1.3,", "2024-08-08T00:55:00Z,1055.5,2,1.1,1.2,1.3,"])
    same(len(rows("open-interest", "BTCUSDT", "--last", "10m", cwd=folder)), 3)
    same(len(rows("open-interest", "BTCUSDT", "--last", "4", cwd=folder)), 4)
    assert "open_interest,12" in ok("stats", cwd=folder).out


# --- export

def test_export_writes_what_its_name_says(folder):
    with_store(folder)
    result = ok("export", "trades", "-o", "t.csv", cwd=folder)
    assert "4 rows in 't.csv'" in result.err, result.err
    same((pathlib.Path(folder) / "t.csv").read_text().splitlines()[1],
         "binance,BTCUSDT,2024-08-08T00:01:00Z,1,100,1,buy,trade")
    for name in ("t.parquet", "t.ndjson", "t.duckdb"):
        ok("export", "trades", "-o", name, cwd=folder)
    same(rows("sql", "--store", ":memory:", "SELECT count(*), max(price) FROM 't.parquet'",
              cwd=folder), ["4,102"])
    same(rows("sql", "--store", ":memory:", "SELECT count(*) FROM 't.ndjson'", cwd=folder), ["4"])


def test_export_of_a_part_and_of_a_query(folder):
    with_store(folder)
    ok("export", "trades", "--instrument", "BTCUSDT", "--to", "2024-08-08T00:02:00Z", "-o", "t.csv",
       cwd=folder)
    same(len((pathlib.Path(folder) / "t.csv").read_text().splitlines()), 4)
    ok("export", "--query", "SELECT close FROM candles WHERE timeframe = '1m' ORDER BY 1", "-o",
       "q.csv", cwd=folder)
    same((pathlib.Path(folder) / "q.csv").read_text(), "close\n99\n102\n")


def test_export_refuses_what_it_cannot_do(folder):
    with_store(folder)
    pathlib.Path(folder, "t.csv").write_text("mine")
    refused(1, "'t.csv' exists; pass --force to replace it", "export", "trades", "-o", "t.csv",
            cwd=folder)
    ok("export", "trades", "-o", "t.csv", "--force", "-q", cwd=folder)
    refused(1, "did you mean 'trades'?", "export", "tradez", "-o", "x.csv", cwd=folder)
    refused(2, "does not say which format", "export", "trades", "-o", "x.txt", cwd=folder)
    refused(2, "name what to export", "export", "-o", "x.csv", cwd=folder)
    refused(2, "needs a file", "export", "trades", cwd=folder)
    refused(2, "a query says it itself", "export", "--query", "SELECT 1", "--day", "2024-08-08", "-o",
            "x.csv", cwd=folder)
    refused(2, "must be one SELECT", "export", "--query", "DELETE FROM tape.trades", "-o", "x.csv",
            cwd=folder)
    refused(1, "there is no folder", "export", "trades", "-o", "no/x.csv", cwd=folder)
    assert not list(pathlib.Path(folder).glob("x.*")), list(pathlib.Path(folder).glob("x.*"))


# --- tables in, and converted

TABLE = "time;id;Side;Price;Amount;fee\n1704067200.25;1;buy;100.50;0.5;0\n1704067201.5;2;SELL;99;1e-06;0\n"
TRADES = ["2024-01-01T00:00:00.250Z,1,100.5,0.5,buy", "2024-01-01T00:00:01.500Z,2,99,0.000001,sell"]


def test_a_csv_of_another_program_is_imported_by_the_names_of_its_columns(folder):
    pathlib.Path(folder, "t.csv").write_text(TABLE)
    table = ["import", "--table", "trades", "t.csv"]
    refused(1, "'t.csv': no column holds the symbol of trades", *table, cwd=folder)
    table += ["--instrument", "binance:BTCUSDT"]
    refused(1, "no field for the column fee; pass over what is not needed with --ignore-extra", *table,
            cwd=folder)
    assert "--new-venue adds it" in run("import", "--table", "trades", "--instrument", "deribit:X",
                                        "--ignore-extra", "t.csv", cwd=folder).err
    result = ok(*table, "--ignore-extra", cwd=folder)
    assert "next: tapedeck klines binance:BTCUSDT" in result.err, result.err
    same(rows("trades", "BTCUSDT", cwd=folder), TRADES)
    assert "unchanged since an earlier import" in ok(*table, "--ignore-extra", cwd=folder).out
    refused(2, "are for tables: add --table", "import", "--columns", "a,b", "t.csv", cwd=folder)
    write(folder, "n.csv", "1704067200,100,1\n")
    refused(1, "there is no header line", *table[:3], *table[4:], "n.csv", cwd=folder)
    ok(*table[:3], *table[4:], "--columns", "time,price,quantity", "n.csv", cwd=folder)


def test_a_mapping_file_says_it_once(folder):
    write(folder, "t.csv", TABLE)
    write(folder, "m.toml", 'table = "trades"\ninstrument = "kraken:XBT/USD"\nignore_extra = true\n'
                            'new_venue = true\n[fields]\nquantity = "Amount"\n')
    ok("import", "--mapping", "m.toml", "t.csv", cwd=folder)
    same(rows("trades", "kraken:XBT/USD", cwd=folder), TRADES)
    refused(2, "bad.toml:2: unknown key 'ignor_extra'; did you mean 'ignore_extra'?", "import",
            "--mapping", write(folder, "bad.toml", "\nignor_extra = true\n"), "t.csv", cwd=folder)
    refused(1, "nowhere.toml", "import", "--mapping", "nowhere.toml", "t.csv", cwd=folder)


def test_what_is_exported_comes_back(folder):
    with_store(folder)
    ok("sql", "--write", "INSERT INTO tape.quotes VALUES (1, TIMESTAMP_NS '2024-01-01', NULL, NULL, 1005, 2, "
       "1010, 3, -1, 0)", cwd=folder)
    for kind in ("trades", "quotes"):
        for name in ("x.csv", "x.parquet"):
            ok("export", kind, "-o", name, "--force", "-q", cwd=folder)
            store = f"{kind}-{name}.deck"
            ok("import", "--store", store, "--table", kind, name, cwd=folder)
            ok("export", kind, "--store", store, "-o", "y.csv", "--force", "-q", cwd=folder)
            ok("export", kind, "-o", "x.csv", "--force", "-q", cwd=folder)
            same(pathlib.Path(folder, "y.csv").read_text(), pathlib.Path(folder, "x.csv").read_text())
            ok("verify", "--store", store, cwd=folder)


def test_double_prices_are_refused_until_they_are_asked_for(folder):
    ok("sql", "--store", ":memory:", "--write",
       "COPY (SELECT TIMESTAMP '2024-01-01' AS time, 0.1::DOUBLE AS price, 1 AS size) TO 'd.parquet' "
       "(FORMAT parquet)", cwd=folder)
    table = ["import", "--table", "trades", "--instrument", "binance:BTCUSDT", "d.parquet"]
    refused(1, "the column 'price' holds binary floating-point", *table, cwd=folder)
    ok(*table, "--from-double", cwd=folder)
    same(rows("trades", "BTCUSDT", cwd=folder), ["2024-01-01T00:00:00Z,,0.1,1,unknown"])


def test_convert_leaves_a_file_and_nothing_else(folder):
    place = archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(TAPE))
    before = set(pathlib.Path(folder).iterdir())
    result = ok("convert", place, "-o", "t.parquet", cwd=folder)
    assert "4 rows in 't.parquet'" in result.err, result.err
    same({path.name for path in set(pathlib.Path(folder).iterdir()) - before}, {"t.parquet"})
    refused(1, "'t.parquet' exists; pass --force to replace it", "convert", place, "-o", "t.parquet",
            cwd=folder)
    write(folder, "t.csv", TABLE)
    ok("convert", "--table", "trades", "--instrument", "kraken:XBT/USD", "--ignore-extra", "t.csv", "-o",
       "k.ndjson", cwd=folder)
    same(len(pathlib.Path(folder, "k.ndjson").read_text().splitlines()), 2)
    write(folder, "bad.csv", TABLE + "1704067202;3;buy;x;1;0\n")
    pathlib.Path(folder, "b.csv.rejects").mkdir()
    write(folder, "b.csv.rejects/mine.txt", "mine")
    result = ok("convert", "--table", "trades", "--instrument", "kraken:XBT/USD", "--ignore-extra",
                "--max-errors", "1", "bad.csv", "-o", "b.csv", cwd=folder)
    assert "1 refused row and 0 conflicting rows are kept in 'b.csv.rejects'" in result.err, result.err
    kept = sorted(pathlib.Path(folder, "b.csv.rejects").iterdir())
    same([path.name[:8] for path in kept], ["bad.csv-", "mine.txt"])
    assert "must be a decimal number, found 'x'" in kept[0].read_text(), kept[0].read_text()
    refused(1, "nothing was written", "convert", "--table", "trades", "t.csv", "-o", "z.csv", cwd=folder)
    refused(2, "an export needs a file", "convert", place, cwd=folder)
    refused(1, "there is no 'nowhere'", "convert", "nowhere", "-o", "z.csv", cwd=folder)
    assert not list(pathlib.Path(folder).glob("z.*")), list(pathlib.Path(folder).glob("z.*"))


# --- standard error

def test_a_standard_error_that_is_gone_is_no_reason_to_fail(folder):
    with_store(folder)
    for arguments, code in ((["klines", "BTCUSDT"], 0), (["klines", "NONE"], 1), (["verify"], 0)):
        with open("/dev/full", "w") as full:
            done = subprocess.run([TAPEDECK, *arguments], cwd=folder, stdout=subprocess.PIPE,
                                  stderr=full, timeout=60)
        same((arguments, done.returncode), (arguments, code))


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
