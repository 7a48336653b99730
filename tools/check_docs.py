#!/usr/bin/env python3
"""Checks that the Markdown pages tell the truth about the tree: links lead somewhere, commands exist.

    tools/check_docs.py [ROOT]
"""

import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
DEV_COMMAND = re.compile(r"\./dev ([a-z]+)")
PATH = re.compile(r"`((?:src|include|tests|tools|docs|samples|examples|bench|fuzz|cmake)/[a-z][\w./-]*)`")


def anchors(text):
    """The anchors that GitHub gives to the headings of a page."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {word.strip().replace(" ", "-") for word in words}


def check_page(root, page, commands):
    text = (root / page).read_text(encoding="utf-8")
    prose = FENCE.sub("", text)
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (root / page).parent / name if name else root / page
        if not file.exists():
            yield f"{page}: link to {target}, which does not exist"
        elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"{page}: link to {target}, but {name or page} has no such heading"
    for command in sorted(set(DEV_COMMAND.findall(text)) - commands):
        yield f"{page}: ./dev {command} is no command; ./dev help lists them"
    for name in sorted(set(PATH.findall(prose))):
        if not (root / name).exists():
            yield f"{page}: names `{name}`, which does not exist"


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else
                        pathlib.Path(__file__).resolve().parent.parent)
    out = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "*.md"],
                         check=True, capture_output=True, text=True).stdout
    pages = [page for page in out.splitlines() if (root / page).is_file()]
    help_text = subprocess.run([str(root / "dev"), "help"], check=True, capture_output=True,
                               text=True).stdout
    commands = set(DEV_COMMAND.findall(help_text))
    found = [line for page in pages for line in check_page(root, page, commands)]
    print("\n".join(found + [f"docs: {len(pages)} pages, {len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
