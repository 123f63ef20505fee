"""Results as a table for a terminal, as lines for a program, as a page for a browser."""

import csv
import html
import io
import os
import platform
import shutil
import statistics

import plot
from measure import PERCENTILES, cpu


# The latencies of a pair's subject are compared with those of its echo too: what the machine adds is in both.
TO_ECHO = ("p50", "p99", "p99.99")


def figures(comparison):
    """What is compared: name, and the function of a slice."""
    keys = comparison.load.keys
    yield "rate", lambda slice_: slice_["rate"]
    yield "CPU/request", cpu
    yield "CPU/key", lambda slice_: None if cpu(slice_) is None else cpu(slice_) / keys
    for percentile in PERCENTILES:
        yield percentile, lambda slice_, name=percentile: slice_.get(name)
    yield "over_1ms", lambda slice_: slice_.get("over_1ms")
    yield "resident_kib", lambda slice_: slice_.get("resident_kib")


def rows(result):
    """A row for each figure of a comparison: both medians, median ratio, its quartiles and extremes, pairs."""
    kept = result.kept()
    compared = [
        (name, [(figure(p.baseline), figure(p.subject)) for p in kept]) for name, figure in figures(result.comparison)
    ]
    if result.comparison.pace == "open":
        compared += [(f"{name} to the echo's", [(p.echo[name], p.subject[name]) for p in kept]) for name in TO_ECHO]
    for name, pairs in compared:
        pairs = [(a, b) for a, b in pairs if a is not None and b is not None]
        if not pairs:
            continue
        ratios = [b / a for a, b in pairs if a]
        row = {
            "comparison": result.comparison.name,
            "figure": name,
            "baseline": statistics.median(a for a, _ in pairs),
            "subject": statistics.median(b for _, b in pairs),
            "ratio": "",
            "least": "",
            "most": "",
            "quartile1": "",
            "quartile3": "",
            "pairs": len(pairs),
            "dropped": len(result.pairs) - len(kept),
        }
        if ratios:
            quartiles = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
            row.update(
                ratio=statistics.median(ratios),
                least=min(ratios),
                most=max(ratios),
                quartile1=quartiles[0],
                quartile3=quartiles[2],
            )
        yield row


def short(value):
    if value == "":
        return "-"
    if value and abs(value) < 10:
        return f"{value:.3g}"
    return f"{value:,.0f}"


def progress(result):
    """A line while it runs; not all pairs in it may count in the end."""
    if result.missing:
        return f"{result.comparison.name}: {result.missing}"
    shown = [row for row in rows(result) if row["figure"] in ("rate", "CPU/request", "p99")]
    text = ", ".join(f"{row['figure']} {short(row['subject'])}/{short(row['baseline'])}" for row in shown)
    return f"{result.comparison.name}: {text}"


def ratio_text(row):
    if row["ratio"] == "":
        return "-"
    return f"{row['ratio']:.2f} ({row['least']:.2f}-{row['most']:.2f})"


