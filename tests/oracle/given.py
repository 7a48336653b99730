"""What a venue gave: klines and metrics as published, joined klines, and their coverage."""

import collections
import decimal
import re

import recompute
from answers import KLINE
from recompute import from_iso, iso

COVERAGE = ("dataset", "begin", "end", "id_begin", "id_end", "status")


def check_coverage(oracle, name, expected, *datasets):
    for dataset in datasets:
        columns, found = oracle.rows("coverage", name, "--dataset", dataset)
        found = [dict(zip(columns, row)) for row in found]
        oracle.compare("coverage", name, f"coverage {dataset}", COVERAGE,
                       [row for row in expected if row[0] == dataset],
                       (COVERAGE, [tuple(row[column] for column in COVERAGE) for row in found]))


def given_decimal(text):
    return recompute.plain_text(text) if text else ""


def check_given_klines(oracle, name, interval, path):
    venue, symbol = name.split(":")
    expected = []
    for row in recompute.archive_rows(path):
        sell = decimal.Decimal(row[5]) - decimal.Decimal(row[9])
        expected.append((iso(recompute.epoch_ns(row[0])), *map(given_decimal, row[1:6]),
                         given_decimal(row[9]), recompute.plain_text(sell), given_decimal(row[7]),
                         row[8]))
    first, last = (from_iso(row[0]) for row in (expected[0], expected[-1]))
    names = KLINE[:10]
    found = oracle.sql(f"SELECT {', '.join(names)} FROM klines WHERE venue = '{venue}' AND symbol = "
                       f"'{symbol}' AND interval = '{interval}' AND epoch_ns(time) BETWEEN {first} "
                       f"AND {last} ORDER BY time")
    oracle.compare("given klines", name, f"SQL klines {interval} {path.name}", names, expected,
                   (names, found))
    oracle.compare("venue klines", name, f"klines --source venue {interval} {path.name}", KLINE,
                   [(*row, "", "true") for row in expected],
                   oracle.rows("klines", name, "--interval", interval, "--source", "venue", "--from",
                               iso(first), "--to", iso(last + 1)))


def joined_klines(rows, interval, into):
    """What klines of `interval` (begin → fields of its line) give as klines of a longer one."""
    bars = {}
    for begin in sorted(rows):
        bars.setdefault(recompute.bucket_begin(into, begin), []).append(rows[begin])
    for begin, parts in bars.items():
        column = [[decimal.Decimal(row[at] or 0) for row in parts] for at in range(11)]
        volume, buys = sum(column[5]), sum(column[9])
        slots = (recompute.bucket_end(into, begin) - begin) // recompute.WIDTHS[interval]
        sums = (volume, buys, volume - buys, sum(column[7]))
        yield (iso(begin), *(recompute.plain_text(value) for value in (
            column[1][0], max(column[2]), min(column[3]), column[4][-1], *sums)),
               str(int(sum(column[8]))), "", "true" if len(parts) == slots else "false")


def check_joined_klines(oracle, name, interval, rows):
    for into in {"1m": ("5m", "1h", "1d"), "1h": ("4h", "1d", "1w", "1mo")}[interval]:
        oracle.compare("joined klines", name, f"klines --source venue {interval} to {into}", KLINE,
                       list(joined_klines(rows, interval, into)),
                       oracle.rows("klines", name, "--interval", into, "--source", "venue"))


def check_given_coverage(oracle, name, dataset, begins, width):
    """Rows of no ids: covered from the first to the end of the last, with gaps where slots lack."""
    expected = []
    for begin in sorted(begins):
        if expected and expected[-1][1] >= begin:
            expected[-1][1] = begin + width
        else:
            expected.append([begin, begin + width])
    rows = []
    for number, (begin, end) in enumerate(expected):
        if number:
            rows.append((dataset, iso(expected[number - 1][1]), iso(begin), "", "", "gap"))
        rows.append((dataset, iso(begin), iso(end), "", "", "recorded"))
    check_coverage(oracle, name, rows, dataset)


METRICS = ("time", "open_interest", "open_interest_value", "top_trader_account_ratio",
           "top_trader_position_ratio", "account_ratio", "taker_volume_ratio")


def check_metrics(oracle, name, path):
    venue, symbol = name.split(":")
    expected = [(iso(from_iso(row[0])), *map(given_decimal, row[2:8]))
                for row in recompute.archive_rows(path)]
    found = oracle.sql(f"SELECT {', '.join(METRICS)} FROM open_interest WHERE venue = '{venue}' AND "
                       f"symbol = '{symbol}' ORDER BY time")
    oracle.compare("metrics", name, f"SQL open_interest {path.name}", METRICS, expected,
                   (METRICS, found))
    oracle.compare("metrics", name, f"open-interest {path.name}", METRICS, expected,
                   oracle.rows("open-interest", name))


def check_given(oracle, loads):
    """Klines and metrics as published, and their coverage."""
    klines = collections.defaultdict(dict)
    for load in loads:
        if load.kind == "klines":
            interval = re.search(r"-(1m|1h)-", load.path.name)[1]
            check_given_klines(oracle, load.tape, interval, load.path)
            klines[load.tape, interval].update((recompute.epoch_ns(row[0]), row)
                                               for row in recompute.archive_rows(load.path))
        elif load.kind == "metrics":
            check_metrics(oracle, load.tape, load.path)
    for (name, interval), found in klines.items():
        check_given_coverage(oracle, name, f"klines:{interval}", found, recompute.WIDTHS[interval])
        if sum(other == name for other, _ in klines) == 1:
            check_joined_klines(oracle, name, interval, found)
