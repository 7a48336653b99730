#!/usr/bin/env python3
"""Checks what the shape of the tree promises: ranks of the folders, names, sizes, mirror tests.

    tools/check_tree.py [ROOT]

Prints one line a finding, `file:line: what is wrong; what to do instead`, and exits 1 if there is any.
The ranks and their reasons: ARCHITECTURE.md.
"""

import fnmatch
import pathlib
import re
import subprocess
import sys

VALUES = {"base", "market"}
FOLDS = VALUES | {"book", "tape", "duck"}
OVER_STORE = FOLDS | {"store"}
UPPER = {"query", "ledger", "telemetry", "archive", "ingest"}

# Folder of src/ and include/tapedeck/ -> the other folders that it may include.
MAY_INCLUDE = {
    "base": set(),
    "market": {"base"},
    "book": VALUES,
    "feed": VALUES,
    "tape": VALUES,
    "duck": VALUES,
    "store": FOLDS,
    "query": OVER_STORE,
    "ledger": OVER_STORE,
    "telemetry": OVER_STORE,
    "archive": OVER_STORE,
    "ingest": OVER_STORE | {"feed"},
    "server": VALUES | {"book", "tape", "store"} | UPPER,
    "cli": VALUES | {"book", "feed", "tape", "store", "server"} | UPPER,
}
# Folders that stand where a user of the library stands -> folders of src/ they may see all the same.
# (fuzzers: the decoders that they feed, and TAPEDECK_CHECK to say what they expect; benchmarks: the
# decoders, whose speed is an aim of its own).
OUTSIDE = {"bench": {"feed"}, "fuzz": {"base", "book", "feed", "tape"}, "examples": set(), "python": set()}

# Third-party header -> the places that may include it: each dependency stays behind one folder.
CONFINED = {
    "duckdb.h": ("src/duck/", "bench/plain_duckdb.cpp"),  # the peer that we are measured against
    "CLI/": ("src/cli/",),
    "isa-l/": ("src/feed/", "src/base/crc32", "bench/standard_tape.cpp"),  # the bench writes zips
    "nlohmann/": ("src/cli/", "src/ledger/", "src/market/metric", "src/store/foreign_fees",
                  "src/telemetry/"),
    "simdjson.h": ("src/feed/",),
    "spdlog/": ("src/base/",),
}
# What a public header may show of others: a user's build has to find it too.
PUBLIC_THIRD_PARTY = ("tl/",)