def table(results):
    """For a terminal and for Markdown: medians of both sides and the ratio, with its least and most."""
    lines = [
        "Ratios of the first side to the second: median of the pairs' ratios (least-most). Times in microseconds.",
        "",
        "| load: first / second | rate/s | CPU us/request | CPU us/key | p50 | p99 | p99.99 | > 1 ms | RSS MiB | pairs |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        name = result.comparison.name
        if result.missing:
            lines.append(f"| {name} | {result.missing} |||||||||")
            continue
        by_figure = {row["figure"]: row for row in rows(result)}
        if not by_figure:
            lines.append(f"| {name} | every pair was disturbed |||||||||")
            continue
        cells = []
        for figure in ("rate", "CPU/request", "CPU/key", "p50", "p99", "p99.99"):
            row = by_figure.get(figure)
            cells.append(
                f"{short(row['subject'])} / {short(row['baseline'])} = {ratio_text(row)}" if row else "-"
            )
        over = by_figure.get("over_1ms")
        cells.append(f"{over['subject']:.2%} / {over['baseline']:.2%}" if over else "-")
        memory = by_figure.get("resident_kib")
        cells.append(f"{memory['subject'] / 1024:.0f} / {memory['baseline'] / 1024:.0f}" if memory else "-")
        cells.append(f"{len(result.kept())} of {len(result.pairs)}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    merged = [result for result in results if result.merged]
    if merged:
        lines += ["", "Latencies of all slices of the open loop together, in microseconds:", ""]
        columns = ["load", "side", "rate/s", "samples", *PERCENTILES, "> 1 ms", "p99.99 to the echo's, by pairs"]
        lines += ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
        for result in merged:
            to_echo = next(row for row in rows(result) if row["figure"] == "p99.99 to the echo's")
            for side, latency in result.merged.items():
                name = result.comparison.name.rsplit(":", 1)[0]
                cells = [name, side, short(result.rate), str(latency["samples"])]
                cells += [short(latency[p]) for p in PERCENTILES] + [f"{latency['over_1ms']:.3%}"]
                cells.append(ratio_text(to_echo) if side == result.comparison.subject else "")
                lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def setting_of_the_kernel(name):
    try:
        with open("/proc/sys/" + name) as file:
            return file.read().strip()
    except OSError:
        return "not known"


def notes(version, lengths, machine, verdict, seconds):
    """What was run, where and how."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    return [
        f"version {version}, {seconds / 60:.1f} minutes, {lengths['pairs']} pairs of slices of {lengths['seconds']} s each,"
        f" {lengths['keys']} keys in a store, 4 partitions",
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {platform.release()}; server on core 0, load on core 1",
        f"TCP: congestion control {setting_of_the_kernel('net/ipv4/tcp_congestion_control')}, TCP_NODELAY on all sides",
        f"load of the machine: {machine.load_before:.1f} at the beginning, {os.getloadavg()[0]:.1f} at the end",
        ("valid; " if verdict.valid else "NOT VALID; ") + verdict.text,
    ]


def write(output, notes_, results, histograms):
    """Writes README.md, figures.csv, the histograms and report.html."""
    for old in output.glob("*.hgrm"):
        old.unlink()
    text = "# Read path\n\n" + "\n".join(f"* {note}" for note in notes_) + "\n\n" + table(results) + "\n"
    (output / "README.md").write_text(text)
    lines = io.StringIO()
    all_rows = [row for result in results for row in rows(result)]
    writer = csv.DictWriter(lines, fieldnames=list(all_rows[0]) if all_rows else ["comparison"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()} for row in all_rows
    )
    (output / "figures.csv").write_text(lines.getvalue())
    for hgrm in histograms.glob("*.hgrm") if histograms.exists() else ():
        shutil.copy(hgrm, output / hgrm.name)
    (output / "report.html").write_text(page(notes_, results))


def page(notes_, results):
    """Everything in one file that needs nothing else."""
    parts = [
        "<!doctype html>\n<meta charset='utf-8'>\n<title>Read path</title>\n",
        "<style>body{font:14px sans-serif;margin:2em}svg{font-size:12px}table{border-collapse:collapse}"
        "td,th{border:1px solid #ccc;padding:2px 6px;text-align:right}td:first-child{text-align:left}</style>\n",
        "<h1>Read path</h1>\n<ul>\n",
        *(f"<li>{html.escape(note)}</li>\n" for note in notes_),
        "</ul>\n",
    ]
    for figure in ("rate", "CPU/request"):
        shown = [(r.comparison.name, next((x for x in rows(r) if x["figure"] == figure), None)) for r in results]
        parts.append(f"<h2>{figure}: ratio of the first side to the second</h2>\n")
        parts.append(plot.ratios([(name, row) for name, row in shown if row and row["ratio"] != ""]))
    for result in results:
        if result.merged:
            parts.append(f"<h2>{html.escape(result.comparison.name)}: {result.rate:,.0f} requests a second</h2>\n")
            parts.append(plot.percentiles({side: x["hgrm"] for side, x in result.merged.items()}))
    parts.append("<h2>All figures</h2>\n<table>\n")
    header = ("comparison", "figure", "subject", "baseline", "ratio", "least", "most", "pairs", "dropped")
    parts.append("<tr>" + "".join(f"<th>{name}</th>" for name in header) + "</tr>\n")
    for row in (row for result in results for row in rows(result)):
        cells = (row[name] if isinstance(row[name], (str, int)) else f"{row[name]:.4g}" for name in header)
        parts.append("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>\n")
    return "".join(parts) + "</table>\n"
