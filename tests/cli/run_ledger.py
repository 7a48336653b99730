#!/usr/bin/env python3
"""The command line from outside: one's own orders, fills, positions, metrics, logs.

    run_ledger.py [TAPEDECK [TEST…]]

docs/guide.md shows what they print when all is well; here is what is refused, and what formats, kills and
a second process do. Ends with `N passed, N failed`.
"""

import json
import os
import subprocess
import sys

from program import TAPEDECK, ok, refused, run, run_tests, same

ORDER = ("orders", "create", "--instrument", "alpaca:AAPL", "--side", "buy", "--quantity", "100")


def rows(folder, *arguments):
    return json.loads(ok(*arguments, "-f", "json", cwd=folder).out)["rows"]


def order(folder, ident, *flags):
    return rows(folder, *ORDER, "--client-order-id", ident, *flags)[0]


def test_what_cannot_be_is_refused_with_its_option_or_order(folder):
    order(folder, "mine")
    for part, arguments in [
            ("--quantity '1e5' is no number", [*ORDER[:-1], "1e5"]),
            ("quantity is 0, and must be above 0", [*ORDER[:-1], "0"]),
            ("--side knows no 'hold'; one of: buy, sell",
             ["orders", "create", "--instrument", "a:B", "--side", "hold", "--quantity", "1"]),
            ("--instrument 'AAPL' is no instrument",
             ["orders", "create", "--instrument", "AAPL", "--side", "buy", "--quantity", "1"]),
            ("a limit order needs a price", [*ORDER, "--type", "limit"]),
            ("STATUS knows no 'done'", ["orders", "set-status", "mine", "done"]),
            ("is pending and cannot become partial", ["orders", "set-status", "mine", "partial"]),
            ("a fill of 101 is more than the 100", ["fills", "add", "--order", "mine", "--quantity",
                                                    "101", "--price", "1"]),
            ("FILL 'x' is no UUID", ["fills", "bust", "x", "--reason", "why"]),
            ("--known-at 'noon' is no time", ["positions", "--known-at", "noon"]),
            ("say --history", ["positions", "--last", "2h"]),
            ("did you mean 'fifo'?", ["positions", "--rule", "fifa"]),
            ("--label 'venue' is no label", ["metrics", "get", "x", "--label", "venue"]),
            ("--aggregation knows no 'mean'", ["metrics", "aggregate", "x", "--aggregation", "mean"]),
            ("--level knows no 'loud'", ["logs", "--level", "loud"]),
            ("UUID 'x' is no UUID", ["trace", "x"]),
            ("orders needs one of", ["orders"]),
            ("fills needs one of", ["fills"]),
            ("portfolio needs one of", ["portfolio"]),
            ("metrics needs one of", ["metrics"])]:
        refused(2, part, *arguments, cwd=folder)
    refused(1, "no order 'other'; see `tapedeck orders list`", "orders", "history", "other",
            cwd=folder)
    refused(1, "no fill", "fills", "amend", "00000000-0000-0000-0000-000000000000", "--price", "1",
            "--reason", "why", cwd=folder)
    refused(1, "order 'mine'", *ORDER[:-1], "7", "--client-order-id", "mine", cwd=folder)
    same(len(rows(folder, "orders", "list")), 1)
    same(rows(folder, "fills", "list"), [])


def test_what_reads_needs_a_store_and_makes_none(folder):
    for command in (["orders", "list"], ["fills", "list"], ["positions"], ["portfolio", "list"],
                    ["pnl"], ["metrics", "current"], ["logs"], ["events"],
                    ["trace", "00000000-0000-0000-0000-000000000000"], ["fill-quality"]):
        refused(1, "tape.deck", *command, cwd=folder)
    same(run("health", "-f", "json", cwd=folder).code, 1)
    same(os.listdir(folder), [])


def test_a_correction_changes_what_is_and_not_what_was_known(folder):
    order(folder, "mine")
    for quantity, price, ident in (("40", "10", "1"), ("60", "12", "2")):
        ok("fills", "add", "--order", "mine", "--quantity", quantity, "--price", price, "--at",
           f"2026-11-20T15:00:0{ident}", "--exchange-trade-id", ident, cwd=folder)
    before = rows(folder, "orders", "history", "mine")[-1]["recorded_at"]
    second = rows(folder, "fills", "list", "--limit", "1")[0]["fill_id"]
    ok("fills", "bust", second, "--reason", "clearly erroneous", cwd=folder)
    first = rows(folder, "fills", "list")[0]
    ok("fills", "amend", first["fill_id"], "--price", "11", "--reason", "price was wrong", cwd=folder)
    same([row["quantity"] for row in rows(folder, "positions")], ["40"])
    same(rows(folder, "positions")[0]["average_entry_price"], "11")
    same(rows(folder, "orders", "list")[0]["status"], "partial")
    known = rows(folder, "positions", "--known-at", before)[0]
    same((known["quantity"], known["average_entry_price"]), ("100", "11.2"))
    same(rows(folder, "positions", "--rule", "fifo")[0]["quantity"], "40")


