#!/usr/bin/env python3
"""Counts what a ctest run tested: `passed failed` on one line.

    tools/count_tests.py JUNIT.xml…

A test that counts cases of its own (doctest, or a last line `N passed, N failed`) counts as those
cases, any other test as one.
"""

import re
import sys
import xml.etree.ElementTree

DOCTEST = re.compile(r"test cases: *\d+ \| *(\d+) passed \| *(\d+) failed")
PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed", re.MULTILINE)


def count(case):
    output = case.findtext("system-out") or ""
    found = DOCTEST.findall(output) or PLAIN.findall(output)
    good = case.get("status") == "run"
    if not found:
        return (1, 0) if good else (0, 1)
    passed, failed = (int(number) for number in found[-1])
    # A crash after the last counted case, or a leak, fails the run without failing a case.
    return passed, failed if good else max(failed, 1)


def main(arguments):
    counts = [count(case) for file in arguments[1:]
              for case in xml.etree.ElementTree.parse(file).getroot().iter("testcase")]
    print(sum(passed for passed, _ in counts), sum(failed for _, failed in counts))


if __name__ == "__main__":
    main(sys.argv)
