#!/usr/bin/env python3
"""Runs clang-tidy over the sources in src/, in parallel, and skips what it has passed before.

    tools/tidy.py BUILD [JOBS]

BUILD holds compile_commands.json. A source that passed leaves a stamp in BUILD/tidy-passed named by the
hash of all that the verdict depends on: .clang-tidy, the command, the source and our headers below it.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-14"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def below(source):
    """The source and every header of ours that it reaches."""
    seen, waiting = set(), [source]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in INCLUDE.findall(file.read_text(encoding="utf-8", errors="replace")):
            waiting += [path for path in (ROOT / "src" / name, ROOT / "include" / name)
                        if path.is_file()]
    return sorted(seen)


def verdict_key(entry, version):
    key = hashlib.sha256(version)
    key.update((ROOT / ".clang-tidy").read_bytes())
    key.update(entry["command"].encode())
    for file in below(pathlib.Path(entry["file"])):
        key.update(file.read_bytes())
    return key.hexdigest()


def run(entry, build):
    done = subprocess.run([CLANG_TIDY, "--quiet", "-p", str(build), entry["file"]],
                          capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout if done.stdout.strip() else done.stderr


def main(arguments):
    build = pathlib.Path(arguments[1]).resolve()
    jobs = int(arguments[2]) if len(arguments) > 2 else 2
    passed_before = build / "tidy-passed"
    passed_before.mkdir(exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    # Some sources are compiled into more than one target; one look at each is enough.
    sources = list({entry["file"]: entry for entry in entries
                    if pathlib.Path(entry["file"]).is_relative_to(ROOT / "src")}.values())
    stamps = {entry["file"]: passed_before / verdict_key(entry, version) for entry in sources}
    todo = [entry for entry in sources if not stamps[entry["file"]].exists()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for entry, (good, text) in zip(todo, pool.map(lambda entry: run(entry, build), todo)):
            if good:
                stamps[entry["file"]].touch()
            else:
                failed += 1
                print(text)
    for stamp in set(passed_before.iterdir()) - set(stamps.values()):
        stamp.unlink()
    print(f"clang-tidy: {len(sources)} sources, {len(todo)} looked at, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
