#!/usr/bin/env python3
"""Positions of random fills are what an independent computation makes of them, to the last digit.

    tests/oracle/run_ledger.py [BINARY] [--fills N] [--seed N]

Fills of eight positions, with flips, fees in two currencies and many at one instant, are imported in the
order of time, and into another store in random pieces; some are then busted and amended in both. Fold:
integers of 10^-12, halves to even, by (executed_at, exchange_trade_id). Ends with `N passed, N failed`.
"""

import argparse
import collections
import csv
import os
import pathlib
import random
import subprocess
import sys
import tempfile

E = 10**12
CORRECTIONS = 6
PIECES = 5
MAPPING = """venue = "oracle"
currency = "USDT"

[fields]
time = "time"
symbol = "symbol"
side = "side"
quantity = "quantity"
price = "price"
commission = "commission"
fee_currency = "fee_currency"
trade_id = "trade_id"
strategy = "strategy"
"""

Fill = collections.namedtuple(
    "Fill", "time symbol side quantity price commission fee_currency trade_id strategy")


def to_units(text):
    whole, _, fraction = text.lstrip("-").partition(".")
    units = int(whole) * E + int((fraction + "0" * 12)[:12])
    return -units if text.startswith("-") else units


def to_text(units):
    sign = "-" if units < 0 else ""
    return f"{sign}{abs(units) // E}.{abs(units) % E:012}"


def divide(numerator, divisor):
    """The nearest whole number; of two, the even one."""
    if divisor < 0:
        numerator, divisor = -numerator, -divisor
    quotient, rest = divmod(numerator, divisor)
    return quotient + (2 * rest > divisor or (2 * rest == divisor and quotient % 2 == 1))


