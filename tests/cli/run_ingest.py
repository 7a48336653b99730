#!/usr/bin/env python3
"""The command line from outside: recording, the journal, and what happens when it is killed.

    run_ingest.py [TAPEDECK [TEST…]]

ingest, journal, salvage, torture. Ends with `N passed, N failed`.
"""

import json
import pathlib
import subprocess
import sys

from program import TAPEDECK, ok, refused, run, run_tests, same, with_store

HEADER = "time,trade_id,price,quantity,side\n"
ASK = "SELECT count(*), count(DISTINCT trade_id), max(trade_id) FROM tape.trades"


def lines(first, count):
    return "".join(f"{1_700_000_000_000 + n},{n},{100 + n % 7}.5,0.25,{'buy' if n % 2 else 'sell'}\n"
                   for n in range(first, first + count))


def acknowledged(result):
    words = [line.split() for line in result.lines]
    assert all(word[0] == "ack" and len(word) == 3 for word in words), result.out
    sequences = [int(word[1]) for word in words]
    same(sequences, sorted(set(sequences)))
    assert all(0 < int(word[2]) <= 10_000 for word in words), result.out
    return sum(int(word[2]) for word in words)


def ingest(folder, text, *flags, code=0):
    result = run("ingest", "binance:BTCUSDT", "--store", "t.deck", *flags, cwd=folder, stdin=text)
    assert result.code == code, (result.code, result.err)
    return result


def segments(folder):
    return sorted(pathlib.Path(folder, "t.deck", "tape").glob("20*/*.tape"))


# --- ingest

def test_every_accepted_row_is_acknowledged_and_stored(folder):
    result = ingest(folder, HEADER + lines(1, 25_000), "--source", "websocket")
    same(acknowledged(result), 25_000)
    assert "25,000 rows acknowledged" in result.err, result.err
    same(ok("sql", "--store", "t.deck", ASK, cwd=folder).lines[1], "25000,25000,25000")
    same(ok("verify", "--store", "t.deck", cwd=folder).lines[1:], [])
    same(ok("coverage", "BTCUSDT", "--store", "t.deck", cwd=folder).lines[1].split(",")[-1],
         "websocket")


def test_what_trades_prints_ingest_reads_and_twice_is_once(folder):
    with_store(folder)
    printed = ok("trades", "BTCUSDT", "-q", cwd=folder).out
    for _ in range(2):
        same(acknowledged(ingest(folder, printed)), 4)
    same(ok("trades", "BTCUSDT", "-q", "--store", "t.deck", cwd=folder).out, printed)
    as_ndjson = ok("trades", "BTCUSDT", "-q", "--format", "ndjson", cwd=folder).out
    same(acknowledged(ingest(folder, as_ndjson, "--format", "ndjson")), 4)
    same(ok("trades", "BTCUSDT", "-q", "--store", "t.deck", cwd=folder).out, printed)


def test_lines_that_are_no_rows_are_kept_with_line_and_reason(folder):
    text = HEADER + lines(1, 2) + "nonsense\n1700000000009,9,-1,1,buy\n" + lines(3, 1)
    result = ingest(folder, text, code=1)
    same(acknowledged(result), 3)
    assert "line 5: price" in result.err and "2 lines refused" in result.err, result.err
    rejects = pathlib.Path(folder, "t.deck", "rejects", "ingest.csv").read_text().splitlines()
    same(len(rejects), 3)
    assert rejects[1].startswith('"stdin",4,') and '"nonsense"' in rejects[1], rejects


def test_ids_and_sides_may_be_empty(folder):
    text = HEADER + "2024-08-08T00:00:01Z,,5,1,\n2024-08-08T00:00:02Z,7,5,1,buy\n"
    same(acknowledged(ingest(folder, text)), 2)
    same(ok("trades", "BTCUSDT", "-q", "--store", "t.deck", cwd=folder).lines[1],
         "2024-08-08T00:00:01Z,,5,1,unknown")


def test_what_cannot_be_recorded_is_refused_with_words(folder):
    refused(2, "which instrument?", "ingest", cwd=folder, stdin="")
    refused(2, "unknown venue 'mars'", "ingest", "mars:X", cwd=folder, stdin=HEADER)
    refused(2, "--kind", "ingest", "binance:X", "--kind", "books", cwd=folder, stdin=HEADER)
    refused(1, "price", "ingest", "binance:X", cwd=folder, stdin="time,quantity\n1,2\n")
    ok("ingest", "mars:X", "--new-venue", cwd=folder, stdin=HEADER)


