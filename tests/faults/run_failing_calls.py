#!/usr/bin/env python3
"""DuckDB's own writes fail under a recording: nothing that was acknowledged is lost or there twice.

    run_failing_calls.py [TAPEDECK [TEST…]]

A library that is preloaded (failing_calls.cpp, its path in FAILING_CALLS) makes the Nth call fail that
changes the database's files, for N over the whole recording. Ends with `N passed, N failed`.
"""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from program import ok, run, run_tests, same

HEADER = "time,trade_id,price,quantity,side\n"
ROWS = 24_000
# DuckDB throws out of a destructor when it cannot take a failed commit out of its WAL: the program ends.
CANNOT_CUT = "Could not truncate file"
ASK = "SELECT count(*), count(DISTINCT trade_id) FROM tape.trades"
DISK_FULL, IO_ERROR, FOR_EVER = 28, 5, 1_000_000


def lines(first, count):
    return "".join(f"{1_700_000_000_000 + n * 10},{n},{100 + n % 7}.5,0.25,buy\n"
                   for n in range(first, first + count))


def record(folder, at=0, error=DISK_FULL, times=1, checkpoint="128MiB", torn=False):
    """A recording whose AT-th call fails; returns the rows acknowledged, the calls counted and its words."""
    count = folder / "calls"
    result = run("ingest", "binance:BTCUSDT", "--store", "t.deck", cwd=folder,
                 stdin=HEADER + lines(1, ROWS),
                 env={"LD_PRELOAD": os.environ["FAILING_CALLS"], "FAIL_PATH": "store.duckdb",
                      "FAIL_AT": str(at), "FAIL_ERRNO": str(error), "FAIL_TIMES": str(times),
                      "FAIL_TORN": str(int(torn)),
                      "FAIL_COUNT": str(count), "ASAN_OPTIONS": "verify_asan_link_order=0",
                      "TAPEDECK_CHECKPOINT_THRESHOLD": checkpoint})
    rows = sum(int(line.split()[2]) for line in result.lines if line.startswith("ack "))
    if torn or (result.code == -signal.SIGABRT and CANNOT_CUT in result.err):
        return rows, 0, result.err
    assert result.code >= 0, (at, result.code, result.err[-500:])  # no signal
    if times == 1:
        same(result.code, 0)  # it passes, and all is applied
    return rows, int(count.read_text()), result.err


def check_one(folder, name, **failing):
    place = folder / name
    shutil.copytree(folder / "begun", place)
    acknowledged, _, words = record(place, **failing)
    opened = ok("sql", "--store", "t.deck", ASK, cwd=place)
    stored, ids = map(int, opened.lines[1].split(","))
    assert stored == ids >= acknowledged + 1, (name, stored, ids, acknowledged)
    ended = failing.get("torn") or CANNOT_CUT in words
    assert ended or stored == acknowledged + 1, (name, stored, acknowledged)
    same(ok("verify", "--store", "t.deck", "-q", cwd=place).lines[1:], [])
    shutil.rmtree(place)
    return words + opened.err


def check_every(folder, steps, **others):
    """One of STEPS calls of the recording fails in each run; returns what they said."""
    folder = pathlib.Path(folder)
    begun = folder / "begun"
    begun.mkdir()
    run("ingest", "binance:BTCUSDT", "--store", "t.deck", cwd=begun, stdin=HEADER + lines(0, 1))
    counted = folder / "counted"
    shutil.copytree(begun, counted)
    rows, calls, _ = record(counted, **{**others, "torn": False})
    same(rows, ROWS)
    assert calls > 10, calls
    places = sorted({1 + calls * step // steps for step in range(steps)})
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda at: check_one(folder, f"at-{at}", at=at, **others), places))


def runs_with(words, said):
    return sum(words in one for one in said)


def test_the_disk_is_full_once_at_any_call(folder):
    assert runs_with("No space left", check_every(folder, 10)) > 2


def test_a_checkpoint_fails_at_any_call(folder):
    said = check_every(folder, 10, checkpoint="1KiB")
    assert runs_with("No space left", said) > 2
    assert runs_with("DuckDB gave its database up; it is opened again", said) > 0, said


def test_a_call_fails_with_an_io_error(folder):
    check_every(folder, 5, error=IO_ERROR)  # DuckDB tries some of them again by itself


def test_from_some_call_on_the_disk_stays_full(folder):
    assert runs_with("No space left", check_every(folder, 5, times=FOR_EVER)) > 0


def test_a_device_that_fails_for_good_may_cost_the_program_but_no_row(folder):
    said = check_every(folder, 20, error=IO_ERROR, times=FOR_EVER)
    assert runs_with("Input/output error", said) > 0, said


def test_a_kill_within_any_write_leaves_a_store_that_opens(folder):
    said = check_every(folder, 60, checkpoint="1KiB", torn=True)
    assert runs_with("a checkpoint did not end", said) > 1, said


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
