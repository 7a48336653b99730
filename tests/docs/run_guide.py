#!/usr/bin/env python3
"""Does the program print what docs/guide.md says?

    tests/docs/run_guide.py [TAPEDECK]

TAPEDECK is the program; else the environment variable of that name. All fenced blocks of language
`console` are run in document order, in one temporary folder that holds samples/ and nothing else.

    $ COMMAND               runs; below it stands its standard output, then its standard error
    $ COMMAND \\             a backslash at the end: the command goes on in the next line
    $ COMMAND # exit code N must end with N; without the comment, with 0
    $ cat FILE              a file not there yet is written from the lines below; else it is compared
    …                       in a line: any text; alone in a line: any lines, or none

Commands are `tapedeck` or `cat`, split as a shell would. A line with a `|` goes to the shell. Blanks at
the end of a line do not count. Ends with `N passed, N failed`, of blocks; exit code 1 when one failed.
"""

import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide.md"
FENCE = re.compile(r"^```(\w*)$")
EXIT_CODE = re.compile(r"\s+# exit code (\d+)$")
ANY = "…"
TIMEOUT_S = 60


class Step(typing.NamedTuple):
    """One command of a block and what is shown below it."""
    line: int
    command: str
    code: int
    shown: list


class Outcome(typing.NamedTuple):
    code: int
    lines: list


def blocks(text):
    """(line number of the first line, lines) of each console block."""
    language, begin, lines = None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if language is None:
            if fence:
                language, begin, lines = fence[1], number + 1, []
        elif line == "```":
            if language == "console":
                yield begin, lines
            language = None
        else:
            lines.append(line)
    assert language is None, f"the block at line {begin} has no end"


def steps(begin, lines):
    """The commands of a block, in order."""
    found, at = [], 0
    while at < len(lines):
        first, line = at, lines[at]
        at += 1
        if not line.startswith("$ "):
            assert found, f"line {begin + first}: a block begins with a command"
            found[-1].shown.append(line)
            continue
        while line.endswith("\\"):
            line = line[:-1] + lines[at].lstrip()
            at += 1
        code = EXIT_CODE.search(line)
        command = EXIT_CODE.sub("", line)[2:]
        found.append(Step(begin + first, command, int(code[1]) if code else 0, []))
    return found


def pattern(shown):
    """What is shown, as an expression over the lines of an answer."""
    parts = (r"(?:[^\n]*\n)*?" if line.strip() == ANY else
             "[^\n]*".join(map(re.escape, line.rstrip().split(ANY))) + "\n" for line in shown)
    return re.compile("".join(parts))


def same(shown, found):
    return pattern(shown).fullmatch("".join(f"{line.rstrip()}\n" for line in found)) is not None


class Session:
    """A folder with samples/, and the program under its name on the path of the shell."""

    def __init__(self, program, folder):
        self.program, self.work = program, folder / "work"
        self.work.mkdir()
        (self.work / "samples").symlink_to(ROOT / "samples")
        programs = folder / "bin"
        programs.mkdir()
        (programs / "tapedeck").symlink_to(program)
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith("TAPEDECK")}
        self.environment["PATH"] = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"

    def run(self, step):
        words = shlex.split(step.command)
        if words[0] == "cat" and len(words) == 2:
            return self.cat(self.work / words[1], step.shown)
        assert words[0] == "tapedeck" or "|" in words, f"line {step.line}: cannot run {words[0]}"
        piped = "|" in words
        done = subprocess.run(step.command if piped else [self.program, *words[1:]], shell=piped,
                              cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT_S)
        return Outcome(done.returncode, (done.stdout + done.stderr).splitlines())

    @staticmethod
    def cat(path, shown):
        if not path.exists():
            path.write_text("".join(f"{line}\n" for line in shown), encoding="utf-8")
        return Outcome(0, path.read_text(encoding="utf-8").splitlines())


def difference(step, outcome):
    """What differs, readable, or nothing."""
    told = []
    if outcome.code != step.code:
        told.append(f"  exit code {outcome.code}, the guide says {step.code}")
    if not same(step.shown, outcome.lines):
        told += [f"  {line}" for line in difflib.unified_diff(
            [line.rstrip() for line in step.shown], [line.rstrip() for line in outcome.lines],
            "guide", "program", lineterm="", n=1)]
    if not told:
        return ""
    return "\n".join([f"FAILED {GUIDE.name}:{step.line}: $ {step.command}", *told])


def check(session, block):
    """Runs a whole block, also behind a difference: later blocks build on it."""
    told = []
    for step in block:
        try:
            told.append(difference(step, session.run(step)))
        except (subprocess.TimeoutExpired, AssertionError, OSError, ValueError) as error:
            told.append(f"FAILED {GUIDE.name}:{step.line}: $ {step.command}\n  {error}")
    told = [text for text in told if text]
    if told:
        print("\n".join(told))
    return not told


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TAPEDECK")
    if not program:
        sys.exit("name the program, or set TAPEDECK")
    all_blocks = [steps(*block) for block in blocks(GUIDE.read_text(encoding="utf-8"))]
    with tempfile.TemporaryDirectory(prefix="tapedeck-guide-") as folder:
        session = Session(os.path.abspath(program), pathlib.Path(folder))
        passed = sum(check(session, block) for block in all_blocks)
    failed = len(all_blocks) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
