#!/usr/bin/env python3
"""Cost as work grows: the benchmark on tapes of several sizes, as one table and one plot.

    bench/scale.py [BINARY] [--trades 10M,100M] [--data FOLDER]
                   [--name NAME] [--skip TEXT] [--svg FILE]
    bench/scale.py --table FILE [--name NAME] [--skip TEXT] [--svg FILE]

Runs BINARY (build/release/bench/tapedeck_bench) once a size, in the repository, as `./dev bench`
does. What it prints goes to standard error, the combined table to standard output, so that

    bench/scale.py --svg scale.svg 2>runs.txt >scale.md

keeps the runs, and `bench/scale.py --table runs.txt --svg scale.svg` draws them again. Runs of one
size are merged, the later row counts. --skip leaves rows out of table and plot; the benchmark has
no such option, so it measures them all the same.
"""

import argparse
import itertools
import math
import pathlib
import re
import subprocess
import sys
import typing
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build" / "release" / "bench" / "tapedeck_bench"

NONE = "–"
SUFFIXES = {"": 1, "k": 1_000, "M": 1_000_000}
MACHINE = re.compile(r"machine: (.+)")
TAPE = re.compile(r"tape: ([\d,]+) trades\b")
VALUE = re.compile(r"(\d[\d,]*(?:\.\d+)?) (.+)")
RULE = re.compile(r"[\s|:-]+")
# "a day of 1.1 M trades" is so on a tape of 10 M only; "last 1,000 trades" is so on each.
COUNT = re.compile(r"\b(?:of )?[\d.]+ [kM] trades\b")


class Value(typing.NamedTuple):
    """A measured cell: `text` as it was printed."""
    text: str
    number: float
    unit: str


class Row(typing.NamedTuple):
    ours: Value | None
    peer: Value | None


class Runs(typing.NamedTuple):
    machines: list  # as printed, without repetition
    sizes: dict  # trades of the tape -> {work: Row}

    def trades(self):
        return sorted(self.sizes)

    def works(self):
        """Every work of every size, in the order in which they were printed."""
        return list(dict.fromkeys(work for rows in self.sizes.values() for work in rows))

    def row(self, trades, work):
        return self.sizes[trades].get(work, Row(None, None))


# --- Reading what the benchmark prints ---

def parse_value(cell):
    if cell in ("", "-", NONE):
        return None
    found = VALUE.fullmatch(cell)
    if not found:
        raise ValueError(f'cannot read "{cell}": a number and a unit, or "{NONE}"')
    return Value(cell, float(found[1].replace(",", "")), found[2])


