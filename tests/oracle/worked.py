"""Examples worked out by hand: they hold recompute.py and the program to the same constants."""

import archives
import recompute

MIDNIGHT = 1_704_067_200_000  # 2024-01-01, in milliseconds
# (milliseconds after midnight, price, quantity, is_buyer_maker)
TRADES = ((60_000, "100", "1", "false"), (60_500, "101", "2", "true"),
          (119_999, "99", "1", "false"), (120_000, "102", "4", "true"))
# (price, quantity): levels whose value areas differ by rule
LEVELS = ((99, 10), (100, 20), (101, 30), (102, 15), (103, 15), (104, 5), (105, 5))

KLINES = """time,open,high,low,close,volume,buy_volume,sell_volume,quote_volume,trades,vwap,complete
2024-01-01T00:01:00Z,100,101,99,99,4,2,2,401,3,100.25,true
2024-01-01T00:02:00Z,102,102,102,102,4,0,4,408,1,102,false
"""
FOOTPRINT = """time,price,buy_quantity,sell_quantity,buy_count,sell_count
2024-01-01T00:01:00Z,99,1,0,1,0
2024-01-01T00:01:00Z,100,1,0,1,0
2024-01-01T00:01:00Z,101,0,2,0,1
2024-01-01T00:02:00Z,102,0,4,0,1
"""
FOOTPRINT_SIDE = """time,price,buy_quantity,sell_quantity,buy_count,sell_count
2024-01-01T00:01:00Z,100,2,2,2,1
2024-01-01T00:02:00Z,102,0,4,0,1
"""
FOOTPRINT_FLOOR = """time,price,buy_quantity,sell_quantity,buy_count,sell_count
2024-01-01T00:01:00Z,98,1,0,1,0
2024-01-01T00:01:00Z,100,1,2,1,1
2024-01-01T00:02:00Z,102,0,4,0,1
"""
HEATMAP = """time,price,buy_quantity,sell_quantity,trades
2024-01-01T00:01:00Z,100,1,0,1
2024-01-01T00:01:00.500Z,101,0,2,1
2024-01-01T00:01:59.900Z,99,1,0,1
2024-01-01T00:02:00Z,102,0,4,1
"""
PROFILE = """price,quantity,buy_quantity,sell_quantity,trades,poc,in_value_area
99,1,1,0,1,false,false
100,1,1,0,1,false,false
101,2,0,2,1,false,true
102,4,0,4,1,true,true
"""
DELTA = """time,buy_volume,sell_volume,delta,cvd
2024-01-01T00:01:00Z,2,2,0,0
2024-01-01T00:02:00Z,0,4,-4,-4
"""
BARS = """time,end,open,high,low,close,volume,buy_volume,sell_volume,quote_volume,trades,vwap,complete
2024-01-01T00:01:00Z,2024-01-01T00:01:00.500000001Z,100,101,100,101,3,1,2,302,2,100.6667,true
2024-01-01T00:01:59.999Z,2024-01-01T00:02:00.000000001Z,99,102,99,102,5,1,4,507,2,101.4,true
"""
ANSWERS = (
    (("klines", "--interval", "1m"), KLINES), (("footprint", "--interval", "1m"), FOOTPRINT),
    (("footprint", "--interval", "1m", "--step", "2"), FOOTPRINT_FLOOR),
    (("footprint", "--interval", "1m", "--step", "2", "--step-rule", "side"), FOOTPRINT_SIDE),
    (("heatmap", "--interval", "100ms"), HEATMAP), (("profile",), PROFILE),
    (("delta", "--interval", "1m"), DELTA), (("bars", "--volume", "3"), BARS))


def check_recompute(oracle):
    """recompute.py against constants."""
    value = oracle.value
    prices, quantities = zip(*LEVELS)
    value("worked", "value area, single", (1, 5),
          recompute.value_area(prices, quantities, "single", 70))
    value("worked", "value area, pairs", (0, 5),
          recompute.value_area(prices, quantities, "pairs", 70))
    value("worked", "point of control of equals", 1, recompute.point_of_control([1, 3, 3]))
    value("worked", "half to even, down", 2, recompute.half_even(5, 2))
    value("worked", "half to even, up", 4, recompute.half_even(7, 2))
    for price, is_sell, rule, level in ((101, True, "side", 100), (101, False, "side", 102),
                                        (100, False, "side", 100), (101, False, "floor", 100)):
        value("worked", f"level of {price} {is_sell} {rule}", level,
              recompute.level_price(price, is_sell, 2, rule))
    for interval, begin, end in (("1w", "2024-12-30", "2025-01-06"), ("1mo", "2025-01-01", "2025-02-01"),
                                 ("1d", "2025-01-02", "2025-01-03"),
                                 ("3m", "2025-01-02T13:36:00", "2025-01-02T13:39:00"),
                                 ("300ms", "2025-01-02T13:37:42.900", "2025-01-02T13:37:43.200")):
        found = recompute.bucket_begin(interval, recompute.from_iso("2025-01-02T13:37:43.000"))
        value("worked", f"{interval} of 2025-01-02T13:37:43", recompute.from_iso(begin), found)
        value("worked", f"end of that {interval}", recompute.from_iso(end),
              recompute.bucket_end(interval, found))


def check_program(oracle, folder):
    """The program against constants, on a file of four trades and one of seven levels."""
    for name, lines in (
            ("WORKUSDT", [f"{at + 1},{price},{quantity},0,{MIDNIGHT + ms},{maker}"
                          for at, (ms, price, quantity, maker) in enumerate(TRADES)]),
            ("AREAUSDT", [f"{at + 1},{price},{quantity},0,{MIDNIGHT + at},true"
                          for at, (price, quantity) in enumerate(LEVELS)])):
        path = folder / f"{name}.csv"
        path.write_text("\n".join([archives.HEADERS["trades"], *lines]) + "\n")
        oracle.run("import", path, "--market", "um", "--symbol", name, "--kind", "trades")
    for arguments, text in ANSWERS:
        columns, *rows = (tuple(line.split(",")) for line in text.splitlines())
        oracle.compare("worked", "binance-um:WORKUSDT", " ".join(arguments), columns, rows,
                       oracle.rows(arguments[0], "binance-um:WORKUSDT", *arguments[1:]))
    for rule, inside in (("single", ("100", "101", "102", "103")),
                         ("pairs", ("99", "100", "101", "102", "103"))):
        found = oracle.rows("profile", "binance-um:AREAUSDT", "--value-area-rule", rule)[1]
        oracle.value("binance-um:AREAUSDT", f"value area {rule}", inside,
                     tuple(row[0] for row in found if row[6] == "true"))
