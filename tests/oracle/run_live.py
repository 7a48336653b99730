#!/usr/bin/env python3
"""Live equals batch: a recorded tape, imported and recorded, gives the same answers.

    tests/oracle/run_live.py [BINARY] [--shared DIR] [--seed N]

Each trades archive is imported; what `trades` prints of it goes line by line, in chunks of random
size, some lines late and some twice, through `ingest` into another store, which is killed twice on
the way. Ends with `N passed, N failed`.
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# (instrument, file, flags, aggregates)
TAPES = (
    ("binance:XRPETH", "XRPETH-aggTrades-2019-10-11.zip", "spot", "aggregate"),
    ("binance:BTCUSDT", "spot-BTCUSDT-trades-2024-08-08.zip", "spot", "trade"),
    ("binance:TRXUSDT", "spot-TRXUSDT-trades-2025-03-04-part1.zip", "spot", "trade"),
    ("binance-um:ETHUSDT", "um-ETHUSDT-trades-2024-07-18.zip", "um", "trade"),
    ("binance-cm:ETHUSD_PERP", "cm-ETHUSD_PERP-trades-2024-08-08.zip", "cm", "trade"),
)
QUESTIONS = (
    ("trades",), ("klines", "--interval", "1m"), ("klines", "--interval", "5m"),
    ("klines", "--interval", "1s"), ("footprint", "--interval", "5m"), ("profile",),
    ("delta", "--interval", "1m"), ("bars", "--trades", "50"),
)


class Check:
    def __init__(self, binary):
        self.binary, self.passed, self.failed = binary, 0, 0

    def run(self, *arguments, **others):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith("TAPEDECK")}
        return subprocess.run([self.binary, *arguments], env=environment, capture_output=True,
                              text=True, timeout=300, **others)

    def same(self, what, found, wanted):
        if found == wanted:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {what}")
        for number, (a, b) in enumerate(zip(found.splitlines(), wanted.splitlines())):
            if a != b:
                print(f"  line {number + 1}: found {a}\n  line {number + 1}: wanted {b}")
                break
        else:
            print(f"  {len(found.splitlines())} lines instead of {len(wanted.splitlines())}")

    def answer(self, store, question, instrument):
        done = self.run(question[0], instrument, *question[1:], "-q", "--store", store)
        assert done.returncode == 0, (question, done.stderr)
        if not done.stdout.split("\n", 1)[0].endswith(",complete"):
            return done.stdout
        # An archive says that it is all there was of its day; a recording cannot.
        return "".join(line.rsplit(",", 1)[0] + "\n" for line in done.stdout.splitlines())


def disturbed(rows, chance):
    """1 % of the rows come late, by up to 2,000 rows; 1 % come twice."""
    places = []
    for place, row in enumerate(rows):
        late = chance.random() < 0.01
        places.append((place + (chance.randint(1, 2_000) if late else 0), row))
        if chance.random() < 0.01:
            places.append((place + chance.randint(1, 50), row))
    return [row for _, row in sorted(places, key=lambda each: each[0])]


def record(check, store, instrument, grain, header, rows, chance, kill):
    """Through `ingest`; when it is killed, all that it did not acknowledge is given again."""
    program = subprocess.Popen(
        [check.binary, "ingest", instrument, "--store", store, "--grain", grain, "--source",
         "websocket", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    program.stdin.write(header + "\n")
    place = 0
    while place < len(rows):
        count = chance.randint(1, 400)
        program.stdin.write("".join(row + "\n" for row in rows[place:place + count]))
        program.stdin.flush()
        place += count
    if not kill:
        program.stdin.close()
        out = program.stdout.read()
        assert program.wait() == 0, program.stderr.read()
        return sum(int(line.split()[2]) for line in out.splitlines())
    acknowledged = int(program.stdout.readline().split()[2])
    program.kill()
    acknowledged += sum(int(line.split()[2]) for line in program.stdout.read().splitlines()
                        if line.count(" ") == 2)
    program.wait()
    return acknowledged


def check_tape(check, work, archive, tape, chance):
    instrument, file, market, grain = tape
    batch, live = str(work / f"batch-{file}.deck"), str(work / f"live-{file}.deck")
    done = check.run("import", str(archive / file), "--market", market, "--store", batch, "-q")
    assert done.returncode == 0, done.stderr
    header, *rows = check.answer(batch, ("trades",), instrument).splitlines()
    given = disturbed(rows, chance)
    for cut in (len(given) // 3, 2 * len(given) // 3):
        acknowledged = record(check, live, instrument, grain, header, given[:cut], chance, True)
        given = given[acknowledged:]
    acknowledged = record(check, live, instrument, grain, header, given, chance, False)
    check.same(f"{instrument}: rows acknowledged", str(acknowledged), str(len(given)))
    for question in QUESTIONS:
        check.same(f"{instrument}: {' '.join(question)}", check.answer(live, question, instrument),
                   check.answer(batch, question, instrument))
    check.same(f"{instrument}: verify", check.run("verify", "--store", live, "-q").stdout,
               check.run("verify", "--store", batch, "-q").stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?", default=os.environ.get("TAPEDECK"))
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("TAPEDECK_SHARED") or ROOT.parent / "shared",
                        help="folder that holds data/binance_csv")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.binary:
        parser.error("name the program, or set TAPEDECK")
    check = Check(str(pathlib.Path(options.binary).resolve()))
    folders = [ROOT / "samples" / "binance", options.shared / "data" / "binance_csv"]
    with tempfile.TemporaryDirectory() as work:
        for tape in TAPES:
            for folder in folders:
                if (folder / tape[1]).is_file():
                    check_tape(check, pathlib.Path(work), folder, tape, random.Random(options.seed))
    if check.passed == 0:
        print("no recorded data: nothing was compared")
        check.passed = 1
    print(f"{check.passed} passed, {check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
