"""What the product must answer, computed a second time from the text of the archive files.

Shares nothing with the product but the definitions (docs/definitions.md). Prices and quantities are
read as Decimal and kept as integers of the instrument's finest digits, so every sum is exact.
"""

import bisect
import csv
import datetime
import decimal
import gzip
import hashlib
import io
import pathlib
import re
import typing
import zipfile

decimal.getcontext().prec = 200

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
WIDTHS = {"100ms": SECOND // 10, "200ms": SECOND // 5, "300ms": 3 * SECOND // 10,
          "500ms": SECOND // 2, "1s": SECOND, "5s": 5 * SECOND, "15s": 15 * SECOND,
          "30s": 30 * SECOND, "1m": 60 * SECOND, "3m": 180 * SECOND, "5m": 300 * SECOND,
          "15m": 900 * SECOND, "30m": 1800 * SECOND, "1h": 3600 * SECOND, "2h": 7200 * SECOND,
          "4h": 14400 * SECOND, "6h": 21600 * SECOND, "12h": 43200 * SECOND, "1d": DAY}
INTERVALS = [*WIDTHS, "1w", "1mo"]
EPOCH = datetime.date(1970, 1, 1)


# Time

def first_of_month(ns, months_later=0):
    day = EPOCH + datetime.timedelta(days=ns // DAY)
    month = day.month - 1 + months_later
    return (datetime.date(day.year + month // 12, month % 12 + 1, 1) - EPOCH).days * DAY


def bucket_begin(interval, ns):
    if interval == "1mo":
        return first_of_month(ns)
    if interval == "1w":  # 1970-01-01 was a Thursday: its week began three days earlier.
        return ((ns // DAY + 3) // 7 * 7 - 3) * DAY
    return ns // WIDTHS[interval] * WIDTHS[interval]


def bucket_end(interval, begin):
    if interval == "1mo":
        return first_of_month(begin, 1)
    return begin + (7 * DAY if interval == "1w" else WIDTHS[interval])


def iso(ns):
    """2024-08-08T23:54:15.342Z, with the fewest of 0, 3, 6, 9 digits that lose nothing."""
    days, rest = divmod(ns, DAY)
    rest, fraction = divmod(rest, SECOND)
    day = EPOCH + datetime.timedelta(days=days)
    text = f"{day}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    if fraction == 0:
        return text + "Z"
    if fraction % 1_000_000 == 0:
        return f"{text}.{fraction // 1_000_000:03d}Z"
    return f"{text}.{fraction // 1_000:06d}Z" if fraction % 1_000 == 0 else f"{text}.{fraction:09d}Z"


def from_iso(text):
    """`2024-08-08` or `2024-08-08T23:54:15.342` → nanoseconds."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.datetime.fromisoformat(whole) - datetime.datetime(1970, 1, 1)
    return (moment.days * 86_400 + moment.seconds) * SECOND + int(fraction.ljust(9, "0") or 0)


# Numbers

def digits_behind_point(value):
    """Significant digits behind the point: trailing zeros do not count."""
    _, digits, exponent = value.as_tuple()
    while exponent < 0 and digits and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return max(0, -exponent) if any(digits) else 0


def units(value, digits):
    """value × 10^digits, which must be whole."""
    scaled = value.scaleb(digits)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{value} has more than {digits} digits behind the point")
    return whole


def plain(count, digits):
    """count / 10^digits without exponent and without trailing zeros."""
    if count < 0:
        return "-" + plain(-count, digits)
    if digits == 0:
        return str(count)
    text = str(count).rjust(digits + 1, "0")
    fraction = text[-digits:].rstrip("0")
    return f"{text[:-digits]}.{fraction}" if fraction else text[:-digits]


def plain_text(value):
    """The same for any decimal."""
    text = format(decimal.Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def half_even(numerator, denominator):
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))


# Archives

class Print(typing.NamedTuple):
    time: int
    ident: int
    price: decimal.Decimal
    quantity: decimal.Decimal
    is_sell: bool


def archive_text(path):
    path = pathlib.Path(path)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def archive_rows(path):
    """Fields of each line behind the header, if there is one."""
    rows = [row for row in csv.reader(io.StringIO(archive_text(path))) if row]
    return rows[1:] if rows and re.match(r"[A-Za-z_]", rows[0][0]) else rows


def epoch_ns(text):
    return int(text) * {13: 1_000_000, 16: 1_000}[len(text)]


def read_prints(path, kind):
    """aggTrades: id,price,quantity,first,last,time,maker; trades: id,price,qty,quote_qty,time,maker."""
    at = {"aggTrades": (5, 6), "trades": (4, 5)}[kind]
    return [Print(epoch_ns(row[at[0]]), int(row[0]), decimal.Decimal(row[1]),
                  decimal.Decimal(row[2]), row[at[1]].lower() in ("true", "1"))
            for row in archive_rows(path)]


def checksum_matches(path):
    """True only when a CHECKSUM file lies beside it and names this content."""
    beside = pathlib.Path(f"{path}.CHECKSUM")
    if not beside.exists():
        return False
    return beside.read_text().split()[0] == hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def day_in_name(path):
    found = re.search(r"-(\d{4}-\d{2}-\d{2})\.(zip|csv|csv\.gz)$", str(path))
    return from_iso(found[1]) if found else None


# Coverage: half-open stretches of time with their first and last venue id

class Stretch(typing.NamedTuple):
    begin: int
    end: int
    first_id: int
    last_id: int


def stretches_of(prints):
    """One stretch for each run of ids without a hole, in the order of ids."""
    found = []
    for row in sorted(prints, key=lambda row: row.ident):
        if found and row.ident <= found[-1].last_id + 1:
            last = found[-1]
            found[-1] = Stretch(min(last.begin, row.time), max(last.end, row.time + 1),
                                last.first_id, row.ident)
        else:
            found.append(Stretch(row.time, row.time + 1, row.ident, row.ident))
    return found


def folded(stretches):
    """Joins what continues by id. Ids tell of a hole even where the times overlap."""
    joined = []
    for stretch in sorted(stretches, key=lambda stretch: stretch.first_id):
        last = joined[-1] if joined else None
        if last and stretch.first_id <= last.last_id + 1:
            joined[-1] = Stretch(min(last.begin, stretch.begin), max(last.end, stretch.end),
                                 last.first_id, max(last.last_id, stretch.last_id))
        else:
            joined.append(stretch)
    return joined


def covers(stretches, begin, end):
    return any(s.begin <= begin and end <= s.end for s in stretches)


GRAINS = {"trades": "trade", "aggTrades": "aggregate"}
DATASETS = {"trade": "trades", "aggregate": "aggregates"}


class Tape:
    """One instrument: what its archives say."""

    def __init__(self, name, contract_size=None):
        self.name = name
        self.contract_size = contract_size  # of inverse instruments
        self.stored = {"trade": {}, "aggregate": {}}
        self.files = {"trade": [], "aggregate": []}
        self.price_digits = 0
        self.qty_digits = 0
        self.duplicates = 0
        self.conflicts = 0
        self.ordered = {}  # rows by forced grain, made once

    def load(self, path, kind):
        """Adds one archive; the first stored row of an id stays. Returns the rows stored."""
        grain = GRAINS[kind]
        stored = self.stored[grain]
        prints = read_prints(path, kind)
        before = len(stored)
        for row in prints:
            first = stored.setdefault(row.ident, row)
            if first is not row:
                same = first == row
                self.duplicates += same
                self.conflicts += not same
            self.price_digits = max(self.price_digits, digits_behind_point(row.price))
            self.qty_digits = max(self.qty_digits, digits_behind_point(row.quantity))
        stretches = stretches_of(prints)
        day = day_in_name(path)
        if day is not None and checksum_matches(path):
            first, last = stretches[0], stretches[-1]
            stretches[0] = first._replace(begin=min(first.begin, day))
            stretches[-1] = stretches[-1]._replace(end=max(last.end, day + DAY))
        self.files[grain] = folded(self.files[grain] + stretches)
        self.ordered = {}
        return len(stored) - before

    def coverage(self, grain):
        return self.files[grain]

    def grain_of_day(self, day):
        """trade where its coverage contains that of aggregate, else aggregate."""
        trade, aggregate = self.coverage("trade"), self.coverage("aggregate")
        for stretch in aggregate:
            begin, end = max(stretch.begin, day), min(stretch.end, day + DAY)
            if begin < end and not covers(trade, begin, end):
                return "aggregate"
        return "trade"

    def rows(self, grain=None, begin=None, end=None):
        """Trade rows (time, id, price units, quantity units, is_sell), in the order of the tape."""
        if grain not in self.ordered:
            self.ordered[grain] = self.all_rows(grain)
        rows = self.ordered[grain]
        low = 0 if begin is None else bisect.bisect_left(rows, (begin,))
        return rows[low:len(rows) if end is None else bisect.bisect_left(rows, (end,))]

    def all_rows(self, grain):
        chosen = {}
        rows = []
        for of, stored in self.stored.items():
            for row in stored.values():
                day = row.time // DAY * DAY
                if day not in chosen:
                    chosen[day] = grain or self.grain_of_day(day)
                if of == chosen[day]:
                    rows.append((row.time, row.ident, units(row.price, self.price_digits),
                                 units(row.quantity, self.qty_digits), row.is_sell))
        return sorted(rows)

    def is_covered(self, begin, end):
        """No hole in [begin, end), day by day in the grain of the day."""
        while begin < end:
            day_end = min(end, begin // DAY * DAY + DAY)
            if not covers(self.coverage(self.grain_of_day(begin // DAY * DAY)), begin, day_end):
                return False
            begin = day_end
        return True


# Derived data

class Bar:
    def __init__(self, begin, row):
        self.begin, self.end = begin, None
        self.open = self.high = self.low = self.close = row[2]
        self.buy = self.sell = self.notional = self.trades = 0

    def add(self, row):
        _, _, price, quantity, is_sell = row
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        if is_sell:
            self.sell += quantity
        else:
            self.buy += quantity
        self.notional += price * quantity
        self.trades += 1

    @property
    def volume(self):
        return self.buy + self.sell


def klines(rows, interval):
    bars = []
    for row in rows:
        begin = bucket_begin(interval, row[0])
        if not bars or bars[-1].begin != begin:
            bars.append(Bar(begin, row))
            bars[-1].end = bucket_end(interval, begin)
        bars[-1].add(row)
    return bars


def event_bars(rows, rule, size):
    """A bar ends with the trade that fills it; it spans [first trade, last trade + 1 ns)."""
    bars = []
    full = True
    for row in rows:
        if full:
            bars.append(Bar(row[0], row))
        bar = bars[-1]
        bar.add(row)
        bar.end = row[0] + 1
        filled = {"trades": bar.trades, "volume": bar.volume, "notional": bar.notional,
                  "range": bar.high - bar.low}[rule]
        full = filled >= size
    return bars, full


def level_price(price, is_sell, step, rule):
    floor = price // step * step
    return floor if rule == "floor" or is_sell or floor == price else floor + step


def levels(rows, step=1, rule="floor"):
    """{price: [buy quantity, sell quantity, buy count, sell count]}, rising by price."""
    found = {}
    for _, _, price, quantity, is_sell in rows:
        level = found.setdefault(level_price(price, is_sell, step, rule), [0, 0, 0, 0])
        level[is_sell] += quantity
        level[2 + is_sell] += 1
    return dict(sorted(found.items()))


def footprints(rows, interval, step=1, rule="floor"):
    """[(begin, levels)]"""
    groups = {}
    for row in rows:
        groups.setdefault(bucket_begin(interval, row[0]), []).append(row)
    return [(begin, levels(group, step, rule)) for begin, group in sorted(groups.items())]


def point_of_control(quantities):
    """Index of the level with most volume; of equals the lowest price."""
    return quantities.index(max(quantities))


def value_area(prices, quantities, rule, share_percent):
    """[low, high) around the point of control that holds at least the share of the volume."""
    poc = point_of_control(quantities)
    low, high = poc, poc + 1
    held, total = quantities[poc], sum(quantities)
    while held * 100 < total * share_percent:
        if rule == "pairs":
            above, below = sum(quantities[high:high + 2]), sum(quantities[max(0, low - 2):low])
            up = high < len(quantities) and (low == 0 or above >= below)
            if up:
                held, high = held + above, min(len(quantities), high + 2)
            else:
                held, low = held + below, max(0, low - 2)
            continue
        if high == len(quantities):
            up = False
        elif low == 0:
            up = True
        elif quantities[high] != quantities[low - 1]:
            up = quantities[high] > quantities[low - 1]
        else:  # equal: the one nearer the POC, then the lower
            up = prices[high] - prices[poc] < prices[poc] - prices[low - 1]
        if up:
            held, high = held + quantities[high], high + 1
        else:
            low -= 1
            held += quantities[low]
    return low, high


def vwap_units(bar):
    """In units of 10^-(price digits + 4); None without volume."""
    return half_even(bar.notional * 10 ** 4, bar.volume) if bar.volume else None
