"""Answers as the rows of text that the program prints, made of what recompute.py computes."""

import decimal

import recompute
from recompute import iso, plain

KLINE = ("time", "open", "high", "low", "close", "volume", "buy_volume", "sell_volume",
         "quote_volume", "trades", "vwap", "complete")
FOOTPRINT = ("time", "price", "buy_quantity", "sell_quantity", "buy_count", "sell_count")
HEATMAP = ("time", "price", "buy_quantity", "sell_quantity", "trades")
PROFILE = ("price", "quantity", "buy_quantity", "sell_quantity", "trades", "poc", "in_value_area")
DELTA = ("time", "buy_volume", "sell_volume", "delta", "cvd")
TRADES = ("time", "trade_id", "price", "quantity", "side")


def bar_cells(tape, bar, complete):
    price, quantity = tape.price_digits, tape.qty_digits
    vwap = recompute.vwap_units(bar)
    if tape.name.startswith("binance-cm:"):
        size = tape.contract_size
        quote = "" if size is None else recompute.plain_text(
            decimal.Decimal(bar.volume).scaleb(-quantity) * size)
    else:
        quote = plain(bar.notional, price + quantity)
    return (*(plain(p, price) for p in (bar.open, bar.high, bar.low, bar.close)),
            *(plain(q, quantity) for q in (bar.volume, bar.buy, bar.sell)),
            quote, str(bar.trades), "" if vwap is None else plain(vwap, price + 4),
            str(complete).lower())


def kline_rows(tape, rows, interval, grain=None):
    def whole(bar):
        return tape.is_covered(bar.begin, bar.end) if grain is None else \
            recompute.covers(tape.coverage(grain), bar.begin, bar.end)
    return [(iso(bar.begin), *bar_cells(tape, bar, whole(bar)))
            for bar in recompute.klines(rows, interval)]


def event_rows(tape, rows, rule, size):
    bars, last_is_full = recompute.event_bars(rows, rule, size)
    return [(iso(bar.begin), iso(bar.end),
             *bar_cells(tape, bar, (last_is_full or bar is not bars[-1]) and
                        tape.is_covered(bar.begin, bar.end))) for bar in bars]


def footprint_rows(tape, groups):
    return [(iso(begin), plain(price, tape.price_digits), plain(buy, tape.qty_digits),
             plain(sell, tape.qty_digits), str(buys), str(sells))
            for begin, found in groups for price, (buy, sell, buys, sells) in found.items()]


def heatmap_rows(tape, groups):
    return [(*row[:4], str(int(row[4]) + int(row[5]))) for row in footprint_rows(tape, groups)]


def profile_rows(tape, levels, rule, share):
    prices = list(levels)
    quantities = [level[0] + level[1] for level in levels.values()]
    if not prices:
        return []
    poc = recompute.point_of_control(quantities)
    low, high = recompute.value_area(prices, quantities, rule, share)
    return [(plain(price, tape.price_digits), plain(buy + sell, tape.qty_digits),
             plain(buy, tape.qty_digits), plain(sell, tape.qty_digits), str(buys + sells),
             str(at == poc).lower(), str(low <= at < high).lower())
            for at, (price, (buy, sell, buys, sells)) in enumerate(levels.items())]


def delta_rows(tape, rows, interval):
    cvd = 0
    for bar in recompute.klines(rows, interval):
        cvd += bar.buy - bar.sell
        yield (iso(bar.begin), *(plain(q, tape.qty_digits) for q in
                                 (bar.buy, bar.sell, bar.buy - bar.sell, cvd)))


def trade_rows(tape, rows):
    return [(iso(time), str(ident), plain(price, tape.price_digits),
             plain(quantity, tape.qty_digits), "sell" if is_sell else "buy")
            for time, ident, price, quantity, is_sell in rows]