def cells_of(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def work_name(cell):
    found = COUNT.search(cell)
    if not found:
        return cell
    with_of = "of trades" if found[0].startswith("of ") and found.start() else "trades"
    return cell[:found.start()] + with_of + cell[found.end():]


def parse_row(line, header):
    """`| work | tapedeck | plain DuckDB | …`: the columns are found by their names."""
    cells = dict(zip(header, cells_of(line)))
    if "work" not in cells or "tapedeck" not in cells:
        raise ValueError(f'no columns "work" and "tapedeck" above "{line.strip()}"')
    return cells["work"], Row(parse_value(cells["tapedeck"]),
                              parse_value(cells.get("plain DuckDB", "")))


def parse_runs(text, name, skipped):
    """The rows of all runs in `text`; whatever else stands between them is passed over."""
    machines, sizes, rows, header = {}, {}, None, None
    for line in text.splitlines():
        if found := MACHINE.match(line):
            machines[found[1].strip()] = True
        elif found := TAPE.match(line):
            rows, header = sizes.setdefault(int(found[1].replace(",", "")), {}), None
        elif not line.startswith("|"):
            header = None
        elif rows is None:
            raise ValueError('a table without a line "tape: N trades, …" above it')
        elif header is None:
            header = cells_of(line)
        elif not RULE.fullmatch(line):
            work, row = parse_row(line, header)
            if name in work and not any(part in work for part in skipped):
                rows[work_name(work)] = row
    if not any(sizes.values()):
        raise ValueError("no rows: is it the output of tapedeck_bench, and is anything left of it?")
    runs = Runs(list(machines), {trades: rows for trades, rows in sizes.items() if rows})
    check_units(runs)
    return runs


def check_units(runs):
    for work in runs.works():
        rows = [runs.row(trades, work) for trades in runs.trades()]
        units = {value.unit for row in rows for value in row if value}
        if len(units) > 1:
            raise ValueError(f'"{work}" is in {" and in ".join(sorted(units))}: nothing to compare')


# --- Running it ---

def run_bench(options):
    """The benchmark's output, one run after the other, and to standard error as each ends."""
    printed = []
    for trades in options.trades:
        command = [str(options.binary.resolve())] + ([options.name] if options.name else [])
        command += ["--trades", str(trades)]
        if options.data:
            command += ["--data", str(options.data.resolve())]
        print(f"running: {' '.join(command)}", file=sys.stderr, flush=True)
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
        print(done.stdout, file=sys.stderr, flush=True)
        if done.returncode != 0:
            raise ValueError(f"the benchmark of {trades:,} trades ended with {done.returncode}")
        printed.append(done.stdout)
    return "\n".join(printed)


# --- The table ---

def size_name(trades):
    for suffix, factor in (("M", 1_000_000), ("k", 1_000)):
        if trades >= factor and trades * 10 % factor == 0:
            return f"{trades / factor:,.10g} {suffix}"
    return f"{trades:,}"


def ratio(first, last):
    if not first or not last or first.number == 0:
        return NONE
    return f"{last.number / first.number:.2f}"


def table_rows(runs):
    sizes = runs.trades()
    names = [size_name(trades) for trades in sizes]
    several = len(sizes) > 1
    yield (["work"] + [f"{name} trades" for name in names]
           + ([f"{names[-1]} / {names[0]}"] if several else []))
    for work in runs.works():
        ours = [runs.row(trades, work).ours for trades in sizes]
        yield ([work] + [value.text if value else NONE for value in ours]
               + ([ratio(ours[0], ours[-1])] if several else []))


def table(runs):
    head, *rows = table_rows(runs)
    widths = [max(map(len, column)) for column in zip(head, *rows)]

    def line(cells):
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (widths[0] + 2)] + ["-" * (width + 1) + ":" for width in widths[1:]]
    return "\n".join([line(head), f"|{'|'.join(rule)}|", *map(line, rows)])


# --- The plot ---

class Chart(typing.NamedTuple):
    title: str
    work: re.Pattern  # the first row that it matches
    better: str


CHARTS = [Chart(title, re.compile(work), better) for title, work, better in (
    ("import rate", "import", "higher"),
    ("open a store", "open a store", "lower"),
    ("range: trades of a day", "trades of a day to columns", "lower"),
    ("klines 1m, one day", "klines 1m, one day", "lower"),
    ("footprint, every price", "footprint.*every price", "lower"),
    ("last 1,000 trades", "last 1,000", "lower"),
    ("memory while importing", "memory while importing", "lower"),
    ("bytes a trade on disk", "bytes a trade", "lower"),
)]


class Series(typing.NamedTuple):
    name: str
    colour: str
    dashes: str
    marker: str


OURS = Series("Tapedeck", "#0a58ca", "none", "circle")
PEER = Series("plain DuckDB", "#b54708", "5 3", "square")

TEXT, MUTED, GRID, AXIS, PAPER = "#1f2328", "#57606a", "#e3e6ea", "#8c959f", "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
WIDTH, MARGIN, COLUMNS = 900, 16, 4
HEAD, CELL_HEIGHT, FOOT = 74, 224, 34
CELL_WIDTH = (WIDTH - 2 * MARGIN) / COLUMNS
LEFT, RIGHT, INSET = 34, 10, 24  # of a cell; the points keep clear of both ends of the axis
TOP, PLOT_HEIGHT = 48, 124
LABEL = 15  # height of a label of a value, with its distance from the point
LABEL_WIDTH = 40

NOTE = ("Across: trades of the whole tape, log scale. Up: from 0. Each tape spans 5 days, so that "
        "days and candles of a larger one hold more trades.")
STEPS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)  # of the vertical axes


def add(parent, tag, text=None, **attributes):
    """`font_size=11` becomes `font-size="11"`; numbers are written with one digit."""
    node = ElementTree.SubElement(parent, tag, {
        name.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) else str(value)
        for name, value in attributes.items()})
    node.text = text
    return node


def write(parent, x, y, text, size=11, fill=TEXT, anchor="start", **attributes):
    return add(parent, "text", text, x=float(x), y=float(y), font_size=size, fill=fill,
               text_anchor=anchor, **attributes)


