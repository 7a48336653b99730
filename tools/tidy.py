#!/usr/bin/env python3
"""Runs clang-tidy over the sources in src/, in parallel, and skips what it has passed before.

    tools/tidy.py BUILD [JOBS]

BUILD holds compile_commands.json. A source that passed leaves a stamp in BUILD/tidy-passed named by the
hash of all that the verdict depends on: .clang-tidy, the command, the source and our headers below it.

Most of the time goes into the headers of others, so several sources are looked at as one. Where that finds
something, or they do not go together, each half of them is looked at, in the end a source alone: what is
printed comes from there.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-14"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
TOGETHER = 12
# What stands at the begin of a line in a namespace without a name, and what it declares.
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
DECLARED = re.compile(r"^(?:(?:struct|class|enum|enum class|union) (\w+)|\w[^#\n({=;]*?(\w+) ?[({=;])",
                      re.MULTILINE)
USED = re.compile(r"^ *using [\w:]+::(\w+);", re.MULTILINE)  # unused in one, and used in the other


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


def flags(entry):
    """The command without the compiler, the source and the object."""
    words = shlex.split(entry["command"])
    words = words[1 + next(at for at, word in enumerate(words) if not word.endswith("ccache")):]
    return tuple(word for before, word in zip(["", *words], words)
                 if word not in ("-o", "-c") and before not in ("-o", "-c"))


def declared(entry):
    """Names of its own, which another source may have too."""
    text = pathlib.Path(entry["file"]).read_text(encoding="utf-8")
    return {*USED.findall(text),
            *(one or other for part in UNNAMED.findall(text) for one, other in DECLARED.findall(part))}


def groups(entries):
    """Sources that can be one: of the same command, and without a name in common."""
    open_groups, full = [], []
    for entry in sorted(entries, key=lambda entry: entry["file"]):
        names, command = declared(entry), flags(entry)
        place = next((group for group in open_groups
                      if group[0] == command and not group[1] & names), None)
        if not place:
            place = (command, set(), [])
            open_groups.append(place)
        place[1].update(names)
        place[2].append(entry)
        if len(place[2]) == TOGETHER:
            open_groups.remove(place)
            full.append(place)
    return [group[2] for group in full + open_groups]


def together(entries):
    """Their texts, without the includes that an earlier one has: those would be there twice."""
    seen = set()
    for entry in entries:
        own = set()
        for line in pathlib.Path(entry["file"]).read_text(encoding="utf-8").splitlines():
            is_include = line.startswith("#include")
            left_out = is_include and line in seen and line not in own
            own |= {line} if is_include else set()
            yield "" if left_out else line
        seen |= own


def tidy(*arguments):
    done = subprocess.run([CLANG_TIDY, "--quiet", *arguments], capture_output=True, text=True,
                          check=False)
    return done.returncode == 0, done.stdout if done.stdout.strip() else done.stderr


def look(entries, build):
    """[(entry, good, text)] of sources that are looked at as one where that can be."""
    if len(entries) == 1:
        return [(entries[0], *tidy("-p", str(build), entries[0]["file"]))]
    with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=build, encoding="utf-8") as file:
        file.write("\n".join(together(entries)) + "\n")
        file.flush()
        good, _ = tidy(f"--config-file={ROOT / '.clang-tidy'}", file.name, "--", *flags(entries[0]))
    if good:
        return [(entry, True, "") for entry in entries]
    half = len(entries) // 2
    return look(entries[:half], build) + look(entries[half:], build)


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
        for verdicts in pool.map(lambda group: look(group, build), groups(todo)):
            for entry, good, text in verdicts:
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