def random_fills(count, rng):
    prices = {symbol: rng.randint(1, 100_000) for symbol in "ABCD"}
    fills, time = [], 1_700_000_000_000
    for ident in range(1, count + 1):
        time += rng.choice((0, 0, 1, 250))
        symbol = rng.choice("ABCD")
        prices[symbol] = max(1, prices[symbol] + rng.randint(-50, 50))
        quantity = rng.randint(1, 10**rng.randint(1, 8))
        fills.append(Fill(time, symbol, rng.choice(("buy", "sell")), f"{quantity}e-8",
                          f"{prices[symbol]}e-2", f"{rng.randint(0, 999)}e-5",
                          rng.choice(("USDT", "USDT", "BNB")), ident, rng.choice(("m", "n"))))
    return [fill._replace(**{field: to_text(int(value.split("e")[0]) * E // 10**int(value[-1]))
                             for field, value in fill._asdict().items()
                             if field in ("quantity", "price", "commission")}) for fill in fills]


class Folded:
    quantity = cost = realised = cash = count = 0

    def add(self, fill):
        self.count += 1
        sign = 1 if fill.side == "buy" else -1
        quantity = to_units(fill.quantity) * sign
        value = divide(to_units(fill.quantity) * to_units(fill.price), E) * sign
        fee = to_units(fill.commission) if fill.fee_currency == "USDT" else 0
        self.cash -= value + fee
        self.realised -= fee
        if self.quantity * quantity < 0:
            closing = quantity if abs(quantity) <= abs(self.quantity) else -self.quantity
            paid = value if closing == quantity else divide(value * closing, quantity)
            removed = divide(self.cost * -closing, self.quantity)
            self.realised -= paid + removed
            self.cost -= removed
            self.quantity += closing
            quantity -= closing
            value -= paid
        self.quantity += quantity
        self.cost += value

    def key(self):
        return self.quantity, self.cost, self.realised, self.count


def fold(fills):
    positions = collections.defaultdict(Folded)
    for fill in sorted(fills, key=lambda one: (one.time, one.trade_id)):
        positions[fill.symbol, fill.strategy].add(fill)
    return positions


class Ledger:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)
        (self.folder / "mapping.toml").write_text(MAPPING)
        self.files = 0

    def run(self, *arguments):
        done = subprocess.run([self.binary, *arguments], cwd=self.folder, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr}")
        return list(csv.DictReader(done.stdout.splitlines()))

    def load(self, fills):
        self.files += 1
        name = f"fills{self.files}.csv"
        with open(self.folder / name, "w", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(Fill._fields)
            rows.writerows(fills)
        self.run("fills", "import", "--mapping", "mapping.toml", name, "-q")

    def correct(self, fill, price):
        ident = self.run("sql", "SELECT fill_id FROM ledger.fills WHERE exchange_trade_id = "
                         f"'{fill.trade_id}'")[0]["fill_id"]
        if price is None:
            self.run("fills", "bust", ident, "--reason", "taken back")
        else:
            self.run("fills", "amend", ident, "--price", price, "--reason", "another price")

    def positions(self):
        rows = self.run("sql", "SELECT symbol, strategy_id, quantity, cost, realised_pnl, fills FROM "
                        "ledger.positions QUALIFY row_number() OVER (PARTITION BY symbol, "
                        "strategy_id ORDER BY snapshot_time DESC, position_id DESC) = 1")
        return {(row["symbol"], row["strategy_id"]):
                (to_units(row["quantity"]), to_units(row["cost"]), to_units(row["realised_pnl"]),
                 int(row["fills"])) for row in rows}

    def profit(self, marks):
        """Realised and unrealised of everything, marked."""
        for symbol, price in marks.items():
            self.run("portfolio", "mark", f"oracle:{symbol}", price)
        self.run("portfolio", "snapshot", "--cash", "0")
        row = self.run("sql", "SELECT realised_pnl, unrealised_pnl FROM ledger.portfolio_snapshots "
                       "ORDER BY snapshot_time DESC LIMIT 1")[0]
        return to_units(row["realised_pnl"]) + to_units(row["unrealised_pnl"])


def corrected(fills, rng):
    """Fills after corrections, and those: a fill with its new price, or None for one taken back."""
    chosen = rng.sample(range(len(fills)), CORRECTIONS)
    changes = [(fills[place], None if turn % 2 else to_text(rng.randint(1, 10**7) * E // 100))
               for turn, place in enumerate(chosen)]
    told = {fill.trade_id: price for fill, price in changes}
    after = [fill._replace(price=told[fill.trade_id]) if told.get(fill.trade_id) else fill
             for fill in fills if told.get(fill.trade_id, "") is not None]
    return after, changes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?", default=os.environ.get("TAPEDECK"))
    parser.add_argument("--fills", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    passed = failed = 0

    def check(name, found, wanted):
        nonlocal passed, failed
        passed, failed = passed + (found == wanted), failed + (found != wanted)
        if found != wanted:
            print(f"FAILED {name} (seed {options.seed})\n  found  {found}\n  wanted {wanted}")

    fills = random_fills(options.fills, rng)
    wanted = fold(fills)
    for key, position in wanted.items():
        check(f"identity of {key}", position.realised, position.cash + position.cost)
    pieces = [[] for _ in range(PIECES)]
    for fill in fills:
        rng.choice(pieces).append(fill)
    for piece in pieces:
        rng.shuffle(piece)
    after, changes = corrected(fills, rng)
    marks = {symbol: to_text(rng.randint(1, 10**7) * E // 100) for symbol in "ABCD"}
    for name, order in (("in order", [fills]), ("in pieces", pieces)):
        with tempfile.TemporaryDirectory() as folder:
            ledger = Ledger(options.binary, folder)
            for piece in order:
                ledger.load(piece)
            check(name, ledger.positions(), {key: one.key() for key, one in fold(fills).items()})
            for fill, price in changes:
                ledger.correct(fill, price)
            now = fold(after)
            check(f"{name}, corrected", ledger.positions(), {key: one.key() for key, one in now.items()})
            check(f"{name}, marked", ledger.profit(marks),
                  sum(one.cash + divide(one.quantity * to_units(marks[key[0]]), E)
                      for key, one in now.items()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
