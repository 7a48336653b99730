"""Writes archives in the layout of Binance's public data: generated tapes with a fixed seed."""

import hashlib
import pathlib
import random
import typing
import zipfile

import recompute
from recompute import DAY, SECOND, from_iso, plain

SEED = 20241229


class Load(typing.NamedTuple):
    """One file to import. `flags` say what its path does not."""
    tape: str  # "binance:BTCUSDT"
    kind: str
    path: pathlib.Path
    flags: tuple = ()


FOLDERS = {"binance": "spot", "binance-um": "futures/um", "binance-cm": "futures/cm"}
MARKETS = {"binance": "spot", "binance-um": "um", "binance-cm": "cm"}
HEADERS = {
    "trades": "id,price,qty,quote_qty,time,is_buyer_maker",
    "aggTrades": "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,"
                 "is_buyer_maker",
    "klines": "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
              "taker_buy_volume,taker_buy_quote_volume,ignore",
    "metrics": "create_time,symbol,sum_open_interest,sum_open_interest_value,"
               "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,"
               "count_long_short_ratio,sum_taker_long_short_vol_ratio"}


def write_archive(root, tape, kind, period, lines, interval=None, header=False, newline="\n",
                  checksum=False, level=zipfile.ZIP_DEFLATED):
    venue, symbol = tape.split(":")
    span = "daily" if len(period) == 10 else "monthly"
    stem = f"{symbol}-{interval or kind}-{period}"
    folder = root / "data" / FOLDERS[venue] / span / kind / symbol / (interval or "")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.zip"
    text = newline.join(([HEADERS[kind]] if header else []) + lines) + newline
    member = zipfile.ZipInfo(f"{stem}.csv", (2025, 1, 1, 0, 0, 0))
    member.compress_type = level
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, text)
    if checksum:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        pathlib.Path(f"{path}.CHECKSUM").write_text(f"{digest}  {path.name}\n")
    return Load(tape, kind, path)


class Match(typing.NamedTuple):
    time: int
    ident: int
    price: str
    quantity: str
    maker: bool


def trade_line(match, microseconds=False):
    stamp = match.time // (1_000 if microseconds else 1_000_000)
    return f"{match.ident},{match.price},{match.quantity},0,{stamp},{str(match.maker).lower()}"


def aggregate_line(match, microseconds=False):
    """Spot style: eight fields, True and False."""
    stamp = match.time // (1_000 if microseconds else 1_000_000)
    first = match.ident * 3
    return (f"{match.ident},{match.price},{match.quantity},{first},{first + 2},{stamp},"
            f"{match.maker},True")


def padded(count, digits, places=8):
    whole, rest = divmod(count, 10 ** digits)
    return f"{whole}.{rest:0{digits}d}".ljust(len(str(whole)) + 1 + places, "0")