# Sources (patterns of them) without a mirror test, and why.
FROM_OUTSIDE = "only whole commands show it: tests/cli/run_cli.py"
SEEN_BY_LEDGER = "tests/ledger writes and reads through it"
SEEN_BY_TELEMETRY = "tests/telemetry writes and reads through it"
NO_MIRROR_TEST = {
    "src/base/check.cpp": "aborts the process; the invariants' own tests see it",
    "src/cli/command*.cpp": FROM_OUTSIDE,
    "src/cli/answer.cpp": FROM_OUTSIDE,
    "src/cli/interrupt.cpp": FROM_OUTSIDE,
    "src/cli/main.cpp": FROM_OUTSIDE,
    "src/cli/options.cpp": FROM_OUTSIDE,
    "src/cli/torture*.cpp": FROM_OUTSIDE,
    "src/cli/child.cpp": FROM_OUTSIDE,
    "src/feed/capture_batch.cpp": "tests/feed/capture_decoder_test.cpp reads what it collects",
    "src/feed/report_json.cpp": "binance_reports_test.cpp and alpaca_reports_test.cpp read with it",
    "src/ingest/file_store.cpp": "tests/ingest/importer_test.cpp imports through it",
    "src/query/answer_columns.cpp": "tests/query/sql_test.cpp gives rows of every type through it",
    "src/query/book_reading.cpp": "tests/query/book_test.cpp asks through book_at",
    "src/query/book_scan.cpp": "tests/query/liquidity_test.cpp folds over it",
    "src/query/level_areas.cpp": "tests/query/liquidity_test.cpp compares it with brute force",
    "src/query/klines.cpp": "tests/query/bars_test.cpp asks through for_each_kline",
    "src/query/memory_market_data.cpp": "tests/query/market_data_repository_test.cpp",
    "src/query/timed_reading.cpp": "tests/store/reader_pool_test.cpp stops a statement of run_sql",
    "src/query/verify_*.cpp": "tests/query/verify_test.cpp asks through verify",
    "src/store/condition_text.cpp": "tests/query/query_builder_test.cpp reads every text of it",
    "src/store/fill_rows.cpp": SEEN_BY_LEDGER,
    "src/store/ledger_batch.cpp": SEEN_BY_LEDGER,
    "src/store/live_ledger.cpp": SEEN_BY_LEDGER,
    "src/store/mark_rows.cpp": SEEN_BY_LEDGER,
    "src/store/order_rows.cpp": SEEN_BY_LEDGER,
    "src/store/portfolio_rows.cpp": SEEN_BY_LEDGER,
    "src/store/position_rows.cpp": SEEN_BY_LEDGER,
    "src/ledger/entry_checks.cpp": SEEN_BY_LEDGER,
    "src/ledger/entry_making.cpp": SEEN_BY_LEDGER,
    "src/ledger/stored_ledger.cpp": "tests/ledger/memory_ledger_test.cpp compares memory with it",
    "src/store/ledger_call.cpp": SEEN_BY_LEDGER,
    "src/store/live_series.cpp": SEEN_BY_TELEMETRY,
    "src/store/log_rows.cpp": SEEN_BY_TELEMETRY,
    "src/store/metric_rows.cpp": SEEN_BY_TELEMETRY,
    "src/telemetry/log_views.cpp": SEEN_BY_TELEMETRY,
    "src/telemetry/logs.cpp": SEEN_BY_TELEMETRY,
    "src/telemetry/memory_telemetry.cpp": "tests/telemetry/repositories_test.cpp",
    "src/telemetry/record_checks.cpp": SEEN_BY_TELEMETRY,
    "src/store/given_read.cpp": "tests/store/given_rows_test.cpp reads what it wrote",
    "src/store/observed.cpp": "tests/store/observe_test.cpp reads what it counts",
    "src/store/replay.cpp": "recovery_test.cpp and salvage_test.cpp give it journals",
    "src/store/applier.cpp": "tests/store/live_tape_test.cpp and recovery_test.cpp give it frames",
    "src/store/live_minutes.cpp": "tests/store/live_tape_test.cpp compares live with batch",
    "src/store/live_tape_apply.cpp": "tests/store/live_tape_test.cpp",
    "src/store/live_faults.cpp": "tests/store/live_tape_test.cpp and tests/faults meet them",
    "src/store/reject_rows.cpp": "tests/ingest/rejects_test.cpp and live_tape_test.cpp read them",
    "src/store/settings.cpp": "tests/store/store_test.cpp sets them",
    "src/store/migration_*.cpp": "texts; tests/store/views_test.cpp and schema_test.cpp see them",
    "src/store/minute_bars_read.cpp": "tests/store/minute_bars_test.cpp reads what it wrote",
}

BANNED_NAMES = {"util", "utils", "common", "helper", "helpers", "misc", "manager", "types"}
MAX_LINES = {".hpp": 300, ".cpp": 500}

# (files that it holds for, files exempt, pattern, message)
LINE_RULES = [
    (r"\.(cpp|hpp)$", r"^src/base/clock\.", r"(system|high_resolution)_clock::now",
     "reads the clock: take a Clock (src/base/clock.hpp), so that a test can set the time"),
    (r"^tests/", r"^$", r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep)\b",
     "sleeps: wait for the event itself (a latch, a condition, an acknowledgement)"),
    (r"\.(cpp|hpp)$", r"^$", r"\bNOLINT(NEXTLINE|BEGIN)?\b(?!\()|// *NOLINT\w*\([^)]*\)\W*$",
     "suppression without a reason: write NOLINT(check-name): why"),
    (r"\.(cpp|hpp|py|cmake|txt|sh)$|^dev$", r"^$", r"\b(TODO|FIXME|XXX)\b",
     "leaves work in the code: do it, or open an issue and remove the line"),
    (r"\.(cpp|hpp)$", r"^$", r"\bstd::thread\b(?!::)",
     "std::thread must be joined by hand: use std::jthread"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, file, line, text):
        self.lines.append(f"{file}:{line}: {text}")


def tracked_files(root):
    """Every file git knows or would add, so that a new file is checked before its first commit."""
    out = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
                         check=True, capture_output=True, text=True).stdout
    names = sorted({name for name in out.split("\0") if name})
    return [name for name in names if (root / name).is_file()]


def layer_of(file):
    """The layer a file belongs to; None outside of src/ and include/tapedeck/."""
    parts = pathlib.PurePosixPath(file).parts
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ("include", "tapedeck") and len(parts) > 3:
        return parts[2]
    return None


def included_layer(name):
    """`tapedeck/market/time.hpp` -> ("market", True); `base/file.hpp` -> ("base", False)."""
    parts = name.split("/")
    if parts[0] == "tapedeck" and len(parts) > 2:
        return parts[1], True
    if parts[0] in MAY_INCLUDE:
        return parts[0], False
    return None, False


