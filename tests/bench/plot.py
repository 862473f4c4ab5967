# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Plots with gnuplot, as SVG."""
import shutil
import subprocess

HEAD = """set terminal svg size {width},{height} font 'sans,13' background rgb 'white'
set output '{out}'
set title '{title}' noenhanced
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror out
set key outside right top noenhanced
set xtics noenhanced
set ylabel '{ylabel}' noenhanced
"""
COLOURS = ["#1b6ca8", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#666666", "#e6ab02", "#a6761d",
           "#66a61e", "#444444"]


def have():
    return shutil.which("gnuplot") is not None


def _escape(text):
    return str(text).replace("'", "''")


def _run(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def _table(rows):
    lines = []
    for row in rows:
        lines.append(" ".join(f'"{c}"' if isinstance(c, str) else _number(c) for c in row))
    return "\n".join(lines)


def _number(value):
    return "NaN" if value is None else f"{value:.6g}"


def bars(out, title, ylabel, groups, series, values, line=None, errors=None):
    """Clustered bars: values[group][i] is the bar of series[i], errors[group][i] its (low, high).
    line: a level to draw, where a goal stands."""
    script = HEAD.format(width=max(640, 120 + 90 * len(groups) + 14 * len(groups) * len(series)),
                         height=420, out=_escape(out), title=_escape(title),
                         ylabel=_escape(ylabel))
    rows = []
    for group in groups:
        row = [group]
        for i, _ in enumerate(series):
            value = values[group][i]
            low, high = errors[group][i] if errors else (value, value)
            row += [value, low, high]
        rows.append(row)
    script += "$data << EOD\n" + _table(rows) + "\nEOD\n"
    script += "set style fill solid 0.9 border -1\nset boxwidth 0.9\n"
    kind = "errorbars gap 1 lw 1" if errors else "clustered gap 1"
    script += f"set style data histograms\nset style histogram {kind}\nset yrange [0:*]\n"
    parts = []
    for i, name in enumerate(series):
        column = 2 + 3 * i
        use = f"{column}:{column + 1}:{column + 2}:xtic(1)" if errors else f"{column}:xtic(1)"
        colour = COLOURS[i % len(COLOURS)]
        parts.append(f"$data using {use} title '{_escape(name)}' lc rgb '{colour}'")
    if line is not None:
        parts.append(f"{line} with lines notitle lc rgb '#cc0000' dt 2")
    _run(script + "plot " + ", \\\n  ".join(parts) + "\n")


def lines(out, title, xlabel, ylabel, points, logx=True):
    """Lines: points[name] is a list of (x, y)."""
    script = HEAD.format(width=820, height=440, out=_escape(out), title=_escape(title),
                         ylabel=_escape(ylabel))
    script += f"set xlabel '{_escape(xlabel)}' noenhanced\nset yrange [0:*]\n"
    if logx:
        script += "set logscale x 2\n"
    parts = []
    for i, (name, series) in enumerate(points.items()):
        script += f"$d{i} << EOD\n" + _table(series) + "\nEOD\n"
        colour = COLOURS[i % len(COLOURS)]
        parts.append(f"$d{i} using 1:2 with linespoints pt 7 ps 0.6 lw 2 lc rgb '{colour}' "
                     f"title '{_escape(name)}'")
    _run(script + "plot " + ", \\\n  ".join(parts) + "\n")