def walk(rng, count, begin, end, first_id, price, tick, quantity, unit=1_000_000):
    """`count` matches between two instants. Bursts within one millisecond, equal instants, and now
    and then an instant before that of the id before it."""
    times = sorted(rng.randrange(begin // unit, end // unit) for _ in range(count))
    for at in range(1, count):
        if rng.random() < 0.35:
            times[at] = times[at - 1]
        elif rng.random() < 0.01 and at > 1:
            times[at], times[at - 1] = times[at - 1], times[at]
    for at in range(count):
        price = max(1, price + rng.choice((-3, -1, -1, 0, 0, 0, 0, 1, 1, 3)) * tick)
        yield times[at] * unit, first_id + at, price, quantity(rng), rng.random() < 0.5


def bitcoin(root, rng):
    """Spot aggregates: ms until 2024, µs from 2025; month, week and year end inside. Files come out
    of order, and the month overlaps its days."""
    tape = "binance:BTCUSDT"
    price, ident, by_day = 9_350_000, 3_300_000_000, {}
    for day in ("2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01"):
        begin, fine = from_iso(day), day >= "2025"
        rows = list(walk(rng, 2_500, begin, begin + DAY, ident, price, 1,
                         lambda r: r.choice((1, 7, 100, 12_345, r.randrange(1, 900_000))),
                         1_000 if fine else 1_000_000))
        ident, price = rows[-1][1] + 1, rows[-1][2]
        by_day[day] = [aggregate_line(Match(t, i, padded(p, 2), padded(q, 5), m), fine)
                       for t, i, p, q, m in rows]

    def daily(day, **options):
        return write_archive(root, tape, "aggTrades", day, by_day[day], **options)

    december = [line for day, lines in by_day.items() if day < "2025" for line in lines]
    month = write_archive(root, tape, "aggTrades", "2024-12", december)
    return [daily("2025-01-01", checksum=True), daily("2024-12-30", newline="\r\n"), month,
            daily("2024-12-31", level=zipfile.ZIP_STORED, checksum=True), daily("2024-12-29")]


def meme(root, rng):
    """A price step of 1e-12 beside quantities up to 5e10."""
    tape = "binance-um:MEMEUSDT"
    begin = from_iso("2024-03-05")
    rows = walk(rng, 4_000, begin + 3600 * SECOND, begin + 5 * 3600 * SECOND, 7, 1_234_567, 7,
                lambda r: r.choice((1, 50_000_000_000, r.randrange(1, 50_000_000_000))))
    lines = [trade_line(Match(t, i, f"0.{p:012d}", str(q), m)) for t, i, p, q, m in rows]
    return [write_archive(root, tape, "trades", "2024-03-05", lines, header=True)]


def refined(root, rng):
    """One decimal, then three, in one minute; quantity zero; a minute that holds nothing else. The
    second file begins within the minute in which the first one ends."""
    tape = "binance-um:STEPUSDT"
    noon = from_iso("2024-05-06T12:00:00")
    cut = noon + 630 * SECOND
    rows = list(walk(rng, 900, noon, cut, 100, 505_000, 100,
                     lambda r: r.choice((0, 100, 2_500, r.randrange(1, 90) * 100))))
    rows += list(walk(rng, 900, cut, noon + 3_000 * SECOND, 1_000, 505_000, 1,
                      lambda r: r.choice((0, 1, 1_001, r.randrange(1, 99_999)))))
    rows.append((noon + 3_630 * SECOND, 1_900, 505_123, 0, True))
    rows.append((noon + 3_700 * SECOND, 1_901, 505_123, 1, True))
    rows.append((noon + 3_700 * SECOND, 1_902, 505_124, 1, False))
    coarse, fine = [], []
    for t, i, p, q, m in rows:
        if t < cut:
            coarse.append(trade_line(Match(t, i, f"{p // 1000}.{p % 1000 // 100}",
                                           plain(q, 3), m)))
        else:
            fine.append(trade_line(Match(t, i, plain(p, 3), plain(q, 3), m)))
    loads = []
    for name, lines in (("first.csv", coarse), ("second.csv", fine)):
        path = root / name
        path.write_text("\n".join([HEADERS["trades"]] + lines) + "\n")
        loads.append(Load(tape, "trades", path,
                          ("--market", "um", "--symbol", "STEPUSDT", "--kind", "trades")))
    return loads


def both_grains(root, rng):
    """Trades and aggregates of the same matches. By day: both whole; both with CHECKSUM; trades of
    half the day; trades alone; aggregates alone; only the aggregates with CHECKSUM."""
    tape = "binance:DUALUSDT"
    loads, ident, aggregate = [], 1, 500_000
    days = ("2024-06-03", "2024-06-04", "2024-06-05", "2024-06-07", "2024-06-10", "2024-06-11")
    for number, day in enumerate(days):
        begin = from_iso(day)
        instants = sorted(rng.sample(range(2 * 3_600_000, 20 * 3_600_000), 300))
        single, groups = [], []
        for instant in instants:
            time, price = begin + instant * 1_000_000, padded(rng.randrange(100, 130), 1)
            maker, parts = rng.random() < 0.5, [rng.randrange(1, 50)
                                                for _ in range(rng.randrange(1, 4))]
            for part in parts:
                single.append(trade_line(Match(time, ident, price, plain(part, 1), maker)))
                ident += 1
            groups.append(aggregate_line(Match(time, aggregate, price, plain(sum(parts), 1), maker)))
            aggregate += 1
        if number == 2:
            single = single[:len(single) // 2]
        if number != 4:
            loads.append(write_archive(root, tape, "trades", day, single, checksum=number == 1))
        if number != 3:
            loads.append(write_archive(root, tape, "aggTrades", day, groups,
                                       checksum=number in (1, 5)))
        ident += 1_000 if number != 0 else 0
        aggregate += 1_000
    return loads


def ties(root, rng):
    """Few levels with small whole quantities: value areas that must break ties, at uneven distances."""
    tape = "binance-um:TIESUSDT"
    begin = from_iso("2024-07-01")
    lines = []
    for minute in range(120):
        prices = rng.sample(range(95, 110), rng.randrange(1, 10))
        for at, price in enumerate(prices):
            lines.append(trade_line(Match(begin + minute * 60 * SECOND + at * 1_000_000, len(lines),
                                          str(price), str(rng.randrange(1, 4)), at % 2 == 0)))
    return [write_archive(root, tape, "trades", "2024-07-01", lines)]


def holes(root, rng):
    """A month of which one day and some ids are missing, one of them inside a millisecond that is
    not; and an id that comes again with another price."""
    tape = "binance-cm:BTCUSD_PERP"
    loads, ident = [], 10_000
    for day in ("2024-08-01", "2024-08-02", "2024-08-04"):
        begin = from_iso(day)
        rows = list(walk(rng, 600, begin, begin + DAY, ident, 605_123, 1, lambda r: r.randrange(1, 80)))
        ident = rows[-1][1] + (1 if day == "2024-08-01" else 500)
        if day == "2024-08-04":
            lost = [at for at in range(1, 599) if rows[at - 1][0] < rows[at][0] < rows[at + 1][0]][7::90]
            within = [at for at in range(1, 599) if rows[at - 1][0] == rows[at][0] == rows[at + 1][0]][:1]
            rows = [row for at, row in enumerate(rows) if at not in lost + within]
        matches = [Match(t, i, padded(p, 1, 1), str(q), m) for t, i, p, q, m in rows]
        lines = [",".join(aggregate_line(match).lower().split(",")[:7]) for match in matches]
        loads.append(write_archive(root, tape, "aggTrades", day, lines, header=True, checksum=True))
        if day == "2024-08-02":
            again = matches[5]._replace(price="1.5")
            again = ",".join(aggregate_line(again).lower().split(",")[:7])
            path = root / "again.csv"
            path.write_text("\n".join(lines[:5] + [again] + lines[6:20]) + "\n")
            loads.append(Load(tape, "aggTrades", path, ("--market", "cm", "--symbol", "BTCUSD_PERP",
                                                        "--kind", "aggTrades")))
    return loads


def same_ids(root, rng):
    """The ids of another instrument, with other content."""
    begin = from_iso("2024-03-05")
    lines = [trade_line(Match(begin + at * SECOND, 7 + at, "2", "3", at % 3 == 0))
             for at in range(200)]
    return [write_archive(root, "binance:MEMEUSDT", "trades", "2024-03-05", lines)]


def given_klines(root, rng):
    loads = []
    for tape, header, scale in (("binance:KLNUSDT", False, 1_000), ("binance-um:KLNUSDT", True, 1)):
        begin, lines = from_iso("2025-01-01") // 1_000_000, []
        for minute in range(1_440):
            a, b, c, d = sorted(rng.randrange(10 ** 9, 10 ** 10) for _ in range(4))
            start = (begin + minute * 60_000) * scale
            quantity = rng.randrange(10 ** 12)
            lines.append(",".join([str(start), padded(b, 8), padded(d, 8), padded(a, 8),
                                   padded(c, 8), padded(quantity, 8),
                                   str(start + 60_000 * scale - 1), padded(quantity * 7, 8),
                                   str(rng.randrange(10 ** 6)), padded(quantity // 2, 8),
                                   padded(quantity * 3, 8), "0"]))
        loads.append(write_archive(root, tape, "klines", "2025-01-01", lines, interval="1m",
                                   header=header))
    return loads


def given_metrics(root, rng):
    tape = "binance-um:OIUSDT"
    lines = []
    for slot in range(288):
        hour, minute = divmod(slot * 5, 60)
        ratios = [plain(rng.randrange(1, 10 ** 9), 8) for _ in range(4)]
        if slot % 50 == 7:
            ratios[slot % 4] = ""
        lines.append(f"2025-02-01 {hour:02d}:{minute:02d}:00,OIUSDT,"
                     f"{padded(rng.randrange(10 ** 13), 3, 16)},"
                     f"{padded(rng.randrange(10 ** 16), 8, 16)}," + ",".join(ratios))
    return [write_archive(root, tape, "metrics", "2025-02-01", lines, header=True)]


def generate(root):
    """[[Load, …], …]: each list is imported by itself, file by file in this order."""
    rng = random.Random(SEED)
    return [make(root, rng) for make in (bitcoin, meme, refined, both_grains, ties, holes, same_ids,
                                         given_klines, given_metrics)]


def repacked(load, root):
    """The same lines in a file with other bytes."""
    lines = recompute.archive_text(load.path).splitlines()
    path = root / "again" / load.tape.split(":")[0] / load.path.with_suffix(".csv").name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return load._replace(path=path, flags=("--market", MARKETS[load.tape.split(":")[0]]))
