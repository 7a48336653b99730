#!/usr/bin/env python3
"""Plants one fault at a time in a small tree and asks tools/check_tree.py to find exactly that."""

import pathlib
import subprocess
import sys
import tempfile

CHECKER = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_tree.py"

CLEAN = {
    "include/tapedeck/base/error.hpp": "#pragma once\n#include <string>\n",
    "include/tapedeck/market/time.hpp": '#pragma once\n#include "tapedeck/base/error.hpp"\n',
    "src/base/check.cpp": '#include <fmt/format.h>\n#include "tapedeck/base/error.hpp"\n',
    "src/cli/main.cpp": '#include "feed/zip.hpp"\n#include <CLI/CLI.hpp>\n',
    "src/feed/zip.hpp": "#pragma once\n",
    "src/feed/zip.cpp": '#include "feed/zip.hpp"\n#include "tapedeck/market/time.hpp"\n',
    "tests/feed/zip_test.cpp": '#include "feed/zip.hpp"\n',
    "src/duck/result.hpp": "#pragma once\n#include <duckdb.h>\n",
    "bench/plain_duckdb.cpp": "#include <duckdb.h>\n",
    "fuzz/zip_fuzz.cpp": '#include "feed/zip.hpp"\n',
}

# (what is wrong, files on top of CLEAN, expected beginning of the one finding, word in its message)
FAULTS = [
    ("an include that goes up", {"src/feed/zip.hpp": '#pragma once\n#include "store/core.hpp"\n'},
     "src/feed/zip.hpp:2:", "base, market"),
    ("a public header that goes up",
     {"include/tapedeck/market/time.hpp": '#pragma once\n#include "tapedeck/store/store.hpp"\n'},
     "include/tapedeck/market/time.hpp:2:", "market must not know store"),
    ("the store that knows venue formats",
     {"src/store/core.hpp": '#pragma once\n#include "feed/zip.hpp"\n'},
     "src/store/core.hpp:2:", "store must not know feed"),
    ("the command line that knows the engine",
     {"src/cli/table.hpp": '#pragma once\n#include "duck/result.hpp"\n'},
     "src/cli/table.hpp:2:", "cli must not know duck"),
    ("a public header on a private one",
     {"include/tapedeck/market/time.hpp": '#pragma once\n#include "base/file.hpp"\n'},
     "include/tapedeck/market/time.hpp:2:", "include/tapedeck/"),
    ("a public header that shows a dependency",
     {"include/tapedeck/market/time.hpp": "#pragma once\n#include <openssl/evp.h>\n"},
     "include/tapedeck/market/time.hpp:2:", "Impl"),
    ("an include that does not name its layer",
     {"src/feed/zip.cpp": '#include "zip.hpp"\n'}, "src/feed/zip.cpp:1:", '"feed/zip.hpp"'),
    ("the engine's header outside of duck",
     {"src/feed/zip.hpp": "#pragma once\n#include <duckdb.h>\n"}, "src/feed/zip.hpp:2:", "src/duck/"),
    ("a benchmark that looks inside",
     {"bench/write_bench.cpp": '#include "store/core.hpp"\n'}, "bench/write_bench.cpp:1:", "public"),
    ("a name that says nothing",
     {"src/feed/helpers.hpp": "#pragma once\n"}, "src/feed/helpers.hpp:1:", "name the one concept"),
    ("a folder that says nothing",
     {"tests/common/folder.hpp": "#pragma once\n"}, "tests/common/folder.hpp:1:", "name the one"),
    ("a layer that nobody ranked",
     {"src/extra/thing.hpp": "#pragma once\n"}, "src/extra/thing.hpp:1:", "MAY_INCLUDE"),
    ("a header that is too long",
     {"src/feed/zip.hpp": "#pragma once\n" + "int a;\n" * 300}, "src/feed/zip.hpp:301:", "300"),
    ("a source that is too long",
     {"src/feed/zip.cpp": "int a;\n" * 501}, "src/feed/zip.cpp:501:", "500"),
    ("a header without #pragma once", {"src/feed/zip.hpp": "int a;\n"}, "src/feed/zip.hpp:1:",
     "#pragma once"),
    ("a source without its mirror test", {"src/feed/csv.cpp": "int a;\n"}, "src/feed/csv.cpp:1:",
     "tests/feed/csv_test.cpp"),
    ("a clock of its own", {"src/feed/zip.cpp": "auto t = std::chrono::system_clock::now();\n"},
     "src/feed/zip.cpp:1:", "Clock"),
    ("a test that sleeps", {"tests/feed/zip_test.cpp": "std::this_thread::sleep_for(1s);\n"},
     "tests/feed/zip_test.cpp:1:", "latch"),
    ("a suppression without a reason", {"src/feed/zip.cpp": "int a;  // NOLINT(bugprone-x)\n"},
     "src/feed/zip.cpp:1:", "why"),
    ("a suppression of everything", {"src/feed/zip.cpp": "int a;  // NOLINT: the C API\n"},
     "src/feed/zip.cpp:1:", "why"),
    ("work left in the code", {"src/feed/zip.cpp": "// TODO: later\n"}, "src/feed/zip.cpp:1:",
     "issue"),
    ("a thread that nobody joins", {"src/feed/zip.cpp": "std::thread worker;\n"},
     "src/feed/zip.cpp:1:", "std::jthread"),
]

# Near misses that must stay silent.
FINE = [
    ("a clock read in base/clock",
     {"src/base/clock.cpp": "auto t = std::chrono::system_clock::now();\n",
      "tests/base/clock_test.cpp": "int a;\n"}),
    ("a suppression with a reason",
     {"src/feed/zip.cpp": "int a;  // NOLINT(bugprone-x): the C API wants it\n"
                          "// The C API fills it. NOLINTNEXTLINE(bugprone-x)\nint b;\n"}),
    ("a question to std::thread",
     {"src/feed/zip.cpp": "auto n = std::thread::hardware_concurrency();\n"}),
    ("ingest that reads feed",
     {"src/ingest/files.hpp": '#pragma once\n#include "feed/zip.hpp"\n#include "store/core.hpp"\n'}),
]


def findings(changes):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **changes}.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        subprocess.run(["git", "init", "-q", folder], check=True)
        run = subprocess.run([sys.executable, str(CHECKER), folder], capture_output=True, text=True,
                             check=False)
    lines = run.stdout.splitlines()[:-1]
    assert (run.returncode != 0) == bool(lines), (run.returncode, run.stdout, run.stderr)
    return lines


def main():
    passed, failed = 0, 0
    cases = [(what, files, None, None) for what, files in [("a clean tree", {})] + FINE]
    for what, files, begin, word in cases + FAULTS:
        lines = findings(files)
        good = not lines if begin is None else (
            len(lines) == 1 and lines[0].startswith(begin) and word in lines[0])
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAILED {what}: wanted {begin or 'no finding'} {word or ''}, found:")
            print("\n".join(lines) or "nothing")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
