"""The program under test, and what the tests of the command line share.

The program is TAPEDECK (the first argument of the script, or the environment variable).
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import traceback
import zipfile

TAPEDECK = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ["TAPEDECK"])
BASE = 1723075200000  # 2024-08-08T00:00:00Z in milliseconds
# (id, price, quantity, ms behind BASE, sold by the aggressor)
TAPE = [(1, "100", "1", 60000, False), (2, "101", "2", 60500, True),
        (3, "99", "1", 119999, False), (4, "102", "4", 120000, True)]


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        self.lines = out.splitlines()


def run(*arguments, cwd, stdin=None, env=None):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith("TAPEDECK")}
    environment.update(env or {})
    done = subprocess.run([TAPEDECK, *arguments], cwd=cwd, input=stdin, env=environment,
                          capture_output=True, text=True, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)


def ok(*arguments, cwd, **others):
    result = run(*arguments, cwd=cwd, **others)
    assert result.code == 0, (arguments, result.code, result.out, result.err)
    return result


def refused(code, part, *arguments, cwd, **others):
    result = run(*arguments, cwd=cwd, **others)
    assert result.code == code, (arguments, result.code, result.out, result.err)
    assert part in result.err, (arguments, part, result.err)
    return result


def same(found, wanted):
    assert found == wanted, f"found  {found!r}\nwanted {wanted!r}"


def trade_lines(tape):
    return "".join(f"{ident},{price},{quantity},{float(price) * float(quantity)},{BASE + ms},"
                   f"{sold},True\n" for ident, price, quantity, ms, sold in tape)


def archive(folder, name, text, market="spot", kind="trades"):
    symbol = name.split("-")[0]
    tree = {"spot": "spot", "um": "futures/um", "cm": "futures/cm"}[market]
    place = pathlib.Path(folder) / "data" / tree / "daily" / kind / symbol
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{name}.csv", text)
    return path


def with_store(folder, tape=TAPE):
    archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(tape))
    ok("import", "data", "-q", cwd=folder)
    return folder


def run_tests(script):
    """Runs the tests of a script, given its globals(), each in a folder of its own; of those that
    the command line names if it names any. Prints `N passed, N failed` and returns the exit code."""
    passed, failed = 0, 0
    chosen = sys.argv[2:]
    for name, test in list(script.items()):
        if not name.startswith("test_") or (chosen and name not in chosen):
            continue
        with tempfile.TemporaryDirectory(prefix="tapedeck-cli-") as folder:
            try:
                test(folder)
                passed += 1
            except Exception:  # a failed test must not stop the others
                failed += 1
                print(f"FAILED {name}")
                traceback.print_exc(limit=-2, file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