def test_a_summary_is_kept_when_asked(folder):
    order(folder, "mine", "--price", "150", "--strategy", "momentum")
    ok("fills", "add", "--order", "mine", "--quantity", "100", "--price", "149.5", cwd=folder)
    shown = ok("pnl", "--by", "strategy", "--keep", cwd=folder).out
    same(ok("pnl", "--by", "strategy", cwd=folder).out, shown)
    kept = ok("sql", "SELECT scope, total_trades, net_pnl FROM performance_history", cwd=folder)
    same(kept.lines[1:], ["momentum,0,0"])
    refused(2, "performance_history has no place for a curve", "pnl", "--curve", "--keep", cwd=folder)


def test_what_is_old_goes_and_its_rollups_stay(folder):
    ok("metrics", "put", "latency", "5", "--at", "2020-01-01T10:00:30", cwd=folder)
    ok("metrics", "put", "latency", "7", cwd=folder)
    keep = ("expire", "--metrics", "never", "--rollups", "never", "--logs", "never")
    same({row["rows"] for row in rows(folder, *keep)}, {0})
    facts = {row["fact"]: row["rows"] for row in rows(folder, "expire", "--rollups", "never")}
    same((facts["metrics deleted"], facts["buckets rolled up"]), (1, 2))
    same([row["value"] for row in rows(folder, "metrics", "get", "latency")], [7])
    same(ok("sql", "SELECT interval, max FROM metrics_rollup ORDER BY ALL", cwd=folder).lines[1:],
         ["1h,5", "1m,5"])
    refused(2, "--logs 'old'", "expire", "--logs", "old", cwd=folder)
    refused(2, "--archive-level knows no 'loud'", "expire", "--archive-level", "loud", cwd=folder)


def test_metrics_of_another_program_are_imported_once(folder):
    with open(os.path.join(folder, "m.csv"), "w", encoding="utf-8") as file:
        file.write("timestamp,metric_name,value,symbol,labels\n"
                   "2024-01-01 10:00:00,latency,42.5,BTC/USD,{}\n2024-01-01 10:00:01,latency,x,,\n")
    for _ in range(2):
        done = run("metrics", "import", "m.csv", cwd=folder)
        same((done.code, done.err.split(":")[:2]), (1, ["m.csv", " 1 value acknowledged, 1 line refused"]))
    same(len(rows(folder, "metrics", "get", "latency")), 1)
    refused(1, "there is no file 'none.csv'", "metrics", "import", "none.csv", cwd=folder)


def test_optimize_says_what_it_did(folder):
    order(folder, "mine")
    same([row["file"] for row in rows(folder, "optimize")], ["database", "wal"])
    same(rows(folder, "optimize")[1]["bytes"], 0)


def test_a_recording_samples_the_store_itself(folder):
    line = "time,trade_id,price,quantity,side\n2026-11-20T10:00:00,1,100,2,buy\n"
    ok("ingest", "binance:BTCUSDT", "--sample", "1h", stdin=line, cwd=folder)
    current = {row["metric"]: row for row in rows(folder, "metrics", "current")}
    same(current["database.size_mb"]["type"], "gauge")
    refused(2, "--sample 10ns: a millisecond is the least", "ingest", "binance:BTCUSDT", "--sample",
            "10ns", stdin=line, cwd=folder)


def test_a_bracket_is_three_orders_under_one_id(folder):
    bracket = rows(folder, *ORDER, "--price", "150", "--take-profit", "160", "--stop-loss", "140")
    same([row["type"] for row in bracket], ["limit", "limit", "stop"])
    same(len({row["correlation_id"] for row in bracket}), 1)
    same(len(rows(folder, "orders", "list", "--correlation-id", bracket[0]["correlation_id"])), 3)


def test_rows_come_as_csv_json_and_parquet(folder):
    order(folder, "mine")
    same(ok("orders", "list", cwd=folder).lines[0].split(",")[:3], ["created_at", "instrument", "side"])
    ok("orders", "list", "-o", "orders.parquet", cwd=folder)
    same(ok("sql", "SELECT client_order_id, quantity FROM 'orders.parquet'", cwd=folder).lines[1],
         "mine,100")


def test_orders_that_were_printed_survive_a_kill(folder):
    printed = []
    for number in range(8):
        process = subprocess.Popen([TAPEDECK, *ORDER, "--client-order-id", f"o{number}", "-f", "csv"],
                                   cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   text=True)
        line = process.stdout.readline() and process.stdout.readline()
        process.kill()
        process.wait()
        if line:
            printed.append(f"o{number}")
    known = {row["client_order_id"] for row in rows(folder, "orders", "list")}
    assert printed and set(printed) <= known, (printed, known)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