def label(value):
    """Three digits that count, none that was not printed: 0.35, 22.1, 413, 1,234."""
    printed = len(VALUE.fullmatch(value.text)[1].partition(".")[2])
    whole = len(f"{value.number:.0f}") if value.number >= 1 else 1
    return f"{value.number:,.{min(printed, max(0, 3 - whole))}f}"


def nice_top(highest):
    """The next round number that leaves room for a label; half of it is a short number too."""
    wanted = highest * 1.15 or 1.0
    power = 10 ** math.floor(math.log10(wanted))
    return next(step * power for step in STEPS if step * power >= wanted)


class Plot:
    """Where the points of one little chart are, relative to its cell."""

    def __init__(self, sizes, top):
        self.sizes, self.top = sizes, top
        self.left, self.right = LEFT, CELL_WIDTH - RIGHT
        self.base = TOP + PLOT_HEIGHT

    def x(self, trades):
        begin, end = self.left + INSET, self.right - INSET
        if len(self.sizes) == 1:
            return (begin + end) / 2
        low, high = math.log(self.sizes[0]), math.log(self.sizes[-1])
        return begin + (math.log(trades) - low) / (high - low) * (end - begin)

    def y(self, value):
        return self.base - value / self.top * PLOT_HEIGHT

    def labelled(self):
        """The sizes that there is room to label: the first, the last, and what fits between."""
        kept, last = self.sizes[:1], self.sizes[-1]
        for trades in self.sizes[1:]:
            room = self.x(trades) - self.x(kept[-1]) >= LABEL_WIDTH
            if trades == last or (room and self.x(last) - self.x(trades) >= LABEL_WIDTH):
                kept.append(trades)
        return kept


def draw_axes(cell, plot):
    for share in (0, 0.5, 1):
        y = plot.y(plot.top * share)
        add(cell, "line", x1=plot.left, x2=plot.right, y1=y, y2=y,
            stroke=AXIS if share == 0 else GRID)
        write(cell, plot.left - 4, y + 3.5, f"{plot.top * share:,.10g}", 9, MUTED, "end")
    for trades in plot.sizes:
        x = plot.x(trades)
        add(cell, "line", x1=x, x2=x, y1=plot.base, y2=plot.base + 4.0, stroke=AXIS)
        if trades in plot.labelled():  # below the row that the label of a low point may need
            write(cell, x, plot.base + LABEL + 14, size_name(trades), 10, MUTED, "middle")


def draw_marker(parent, series, x, y):
    if series.marker == "circle":
        add(parent, "circle", cx=float(x), cy=float(y), r=4, fill=series.colour, stroke=PAPER)
    else:
        add(parent, "rect", x=x - 3.5, y=y - 3.5, width=7, height=7, fill=series.colour,
            stroke=PAPER)


def draw_line(cell, series, points):
    """Neighbouring sizes are joined; one that was not measured leaves a gap."""
    path = []
    for measured, group in itertools.groupby(points, lambda point: point is not None):
        for i, (x, y) in enumerate(group if measured else ()):
            path.append(f"{'L' if i else 'M'}{x:.1f} {y:.1f}")
    if path:
        add(cell, "path", d=" ".join(path), fill="none", stroke=series.colour, stroke_width=2,
            stroke_dasharray=series.dashes)


def draw_labels(cell, x, marks):
    """The values at one size: the upper one above its point, the lower one where there is room."""
    marks = sorted(marks, key=lambda mark: mark[1])
    for i, (series, y, value) in enumerate(marks):
        below = i > 0 and y - marks[i - 1][1] < LABEL + 8
        write(cell, x, y + LABEL if below else y - 7, label(value), 11, series.colour,
              "middle", font_weight=600, stroke=PAPER, stroke_width=3, paint_order="stroke",
              stroke_linejoin="round")