def test_what_a_killed_recording_acknowledged_is_there_once(folder):
    process = subprocess.Popen([TAPEDECK, "ingest", "binance:BTCUSDT", "--store", "t.deck"],
                               cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    process.stdin.write((HEADER + lines(1, 3_000)).encode())
    process.stdin.flush()
    rows = 0
    while rows < 3_000:
        rows += int(process.stdout.readline().split()[2])
    process.kill()
    process.wait()
    same(ok("sql", "--store", "t.deck", ASK, cwd=folder).lines[1], "3000,3000,3000")
    same(ok("verify", "--store", "t.deck", cwd=folder).lines[1:], [])


def test_sigterm_ends_a_recording_in_order(folder):
    process = subprocess.Popen([TAPEDECK, "ingest", "binance:BTCUSDT", "--store", "t.deck"],
                               cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdin.write((HEADER + lines(1, 10)).encode())
    process.stdin.flush()
    process.stdout.readline()
    process.terminate()
    _, err = process.communicate(timeout=60)
    same(process.returncode, 130)
    assert b"10 rows acknowledged" in err, err


# --- journal

def test_the_journal_says_what_it_has(folder):
    ingest(folder, HEADER + lines(1, 5))
    ok("settings", "set", "a", "1", "--store", "t.deck", cwd=folder)
    frames = [json.loads(line) for line in
              ok("journal", "cat", "--format", "ndjson", "--store", "t.deck", "-q",
                 cwd=folder).lines]
    same([(frame["kind"], frame["rows"]) for frame in frames],
         [("instrument", 1), ("trades", 5), ("setting", 1)])
    same(frames[1]["instrument"], "binance:BTCUSDT")
    rows = ok("journal", "cat", "--rows", "--store", "t.deck", "-q", cwd=folder).lines
    same(len(rows), 6)
    same(len(ok("journal", "list", "--store", "t.deck", "-q", cwd=folder).lines), 2)
    assert "3 frames with 5 rows" in ok("journal", "verify", "--store", "t.deck", cwd=folder).err
    refused(2, "--kind", "journal", "cat", "--kind", "no", "--store", "t.deck", cwd=folder)


def test_a_damaged_frame_is_told_with_exit_code_3(folder):
    for first in (1, 101, 201):
        ingest(folder, HEADER + lines(first, 100))
    segment = segments(folder)[0]
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    result = run("journal", "verify", "--store", "t.deck", cwd=folder)
    same(result.code, 3)
    assert "are no frame" in result.out and "is lost" in result.out, result.out


# --- salvage

def test_a_damaged_store_is_built_again(folder):
    ingest(folder, HEADER + lines(1, 1_000))
    before = ok("trades", "BTCUSDT", "-q", "--store", "t.deck", cwd=folder).out
    assert "nothing was done" in ok("salvage", "t.deck", cwd=folder).out
    database = pathlib.Path(folder, "t.deck", "store.duckdb")
    database.write_bytes(b"x" * 4096 + database.read_bytes()[4096:])
    refused(1, "tapedeck salvage", "trades", "BTCUSDT", "--store", "t.deck", cwd=folder)
    result = ok("salvage", "t.deck", cwd=folder)
    assert "built again: 1000 trades" in result.out and "are kept in" in result.out, result.out
    same(ok("trades", "BTCUSDT", "-q", "--store", "t.deck", cwd=folder).out, before)
    same(ok("verify", "--store", "t.deck", cwd=folder).lines[1:], [])


# --- torture

def test_a_short_torture_loses_nothing(folder):
    result = ok("torture", "--dir", "here", "--rounds", "6", "--seed", "11", "-q", cwd=folder)
    figures = {line[:34].strip(): line[34:] for line in result.lines}
    for name in ("rows lost", "rows duplicated", "rows wrong", "findings of verify",
                 "stores that did not open", "flips that nobody noticed"):
        same(figures[name], "0")
    assert int(figures["rows acknowledged"]) > 0, result.out


def test_a_torture_without_syncs_finds_the_loss(folder):
    result = run("torture", "--dir", "here", "--rounds", "8", "--seed", "3", "--no-sync", "-q",
                 cwd=folder)
    same(result.code, 3)
    refused(2, "which disk?", "torture", cwd=folder)
    refused(2, "--rounds must be 1 or more", "torture", "--dir", "here", "--rounds", "0", cwd=folder)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
