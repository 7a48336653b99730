#!/usr/bin/env python3
"""The command line from outside: headers, formats, exit codes, messages.

    run_cli.py [TAPEDECK [TEST…]]

Archives are made here; each test works in a folder of its own. Ends with `N passed, N failed`.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

from program import (BASE, TAPE, TAPEDECK, archive, ok, refused, run, run_tests, same, trade_lines,
                     with_store)

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = {
    "trades": "time,trade_id,price,quantity,side",
    "klines": "time,open,high,low,close,volume,buy_volume,sell_volume,quote_volume,trades,vwap,"
              "complete",
    "footprint": "time,price,buy_quantity,sell_quantity,buy_count,sell_count",
    "profile": "price,quantity,buy_quantity,sell_quantity,trades,poc,in_value_area",
    "heatmap": "time,price,buy_quantity,sell_quantity,trades",
    "delta": "time,buy_volume,sell_volume,delta,cvd",
    "bars": "time,end,open,high,low,close,volume,buy_volume,sell_volume,quote_volume,trades,vwap,"
            "complete",
    "coverage": "dataset,begin,end,id_begin,id_end,status,cause,source"}
NEEDED = {"bars": ["--trades", "2"]}


# --- what stands alone

def test_alone_it_names_the_next_step(folder):
    result = ok(cwd=folder)
    same(len(result.lines), 3)
    assert "tapedeck import" in result.lines[1]
    with_store(folder)
    assert "tapedeck instruments" in ok(cwd=folder).lines[1]


def test_version_names_product_schema_and_engine(folder):
    version = re.search(r"project\(tapedeck VERSION ([0-9.]+)",
                        (ROOT / "CMakeLists.txt").read_text())[1]
    out = ok("--version", cwd=folder).out
    assert re.fullmatch(rf"tapedeck {re.escape(version)}, schema \d+, DuckDB v?\d+\.\d+\S*\n",
                        out), out


def test_every_command_has_help_with_an_example(folder):
    listing = ok("--help", cwd=folder).out
    for name in [*HEADERS, "import", "instruments", "stats", "sql", "settings", "schema"]:
        assert re.search(rf"^  {name} ", listing, re.M), name
        text = ok(name, "--help", cwd=folder).out
        assert f"tapedeck {name}" in text.split("Example:")[1], name


# --- usage

def test_unknown_words_are_answered_with_what_was_meant(folder):
    with_store(folder)
    refused(2, "did you mean 'klines'?", "klinse", cwd=folder)
    refused(2, "did you mean '--interval'?", "klines", "BTCUSDT", "--intervall", "1m", cwd=folder)
    refused(2, "did you mean '1m'?", "klines", "BTCUSDT", "--interval", "11m", cwd=folder)
    refused(2, "did you mean 'json'?", "trades", "BTCUSDT", "--format", "jsn", cwd=folder)
    refused(2, "did you mean 'list'?", "settings", "lst", cwd=folder)
    refused(2, "did you mean 'verify'?", "schema", "verfy", cwd=folder)
    refused(2, "did you mean 'floor'?", "footprint", "BTCUSDT", "--step-rule", "flor", cwd=folder)
    refused(1, "did you mean", "trades", "BTCUSD", cwd=folder)


def test_bad_usage_exits_2_and_says_why(folder):
    with_store(folder)
    for part, *arguments in [
            ("which instrument", "trades"),
            ("'extra'", "trades", "BTCUSDT", "extra"),
            ("--day and --from", "trades", "BTCUSDT", "--day", "2024-08-08", "--from",
             "2024-08-08"),
            ("--last and --to", "trades", "BTCUSDT", "--last", "5", "--to", "2024-08-08"),
            ("--last '5x'", "trades", "BTCUSDT", "--last", "5x"),
            ("--from 'noon' is no time", "trades", "BTCUSDT", "--from", "noon"),
            ("is not before", "trades", "BTCUSDT", "--from", "2024-08-09", "--to", "2024-08-08"),
            ("--day '2024-02-30'", "trades", "BTCUSDT", "--day", "2024-02-30"),
            ("--limit", "trades", "BTCUSDT", "--limit", "many"),
            ("--limit -1", "trades", "BTCUSDT", "--limit", "-1"),
            ("exactly one of", "bars", "BTCUSDT"),
            ("exactly one of", "bars", "BTCUSDT", "--trades", "5", "--volume", "1"),
            ("--trades '0'", "bars", "BTCUSDT", "--trades", "0"),
            ("the smallest is 1", "footprint", "BTCUSDT", "--step", "0.5"),
            ("the smallest is 1", "bars", "BTCUSDT", "--range", "0.5"),
            ("--value-area", "profile", "BTCUSDT", "--value-area", "101"),
            ("add: --output", "trades", "BTCUSDT", "--format", "parquet"),
            ("which SQL", "sql"),
            ("list, get, set, delete", "settings"),
            ("show, verify", "schema"),
            ("which files", "import"),
            ("did you mean 'um'?", "import", "data", "--market", "umm")]:
        refused(2, part, *arguments, cwd=folder)


# --- the store

def test_without_a_store_it_says_how_to_make_one(folder):
    for command in HEADERS:
        refused(1, "tapedeck import", command, "BTCUSDT", *NEEDED.get(command, []), cwd=folder)
    refused(1, "there is no store at 'other.deck'", "stats", "--store", "other.deck", cwd=folder)
    refused(1, "there is no store at 'env.deck'", "stats", cwd=folder,
            env={"TAPEDECK_STORE": "env.deck"})
    same(os.listdir(folder), [])


def test_a_folder_that_is_no_store_is_named(folder):
    (pathlib.Path(folder) / "tape.deck").mkdir()
    (pathlib.Path(folder) / "tape.deck" / "notes.txt").write_text("x")
    refused(1, "is no store", "stats", cwd=folder)
    archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(TAPE))
    refused(1, "is no store", "import", "data", cwd=folder)


def test_the_environment_names_the_store_and_the_option_overrides_it(folder):
    with_store(folder)
    os.rename(pathlib.Path(folder) / "tape.deck", pathlib.Path(folder) / "moved.deck")
    ok("stats", cwd=folder, env={"TAPEDECK_STORE": "moved.deck"})
    ok("stats", "--store", "moved.deck", cwd=folder, env={"TAPEDECK_STORE": "nowhere"})


def test_the_log_says_how_long_the_opening_took_where_it_is_asked_for(folder):
    with_store(folder)
    told = ok("stats", "-q", cwd=folder, env={"TAPEDECK_LOG": "info"}).err
    assert re.search(r" info store 'tape\.deck': database initialised in [0-9.]+ ms$", told, re.M), told
    same(ok("stats", "-q", cwd=folder).err, "")
    told = ok("sql", "SELECT 7", cwd=folder, env={"TAPEDECK_LOG": "info"}).err
    assert re.search(r" info query: sql success after [0-9.]+ ms: SELECT 7$", told, re.M), told
    ok("stats", "-q", cwd=folder, env={"TAPEDECK_LOG": "info", "TAPEDECK_LOG_FILE": "tape.log"})
    assert "database initialised" in (pathlib.Path(folder) / "tape.log").read_text()
    told = ok("stats", "-q", cwd=folder, env={"TAPEDECK_LOG_FILE": "/proc/no/tape.log"}).err
    assert "cannot write the log to '/proc/no/tape.log'" in told, told


def has_lock(pid):
    locks = pathlib.Path("/proc/locks").read_text()
    return any(line.split()[3:5] == ["WRITE", str(pid)] for line in locks.splitlines())


def test_a_store_in_use_exits_4(folder):
    with_store(folder)
    # Holds the store while it waits for its statements.
    holder = subprocess.Popen([TAPEDECK, "sql", "-", "--write", "--store", "tape.deck", "-f", "csv"],
                              cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        while not has_lock(holder.pid):
            assert holder.poll() is None
        refused(4, f"PID {holder.pid}", "stats", cwd=folder)
        refused(4, "in use", "trades", "BTCUSDT", cwd=folder)
    finally:
        out, _ = holder.communicate("SELECT 1 AS one")
    same(out, "one\n1\n")
    ok("stats", cwd=folder)


# --- answers

def rows_of(command, *arguments, cwd, name="BTCUSDT"):
    return ok(command, name, *arguments, *NEEDED.get(command, []), cwd=cwd).lines


def test_headers_are_as_promised_also_for_empty_answers(folder):
    with_store(folder)
    for command, header in HEADERS.items():
        assert rows_of(command, cwd=folder)[0] == header, command
        assert len(rows_of(command, cwd=folder)) > 1, command
        empty = rows_of(command, "--from", "2030-01-01", "--to", "2030-01-02", cwd=folder)
        assert empty == [header], (command, empty)
    same(ok("instruments", cwd=folder).lines[0], "instrument,kind,tick,trades,first,last")
    same(ok("stats", cwd=folder).lines[0], "instrument,dataset,rows,first,last,loads")
    same(ok("settings", "list", cwd=folder).out, "key,value\n")


def test_trades(folder):
    with_store(folder)
    same(rows_of("trades", cwd=folder)[1:], [
        "2024-08-08T00:01:00Z,1,100,1,buy", "2024-08-08T00:01:00.500Z,2,101,2,sell",
        "2024-08-08T00:01:59.999Z,3,99,1,buy", "2024-08-08T00:02:00Z,4,102,4,sell"])
    same(rows_of("trades", "--to", "2024-08-08T00:02:00Z", "--from", "1723075260500",
                 cwd=folder)[1:],
         ["2024-08-08T00:01:00.500Z,2,101,2,sell", "2024-08-08T00:01:59.999Z,3,99,1,buy"])
    same(len(rows_of("trades", "--day", "2024-08-08", cwd=folder)), 5)
    same(len(rows_of("trades", "--day", "2024-08-07", cwd=folder)), 1)
    same(ok("trades", "--instrument", "binance:BTCUSDT", cwd=folder).lines,
         rows_of("trades", cwd=folder))
    same(len(rows_of("trades", "--grain", "aggregate", cwd=folder)), 1)


def test_large_trades(folder):
    with_store(folder)
    same([line.split(",")[1] for line in rows_of("trades", "--min-quantity", "1.5", cwd=folder)[1:]],
         ["2", "4"])
    same([line.split(",")[1] for line in rows_of("trades", "--min-notional", "202", cwd=folder)[1:]],
         ["2", "4"])
    same([line.split(",")[1] for line in rows_of("trades", "--min-notional", "202.01",
                                                 cwd=folder)[1:]], ["4"])
    same([line.split(",")[1] for line in rows_of("trades", "--min-quantity", "2", "--last", "1",
                                                 cwd=folder)[1:]], ["4"])
    same([line.split(",")[1] for line in rows_of("trades", "--min-quantity", "2", "--last", "9",
                                                 cwd=folder)[1:]], ["2", "4"])


def test_klines(folder):
    with_store(folder)
    lines = rows_of("klines", cwd=folder)[1:]
    same(lines[0], "2024-08-08T00:01:00Z,100,101,99,99,4,2,2,401,3,100.25,true")
    assert lines[1].startswith("2024-08-08T00:02:00Z,102,102,102,102,4,0,4,408,1,102,"), lines
    same(len(rows_of("klines", "--interval", "1mo", cwd=folder)), 2)
    err = ok("klines", "BTCUSDT", "--source", "venue", cwd=folder)
    same(err.out, HEADERS["klines"] + "\n")


def test_klines_of_the_venue(folder):
    archive(folder, "ETHUSDT-1m-2024-08-08",
            f"{BASE},10,12,9,11,5.5,{BASE + 59999},60.5,7,2,22,0\n", kind="klines")
    ok("import", "data", "-q", cwd=folder)
    same(rows_of("klines", "--source", "venue", cwd=folder, name="ETHUSDT")[1:],
         ["2024-08-08T00:00:00Z,10,12,9,11,5.5,2,3.5,60.5,7,,true"])
    same(len(rows_of("klines", "--source", "venue", "--last", "5", cwd=folder, name="ETHUSDT")), 2)
    same(len(rows_of("klines", "--source", "venue", "--last", "1h", cwd=folder, name="ETHUSDT")), 2)
    assert "--source venue" in ok("klines", "ETHUSDT", cwd=folder).err


def test_footprint_heatmap_and_profile(folder):
    with_store(folder)
    same(rows_of("footprint", "--interval", "1m", cwd=folder)[1:], [
        "2024-08-08T00:01:00Z,99,1,0,1,0", "2024-08-08T00:01:00Z,100,1,0,1,0",
        "2024-08-08T00:01:00Z,101,0,2,0,1", "2024-08-08T00:02:00Z,102,0,4,0,1"])
    same([line.split(",")[0] for line in rows_of("heatmap", "--interval", "100ms",
                                                 cwd=folder)[1:]],
         ["2024-08-08T00:01:00Z", "2024-08-08T00:01:00.500Z", "2024-08-08T00:01:59.900Z",
          "2024-08-08T00:02:00Z"])
    same(rows_of("heatmap", "--step", "10", "--interval", "1m", cwd=folder)[1:],
         ["2024-08-08T00:01:00Z,90,1,0,1", "2024-08-08T00:01:00Z,100,1,2,2",
          "2024-08-08T00:02:00Z,100,0,4,1"])
    same([line.split(",")[1] for line in rows_of("footprint", "--step", "10", "--step-rule", "side",
                                                 "--interval", "1m", cwd=folder)[1:]],
         ["100", "100"])
    same(rows_of("profile", cwd=folder)[1:], [
        "99,1,1,0,1,false,false", "100,1,1,0,1,false,false", "101,2,0,2,1,false,true",
        "102,4,0,4,1,true,true"])
    same(len(rows_of("profile", "--value-area-rule", "pairs", "--last", "1", cwd=folder)), 2)


def test_delta_and_bars(folder):
    with_store(folder)
    same(rows_of("delta", cwd=folder)[1:],
         ["2024-08-08T00:01:00Z,2,2,0,0", "2024-08-08T00:02:00Z,0,4,-4,-4"])
    same([line.split(",")[-3] for line in rows_of("bars", cwd=folder)[1:]], ["2", "2"])
    for flag, size, bars in [("--volume", "3", 2), ("--notional", "300", 2), ("--range", "2", 2)]:
        same(len(ok("bars", "BTCUSDT", flag, size, cwd=folder).lines), 1 + bars)


def test_last_counts_rows_or_time_from_the_newest_row(folder):
    with_store(folder, [(i, str(100 + i % 7), "1", i * 1000, i % 3 == 0) for i in range(1, 1001)])
    for command, flags in [("trades", []), ("klines", ["--interval", "5s"]),
                           ("footprint", ["--interval", "5s"]), ("heatmap", []),
                           ("bars", [])]:
        everything = rows_of(command, *flags, cwd=folder)
        for count in (1, 7, 120, 100000):
            last = rows_of(command, *flags, "--last", str(count), cwd=folder)
            assert last == everything[:1] + everything[1:][-count:], (command, count, last[:3])
    same(len(rows_of("trades", "--last", "10s", cwd=folder)), 1 + 11)  # both ends are stored
    same(len(rows_of("trades", "--last", "2h", cwd=folder)), 1 + 1000)
    # A running sum begins with the first row shown.
    first = rows_of("delta", "--interval", "5s", "--last", "3", cwd=folder)[1].split(",")
    same(first[3], first[4])


def test_formats(folder):
    with_store(folder)
    answer = json.loads(ok("klines", "BTCUSDT", "--format", "json", cwd=folder).out)
    same(answer["instrument"], "binance:BTCUSDT")
    same(answer["rows"][0]["vwap"], "100.25")
    same(answer["rows"][0]["trades"], 3)
    same(answer["rows"][0]["complete"], True)
    same(answer["grains"], ["trades"])
    same(sorted(answer["coverage"]), ["complete", "gaps", "range"])
    lines = ok("trades", "BTCUSDT", "--format", "ndjson", cwd=folder).lines
    same(json.loads(lines[3]), {"time": "2024-08-08T00:02:00Z", "trade_id": 4, "price": "102",
                                "quantity": "4", "side": "sell"})
    table = ok("trades", "BTCUSDT", "--format", "table", cwd=folder).lines
    same(table[0], "time                      trade_id  price  quantity  side")
    same(table[1], "2024-08-08T00:01:00Z             1    100         1  buy")
    for command in HEADERS:
        for name in ("json", "ndjson", "table"):
            out = ok(command, "BTCUSDT", "-f", name, *NEEDED.get(command, []), cwd=folder).out
            if name == "json":
                json.loads(out)
        empty = ok(command, "BTCUSDT", "-f", "json", "--from", "2030-01-01", "--to", "2030-01-02",
                   *NEEDED.get(command, []), cwd=folder).out
        same(json.loads(empty)["rows"], [])
    json.loads(ok("stats", "-f", "json", cwd=folder).out)
    json.loads(ok("schema", "show", "-f", "json", cwd=folder).out)


def test_files(folder):
    with_store(folder)
    place = pathlib.Path(folder)
    ok("trades", "BTCUSDT", "-o", "t.parquet", cwd=folder)
    same(ok("sql", "SELECT count(*) AS n, max(price) AS p FROM 't.parquet'", cwd=folder).out,
         "n,p\n4,102\n")
    refused(1, "t.parquet", "trades", "BTCUSDT", "-o", "t.parquet", cwd=folder)
    ok("trades", "BTCUSDT", "-o", "t.parquet", "--force", cwd=folder)
    ok("trades", "BTCUSDT", "-o", "t.csv", cwd=folder)
    same((place / "t.csv").read_text().splitlines(), rows_of("trades", cwd=folder))
    refused(1, "--force", "trades", "BTCUSDT", "-o", "t.csv", cwd=folder)
    refused(1, "no/such", "trades", "BTCUSDT", "-o", "no/such/t.csv", cwd=folder)
    same(sorted(name for name in os.listdir(folder) if name.startswith("t.")),
         ["t.csv", "t.parquet"])


def test_epochs_and_limits(folder):
    with_store(folder)
    for unit, first in [("ns", "1723075260000000000"), ("us", "1723075260000000"),
                        ("ms", "1723075260000"), ("s", "1723075260")]:
        same(rows_of("trades", "--epoch", unit, cwd=folder)[1].split(",")[0], first)
    refused(2, "did you mean 'ms'?", "trades", "BTCUSDT", "--epoch", "mss", cwd=folder)
    same(len(rows_of("trades", "--limit", "2", cwd=folder)), 3)
    same(len(rows_of("trades", "--limit", "0", cwd=folder)), 1)
    for command in HEADERS:
        assert len(rows_of(command, "--limit", "1", cwd=folder)) == 2, command


def test_completeness_is_on_standard_error(folder):
    with_store(folder)
    answer = ok("trades", "BTCUSDT", "--from", "2024-08-07", "--to", "2024-08-10", cwd=folder)
    assert answer.err.startswith("incomplete: "), answer.err
    assert "not stored" in answer.err and "from trades, 4 rows read" in answer.err, answer.err
    inside = ok("trades", "BTCUSDT", "--from", "2024-08-08T00:01:00Z", "--to",
                "2024-08-08T00:01:30Z", cwd=folder)
    assert inside.err.startswith("complete, from trades"), inside.err
    same(ok("trades", "BTCUSDT", "-q", cwd=folder).err, "")


def test_coverage(folder):
    archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(TAPE + [(9, "1", "1", 180000, True)]))
    ok("import", "data", "-q", cwd=folder)
    lines = rows_of("coverage", cwd=folder)[1:]
    assert any(",gap," in line for line in lines), lines
    assert all(line.startswith("trades,") for line in lines), lines
    same(rows_of("coverage", "--dataset", "trades", cwd=folder)[1:], lines)
    same(len(rows_of("coverage", "--to", "2024-08-08T00:01:00.100Z", cwd=folder)), 2)
    refused(2, "did you mean 'trades'?", "coverage", "BTCUSDT", "--dataset", "trade", cwd=folder)


# --- sql, settings, schema

def test_sql(folder):
    with_store(folder)
    same(ok("sql", "SELECT side, sum(quantity) AS q FROM trades GROUP BY side ORDER BY side",
            cwd=folder).out, "side,q\nbuy,2\nsell,6\n")
    same(ok("sql", "-", cwd=folder, stdin="SELECT 1 AS a; SELECT 2 AS b").out, "b\n2\n")
    same(ok("sql", "SELECT * FROM range(1000000) AS r(i)", "--limit", "2", cwd=folder).out,
         "i\n0\n1\n")
    same(ok("sql", "SELECT NULL AS a, 'x,y' AS b, 1.50 AS c WHERE false", cwd=folder).out,
         "a,b,c\n")
    same(json.loads(ok("sql", "SELECT 1.5 AS c", "-f", "json", cwd=folder).out)["rows"],
         [{"c": "1.5"}])
    same(ok("sql", "SELECT DISTINCT ticker_id FROM trades", "--profile", "flowsurface",
            cwd=folder).out, "ticker_id\n1\n")
    refused(2, "did you mean 'flowsurface'?", "sql", "SELECT 1", "--profile", "flowsurfac", cwd=folder)
    for statement in ("DELETE FROM tape.trades", "CREATE TABLE x(i INTEGER)",
                      "COMMIT; DELETE FROM tape.trades"):
        refused(1, "--write", "sql", statement, cwd=folder)
    assert run("sql", "SELEC 1", cwd=folder).code in (1, 2)
    ok("sql", "CREATE TABLE x AS SELECT 7 AS i", "--write", cwd=folder)
    same(ok("sql", "SELECT i FROM x", cwd=folder).out, "i\n7\n")
    same(len(rows_of("trades", cwd=folder)), 5)


def test_settings(folder):
    with_store(folder)
    ok("settings", "set", "chart.theme", '"dark"', cwd=folder)
    same(ok("settings", "get", "chart.theme", cwd=folder).out, '"dark"\n')
    same(ok("settings", "list", cwd=folder).out, 'key,value\nchart.theme,"""dark"""\n')
    refused(2, "is no JSON", "settings", "set", "chart.theme", "dark", cwd=folder)
    refused(1, "did you mean 'chart.theme'?", "settings", "get", "chart.them", cwd=folder)
    ok("settings", "delete", "chart.theme", cwd=folder)
    refused(1, "no setting", "settings", "delete", "chart.theme", cwd=folder)


def test_schema(folder):
    with_store(folder)
    ok("schema", "verify", cwd=folder)
    same(ok("schema", "show", "trades", cwd=folder).lines[0], "column,type,nullable,comment")
    refused(1, "did you mean", "schema", "show", "trade", cwd=folder)
    status = ok("schema", "status", cwd=folder).lines
    same(status[0], "version,name,applied,checksum")
    newest = len(status) - 1
    same(len(ok("schema", "history", cwd=folder).lines), newest + 1)
    refused(2, "no schema version", "schema", "up", "--to", str(newest + 1), cwd=folder)
    assert "as before" in ok("schema", "up", cwd=folder).err
    ok("schema", "down", "--to", str(newest - 1), cwd=folder)
    ok("sql", "CREATE TABLE tape.foreign_table(i INTEGER)", "--write", cwd=folder)
    refused(3, "difference", "schema", "verify", cwd=folder)


# --- import

def test_import_says_what_it_did(folder):
    archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(TAPE))
    dry = ok("import", "data", "--dry-run", cwd=folder)
    assert "would be loaded" in dry.out and "4 rows" in dry.out, dry.out
    assert not (pathlib.Path(folder) / "tape.deck").exists()
    first = ok("import", "data", cwd=folder)
    same(first.lines[0].split(),
         ["file", "instrument", "dataset", "rows", "duplicates", "rejects", "outcome"])
    same(first.lines[1].split(), ["BTCUSDT-trades-2024-08-08.zip", "binance:BTCUSDT", "trades", "4",
                                  "0", "0", "loaded"])
    assert "tapedeck klines binance:BTCUSDT --interval 1m" in first.err, first.err
    assert "nothing to do" in ok("import", "data", cwd=folder).out
    summary = json.loads(ok("import", "data", "--json", cwd=folder).out)
    same(summary["files"][0]["outcome"], "unchanged")
    same(ok("import", "data", "-q", cwd=folder).out, "")


def test_import_exits_1_when_a_file_failed_and_loads_the_others(folder):
    archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(TAPE))
    archive(folder, "ETHUSDT-trades-2024-08-08",
            "1,abc,1,1,%d,True,True\n2,10,1,10,%d,True,True\n" % (BASE, BASE))
    bad = refused(1, "ETHUSDT-trades-2024-08-08.zip: ", "import", "data", cwd=folder)
    assert "1 of 2 files loaded" in bad.out and "1 failed" in bad.out, bad.out
    same(len(rows_of("trades", cwd=folder)), 5)
    loose = ok("import", "data", "--max-errors", "1", cwd=folder)
    assert "1 rejected line" in loose.out, loose.out


def test_import_of_unknown_things(folder):
    refused(1, "there is no 'nowhere'", "import", "nowhere", cwd=folder)
    same(os.listdir(folder), [])
    archive(folder, "BTCUSDT-fundingRate-2024-08-08", "x\n", market="um", kind="fundingRate")
    refused(1, "fundingRate", "import", "data", cwd=folder)
    ok("import", "data", "--ignore-unsupported", cwd=folder)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
