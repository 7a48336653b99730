#!/usr/bin/env python3
"""Do the programs in examples/ print what stands in tests/docs/examples/?

    tests/docs/run_examples.py [FOLDER]

FOLDER holds the built programs; else the environment variable EXAMPLES. The output of examples/NAME.cpp
is compared with NAME.out, where … stands for any text in a line, and alone in a line for any lines: times
and ids. Each program runs in the repository's root and must end with 0. One that is given a folder to
write to (ARGUMENTS) must leave in it what is said there, and no more. Ends with `N passed, N failed`.
"""

import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

import run_guide

SHOWN = run_guide.ROOT / "tests" / "docs" / "examples"
TIMEOUT_S = 120
# What a program is started with, and what it leaves in the folder {}.
ARGUMENTS = {
    "basic_usage": (["{}/metrics.duckdb"], ["metrics.deck"]),
    "good_and_bad": (["{}"], []),
    "migration": (["{}/history.deck"], ["history.deck"]),
    "observability_integration": (["20", "{}/watched.deck"], ["watched.deck"]),
    "order_lifecycle": (["{}/orders.deck"], ["orders.deck"]),
}


def check(built, name, folder):
    """What is wrong with a program's output, or nothing."""
    arguments, left = ARGUMENTS.get(name, ([], []))
    done = subprocess.run([built / f"example_{name}", *(word.format(folder) for word in arguments)],
                          cwd=run_guide.ROOT, capture_output=True, text=True, timeout=TIMEOUT_S)
    shown = (SHOWN / f"{name}.out").read_text(encoding="utf-8").splitlines()
    found = (done.stdout + done.stderr).splitlines()
    if done.returncode != 0:
        yield f"  exit code {done.returncode}"
    if not run_guide.same(shown, found):
        yield from (f"  {line}" for line in difflib.unified_diff(
            shown, found, "expected", "printed", lineterm="", n=1))
    names = sorted(path.name for path in folder.iterdir())
    if names != left:
        yield f"  left {names} behind, not {left}"


def main():
    built = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["EXAMPLES"]).resolve()
    sources = sorted(path.stem for path in (run_guide.ROOT / "examples").glob("*.cpp"))
    passed = failed = 0
    for name in sorted({*sources, *(path.stem for path in SHOWN.glob("*.out"))}):
        with tempfile.TemporaryDirectory(prefix="tapedeck-example-") as folder:
            try:
                told = list(check(built, name, pathlib.Path(folder)))
            except (OSError, subprocess.TimeoutExpired) as error:
                told = [f"  {error}"]
        passed, failed = passed + (not told), failed + bool(told)
        if told:
            print("\n".join([f"FAILED {name}", *told]))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
