"""Recorded trades, klines and metrics written as tables of another program, read back by --table."""

import csv

import recompute

# (tape, kind, file): its table is written in the way of one of the writers below.
TRADES = (("binance:XRPETH", "aggTrades", "XRPETH-aggTrades-2019-10-11.zip"),
          ("binance:BTCUSDT", "trades", "spot-BTCUSDT-trades-2024-08-08.zip"),
          ("binance-cm:ETHUSD_PERP", "trades", "cm-ETHUSD_PERP-trades-2024-08-08.zip"))
KLINES = ("binance-um:LTCUSDT", "LTCUSDT-1m-2026-02.zip")
METRICS = ("binance-um:1000000BOBUSDT", "excerpts/um_metrics_excerpt.csv")


def write(path, header, rows, delimiter=","):
    with open(path, "w", newline="") as file:
        lines = csv.writer(file, delimiter=delimiter)
        if header:
            lines.writerow(header)
        lines.writerows(rows)


def headed(prints):
    """ISO times, sides as words, numbers with zeros that do not count, newest first."""
    return ("Side", "when", "Amount", "ID", "Price"), [
        ("SELL" if one.is_sell else "Buy", recompute.iso(one.time),
         f"{one.quantity:f}0" if "." in f"{one.quantity:f}" else f"{one.quantity:f}.00", one.ident,
         one.price) for one in reversed(prints)]


def headless(prints):
    """Seconds with a fraction, quantities with an exponent."""
    return None, [(f"{one.time // 10**9}.{one.time % 10**9:09}", one.price, f"{one.quantity:e}", one.ident,
                   int(one.is_sell)) for one in prints]


def check_trades(oracle, folder, work):
    for number, (name, kind, file) in enumerate(TRADES):
        prints = recompute.read_prints(folder / file, kind)
        path = work / f"table{number}.csv"
        flags = ["--table", "trades", "--instrument", name, "--grain", recompute.GRAINS[kind]]
        if number == 1:
            write(path, *headless(prints))
            flags += ["--columns", "time,price,quantity,trade_id,is_buyer_maker"]
        else:
            write(path, *headed(prints), delimiter=";")
            flags += ["--map", "time=when"]
        oracle.run("import", path, *flags)
        tape = recompute.Tape(name)
        tape.load(folder / file, kind)
        yield tape


def check_given(oracle, folder, work):
    name, file = KLINES
    rows = recompute.archive_rows(folder / file)
    header = ("Open Time", "open", "high", "low", "close", "vol", "turnover", "count",
              "taker_buy_volume", "taker_buy_quote_volume")
    write(work / "klines.csv", header, [(*row[:6], *row[7:11]) for row in rows])
    oracle.run("import", work / "klines.csv", "--table", "klines", "--interval", "1m", "--source",
               "venue", "--instrument", name)
    expected = [(recompute.iso(recompute.epoch_ns(row[0])), *(
        recompute.plain_text(row[at]) for at in (1, 2, 3, 4, 5, 7, 9, 10)), row[8]) for row in rows]
    columns = ("time", "open", "high", "low", "close", "volume", "quote_volume", "buy_volume",
               "buy_quote_volume", "trades")
    oracle.compare("table klines", name, f"SQL klines of {file} as a table", columns, expected,
                   oracle.rows("sql", f"SELECT {', '.join(columns)} FROM klines ORDER BY time"))
    name, file = METRICS
    rows = recompute.archive_rows(folder / file)
    write(work / "oi.csv", ("time", "pair", "oi"), [(row[0], row[1], row[2]) for row in rows])
    oracle.run("import", work / "oi.csv", "--table", "open_interest", "--venue", "binance-um", "--map",
               "symbol=pair")
    columns = ("symbol", "time", "open_interest")
    expected = [(row[1], recompute.iso(recompute.from_iso(row[0])), recompute.plain_text(row[2]))
                for row in rows]
    oracle.compare("table open interest", name, f"SQL open_interest of {file} as a table", columns,
                   expected,
                   oracle.rows("sql", f"SELECT {', '.join(columns)} FROM open_interest ORDER BY time"))


def check_tables(oracle, folder, work):
    """Imports the tables; gives the tapes whose trades are stored now."""
    check_given(oracle, folder, work)
    yield from check_trades(oracle, folder, work)
