#!/usr/bin/env python3
"""The command line from outside: histories of one's own trading.

    run_histories.py [TAPEDECK [TEST…]]

fills import. Ends with `N passed, N failed`.
"""

import gzip
import pathlib
import sys

from program import ok, refused, run, run_tests, same

HEADER = "file,orders,fills,status_changes,duplicates,skipped,rejects"
FILLS = "time,symbol,side,quantity,price\n2024-01-01,A,buy,2,10\n2024-01-02,A,sell,1,427.30\n"


def write(folder, name, text):
    path = pathlib.Path(folder, name)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return name


def test_a_history_is_stored_once(folder):
    write(folder, "a.csv", FILLS)
    write(folder, "b.csv.gz", FILLS)
    same(ok("fills", "import", "--venue", "paper", "a.csv", "b.csv.gz", cwd=folder).lines,
         [HEADER, "a.csv,2,2,2,0,0,0", "b.csv.gz,0,0,0,2,0,0"])
    held = ok("positions", cwd=folder).lines[1].split(",")
    same(held[:4], ["paper:A", "", "long", "1"])


def test_one_bad_file_does_not_stop_the_others(folder):
    write(folder, "bad.json", '{"hello": "world"}')
    write(folder, "a.csv", FILLS)
    result = refused(1, "'bad.json': JSON of no known origin", "fills", "import", "--venue", "paper",
                     "bad.json", "a.csv", cwd=folder)
    same(result.lines, [HEADER, "a.csv,2,2,2,0,0,0"])


def test_nothing_to_read_is_a_failure(folder):
    write(folder, "a.csv", "time,symbol,side,quantity,price\nyesterday,A,buy,2,10\n")
    result = run("fills", "import", "--venue", "paper", "a.csv", cwd=folder)
    same((result.code, result.lines[1]), (1, "a.csv,0,0,0,0,0,1"))
    kept = list(pathlib.Path(folder, "tape.deck", "rejects").iterdir())
    assert "time must be a time like" in kept[0].read_text()


def test_mistakes_are_told_before_a_store_is_made(folder):
    write(folder, "a.csv", FILLS)
    refused(1, "there is no 'b.csv'", "fills", "import", "b.csv", cwd=folder)
    refused(1, "there is no 'm.toml'", "fills", "import", "--mapping", "m.toml", "a.csv", cwd=folder)
    refused(2, "--format knows no 'xml'; one of: auto, binance, alpaca, csv", "fills", "import",
            "--format", "xml", "a.csv", cwd=folder)
    assert not pathlib.Path(folder, "tape.deck").exists()


def test_a_mistake_in_a_mapping_is_named_with_its_line(folder):
    write(folder, "a.csv", FILLS)
    write(folder, "m.toml", 'venue = "paper"\n[fields]\nquantiy = "quantity"\n')
    refused(2, "m.toml:3: unknown field 'quantiy'; did you mean 'quantity'?", "fills", "import",
            "--mapping", "m.toml", "a.csv", cwd=folder)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