def draw_chart(svg, place, chart, work, runs):
    """One kind of work in the cell number `place`."""
    sizes = runs.trades()
    rows = {trades: runs.row(trades, work) for trades in sizes}
    values = [value for row in rows.values() for value in row if value]
    plot = Plot(sizes, nice_top(max(value.number for value in values)))
    x = MARGIN + place % COLUMNS * CELL_WIDTH
    y = HEAD + place // COLUMNS * CELL_HEIGHT
    cell = add(svg, "g", transform=f"translate({x:.1f} {y:.1f})")
    add(cell, "title", work)
    write(cell, 6, 18, chart.title, 13, font_weight=600)
    write(cell, 6, 33, f"{values[0].unit}, {chart.better} is better", 10, MUTED)
    draw_axes(cell, plot)
    places = {OURS: [row.ours for row in rows.values()], PEER: [row.peer for row in rows.values()]}
    for series, measured in places.items():
        draw_line(cell, series, [value and (plot.x(trades), plot.y(value.number))
                                 for trades, value in zip(sizes, measured)])
    for i, trades in enumerate(sizes):
        marks = [(series, plot.y(measured[i].number), measured[i])
                 for series, measured in places.items() if measured[i]]
        for series, height, _ in reversed(marks):  # ours on top
            draw_marker(cell, series, plot.x(trades), height)
        if trades in plot.labelled():
            draw_labels(cell, plot.x(trades), marks)


def draw_head(svg, runs):
    write(svg, MARGIN + 6, 32, "Cost as work grows", 18, font_weight=600)
    write(svg, MARGIN + 6, 52, "; ".join(runs.machines), 11, MUTED)
    for x, series in ((WIDTH - 250, OURS), (WIDTH - 136, PEER)):
        add(svg, "line", x1=x, x2=x + 26, y1=28, y2=28, stroke=series.colour, stroke_width=2,
            stroke_dasharray=series.dashes)
        draw_marker(svg, series, x + 13, 28)
        write(svg, x + 32, 32, series.name, 12)


def drawn(runs):
    """The charts that something was measured for, each with the row that it shows."""
    for chart in CHARTS:
        for work in runs.works():
            if chart.work.search(work) and any(any(runs.row(trades, work))
                                               for trades in runs.trades()):
                yield chart, work
                break


def plot_svg(runs):
    charts = list(drawn(runs))
    if not charts:
        raise ValueError("none of the rows has a chart: " + ", ".join(runs.works()))
    height = HEAD + math.ceil(len(charts) / COLUMNS) * CELL_HEIGHT + FOOT
    svg = ElementTree.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "width": str(WIDTH), "height": str(height),
        "viewBox": f"0 0 {WIDTH} {height}", "role": "img", "font-family": FONT})
    sizes = ", ".join(map(size_name, runs.trades()))
    add(svg, "title", f"Cost as work grows: Tapedeck and plain DuckDB on tapes of {sizes} trades")
    add(svg, "rect", width=WIDTH, height=height, fill=PAPER)
    draw_head(svg, runs)
    for place, (chart, work) in enumerate(charts):
        draw_chart(svg, place, chart, work, runs)
    write(svg, MARGIN + 6, height - 16, NOTE, 11, MUTED)
    ElementTree.indent(svg)
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def parse_sizes(text):
    sizes = set()
    for part in text.split(","):
        found = re.fullmatch(r"(\d+)([kM]?)", part.strip())
        if not found or int(found[1]) == 0:
            raise argparse.ArgumentTypeError(f'"{part}" is no number of trades such as 250k or 10M')
        sizes.add(int(found[1]) * SUFFIXES[found[2]])
    return sorted(sizes)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", nargs="?", type=pathlib.Path, default=BINARY,
                        help="the benchmark program (build/release/bench/tapedeck_bench)")
    parser.add_argument("--trades", type=parse_sizes, default="10M,100M", metavar="10M,100M",
                        help="sizes of the tapes")
    parser.add_argument("--data", type=pathlib.Path, metavar="FOLDER",
                        help="for tapes and stores; passed to the benchmark")
    parser.add_argument("--name", default="",
                        help="part of the rows' names; passed to the benchmark")
    parser.add_argument("--skip", action="append", default=[], metavar="TEXT",
                        help="leave out rows with TEXT in their name (may be given more than once)")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE",
                        help="read the output of former runs; run nothing")
    parser.add_argument("--svg", type=pathlib.Path, metavar="FILE", help="write the plot here")
    return parser.parse_args()


def main():
    options = parse_options()
    try:
        if options.table:
            printed = options.table.read_text(encoding="utf-8")
        else:
            printed = run_bench(options)
        runs = parse_runs(printed, options.name, options.skip)
        print(table(runs))
        if options.svg:
            options.svg.write_text(plot_svg(runs), encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"scale.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