def allowed(names):
    return ", ".join(sorted(names)) or "nothing"


def check_own_include(file, line, name, found):
    layer, public = included_layer(name)
    here = layer_of(file)
    top = file.split("/")[0]
    if here is not None:
        if layer is None:
            found.add(file, line, f'"{name}" does not name its layer: write "{here}/{name}" or '
                                  f'"tapedeck/{here}/…"')
        elif layer != here and layer not in MAY_INCLUDE.get(here, set()):
            found.add(file, line, f"{here} must not know {layer}: it may include "
                                  f"{allowed(MAY_INCLUDE.get(here, set()))}; move what it needs "
                                  "down, or this code up")
        elif file.startswith("include/") and not public:
            found.add(file, line, f'public header includes the private "{name}": declare what it '
                                  "needs, or move that header to include/tapedeck/")
    elif top in OUTSIDE and layer is not None and not public and layer not in OUTSIDE[top]:
        found.add(file, line, f'{top}/ sees public headers only: use "tapedeck/…" instead of '
                              f'"{name}"')


def check_foreign_include(file, line, name, found):
    for prefix, places in CONFINED.items():
        if name.startswith(prefix) and not file.startswith(places + ("tests/",)):
            found.add(file, line, f"<{name}> belongs to {places[0]} only: use what that folder "
                                  "offers, or add it there")
    third_party = "/" in name and not name.startswith(("sys/", "experimental/"))
    if file.startswith("include/") and third_party and not name.startswith(PUBLIC_THIRD_PARTY):
        found.add(file, line, f"public header shows <{name}> to every user's build: hide it behind "
                              "an Impl in src/")


def check_lines(file, lines, found):
    rules = [(re.compile(pattern), message) for files, exempt, pattern, message in LINE_RULES
             if re.search(files, file) and not re.search(exempt, file)]
    is_code = file.endswith((".cpp", ".hpp"))
    for number, text in enumerate(lines, 1):
        for pattern, message in rules:
            if pattern.search(text):
                found.add(file, number, message)
        include = INCLUDE.match(text) if is_code else None
        if include and include[1] == '"':
            check_own_include(file, number, include[2], found)
        elif include:
            check_foreign_include(file, number, include[2], found)


def check_shape(file, lines, found):
    path = pathlib.PurePosixPath(file)
    limit = MAX_LINES.get(path.suffix)
    if limit is None:
        return
    if len(lines) > limit:
        found.add(file, len(lines), f"{len(lines)} lines, at most {limit}: a concept in it wants a "
                                    "file of its own")
    if path.suffix == ".hpp" and not any(line.strip() == "#pragma once" for line in lines):
        found.add(file, 1, "no #pragma once: add it below the first comment")
    if path.stem in BANNED_NAMES or BANNED_NAMES & set(path.parts[:-1]):
        found.add(file, 1, f'"{path.stem}" says nothing: name the one concept that it holds')
    layer = layer_of(file)
    if layer is not None and layer not in MAY_INCLUDE:
        found.add(file, 1, f"unknown layer {layer}: add it to MAY_INCLUDE in tools/check_tree.py "
                           "and to ARCHITECTURE.md, or use a layer that exists")


def check_mirror_tests(files, found):
    present = set(files)
    for file in files:
        path = pathlib.PurePosixPath(file)
        if layer_of(file) is None or path.suffix != ".cpp":
            continue
        mirror = f"tests/{'/'.join(path.parts[1:-1])}/{path.stem}_test.cpp"
        if mirror not in present and not any(fnmatch.fnmatch(file, name) for name in NO_MIRROR_TEST):
            found.add(file, 1, f"no mirror test: write {mirror}, or say in NO_MIRROR_TEST why none")


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else
                        pathlib.Path(__file__).resolve().parent.parent)
    found = Findings()
    files = tracked_files(root)
    # The checker and its test hold the words that they look for.
    skipped = {"tools/check_tree.py", "tests/tools/run_check_tree.py"}
    for file in files:
        if file in skipped or not re.search(r"\.(cpp|hpp|h|py|cmake|txt|sh)$|^dev$", file):
            continue
        lines = (root / file).read_text(encoding="utf-8", errors="replace").splitlines()
        check_shape(file, lines, found)
        check_lines(file, lines, found)
    check_mirror_tests(files, found)
    for line in found.lines:
        print(line)
    print(f"tree: {len(files)} files, {len(found.lines)} findings")
    return 1 if found.lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
