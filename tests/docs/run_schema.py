#!/usr/bin/env python3
"""docs/schema.md says what the program says.

    tests/docs/run_schema.py [TAPEDECK]
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else os.environ["TAPEDECK"]
    done = subprocess.run([sys.executable, ROOT / "tools" / "schema_doc.py", program, "--check"])
    print("1 passed, 0 failed" if done.returncode == 0 else
          "write the page again with tools/schema_doc.py\n0 passed, 1 failed")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
