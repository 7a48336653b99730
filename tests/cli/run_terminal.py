#!/usr/bin/env python3
"""The command line on a terminal, in a pipe whose reader leaves, interrupted, and on a full disk.

    run_terminal.py [TAPEDECK [TEST…]]
"""

import os
import pathlib
import pty
import signal
import subprocess
import sys

from program import TAPE, TAPEDECK, archive, ok, run_tests, same, trade_lines, with_store


def on_terminal(arguments, folder):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execv(TAPEDECK, [TAPEDECK, *arguments])
    text = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux reports the end
            break
        if not part:
            break
        text += part
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.decode().replace("\r\n", "\n")


def test_import_shows_progress_on_a_terminal_only(folder):
    archive(folder, "BTCUSDT-trades-2024-08-08", trade_lines(TAPE))
    assert "ETA" not in ok("import", "data", cwd=folder).err
    (pathlib.Path(folder) / "tape.deck").rename(pathlib.Path(folder) / "old.deck")
    code, text = on_terminal(["import", "data"], folder)
    same(code, 0)
    assert "ETA" in text, text


def test_a_terminal_gets_100_rows_and_a_note(folder):
    with_store(folder, [(i, "100", "1", i * 1000, True) for i in range(1, 1251)])
    code, text = on_terminal(["trades", "BTCUSDT"], folder)
    same(code, 0)
    same(sum(line.startswith("2024-08-08") and line.endswith("sell")
             for line in text.splitlines()), 100)
    assert "… 1,150 more rows" in text, text[-300:]
    code, text = on_terminal(["trades", "BTCUSDT", "--limit", "300", "-q"], folder)
    same(len(text.splitlines()), 301)


def test_a_reader_that_leaves_ends_it_quietly(folder):
    with_store(folder, [(i, "100", "1", i, True) for i in range(1, 100_001)])
    for arguments in (["trades", "BTCUSDT"], ["sql", "SELECT * FROM range(10000000)"]):
        for form in ("csv", "json"):
            piped = subprocess.Popen([TAPEDECK, *arguments, "--format", form], cwd=folder,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            piped.stdout.readline()
            piped.stdout.close()
            err = piped.stderr.read().decode()
            same((piped.wait(), err), (0, ""))
            piped.stderr.close()


def test_interrupts_exit_130(folder):
    with_store(folder)
    endless = subprocess.Popen(
        [TAPEDECK, "sql", "SELECT * FROM range(100000000000)", "--format", "csv"], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    endless.stdout.read(1000)  # it is at work
    endless.send_signal(signal.SIGINT)
    while endless.stdout.read(1 << 20):
        pass
    same(endless.wait(), 130)
    endless.stdout.close()


def test_a_full_disk_is_an_error(folder):
    with_store(folder)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([TAPEDECK, "trades", "BTCUSDT"], cwd=folder, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    same(done.returncode, 1)
    assert "standard output" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
