#!/usr/bin/env python3
"""Writes docs/schema.md from what the program itself says of its tables and views.

    tools/schema_doc.py TAPEDECK           writes the page
    tools/schema_doc.py TAPEDECK --check   says what differs, and writes nothing
"""

import collections
import difflib
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "schema.md"
HEAD = """# Tables and views

Written by `tools/schema_doc.py` from the store itself; a test compares. What the numbers mean is in
[definitions.md](definitions.md), how the tables belong together in [store-layout.md](store-layout.md).
"""
SCHEMAS = {
    "main": "For people: `SELECT … FROM trades`.",
    "tape": "What is stored of the market.",
    "ledger": "What is stored of one's own trading.",
    "telemetry": "What is stored of how the system ran.",
    "flowsurface": "Names of FlowSurface: `tapedeck sql --profile flowsurface`.",
    "dreammaker": "Names of DreamMaker: `tapedeck sql --profile dreammaker`.",
    "pyrt": "Names of PyRT: `tapedeck sql --profile pyrt`.",
    "fills_as_trades": "Found before `main` where `compat.default_trades` is `fills`."}


# Of all tables at once what `schema show NAME` says of one: each start of the program takes a while.
COLUMNS = """SELECT schema_name || '.' || table_name AS name, column_name AS "column", data_type AS type,
is_nullable AS nullable, comment FROM duckdb_columns() WHERE NOT internal AND database_name =
current_database() ORDER BY name, column_index"""


def rows(program, *arguments):
    done = subprocess.run([program, *arguments, "--store", ":memory:", "--format", "json"],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["rows"]


def section(table, columns):
    is_view = table["kind"] == "view"
    yield f"### {table['name']}"
    yield ""
    yield f"{'View' if is_view else 'Table'}. {table['comment'] or ''}".strip()
    yield ""
    yield "| Column | Type | |"
    yield "|---|---|---|"
    for column in columns:
        # A view cannot say what it never leaves out.
        needed = "required" if not is_view and not column["nullable"] else ""
        notes = "; ".join(part for part in (needed, column["comment"] or "") if part)
        yield f"| `{column['column']}` | {column['type']} | {notes} |"
    yield ""


def page(program):
    lines = [HEAD]
    tables = rows(program, "schema", "show")
    columns = collections.defaultdict(list)
    for column in rows(program, "sql", COLUMNS):
        columns[column["name"]].append(column)
    for schema, words in SCHEMAS.items():
        lines += [f"## {schema}", "", words, ""]
        for table in tables:
            if table["name"].startswith(f"{schema}."):
                lines += section(table, columns[table["name"]])
    return "\n".join(lines).rstrip() + "\n"


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    new = page(arguments[1])
    if "--check" not in arguments:
        PAGE.write_text(new, encoding="utf-8")
        return 0
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    differences = list(difflib.unified_diff(old.splitlines(), new.splitlines(), "docs/schema.md",
                                            "the program", lineterm=""))
    print("\n".join(differences[:40]) if differences else "docs/schema.md is as the program says")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
