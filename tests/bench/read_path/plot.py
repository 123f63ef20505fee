"""Plots as SVG, to stand in a page."""

import html
import math

LEFT = 640
WIDTH = 420
ROW = 20
COLOURS = ("#b00020", "#176b3a", "#777777", "#0b57d0")


def ratios(named_rows):
    """A line for each comparison: the dot is the median of the pairs' ratios, the bar reaches from least to most.

    The axis is logarithmic, so that a half lies as far from 1 as a double.
    """
    if not named_rows:
        return "<p>nothing was measured</p>\n"

    def power_of_two(ratio):
        return math.log2(max(ratio, 1e-6))

    reach = max(max(abs(power_of_two(row[name])) for name in ("least", "most")) for _, row in named_rows)
    reach = min(6, max(1, math.ceil(reach)))

    def x(ratio):
        return LEFT + (max(-reach, min(reach, power_of_two(ratio))) + reach) / (2 * reach) * WIDTH

    height = (len(named_rows) + 2) * ROW
    svg = []
    for power in range(-reach, reach + 1):
        colour = "#333" if power == 0 else "#ddd"
        svg.append(f"<line x1='{x(2**power):.0f}' x2='{x(2**power):.0f}' y1='{ROW}' y2='{height}' stroke='{colour}'/>")
        svg.append(f"<text x='{x(2**power):.0f}' y='14' text-anchor='middle'>{2**power:g}</text>")
    for index, (name, row) in enumerate(named_rows):
        y = (index + 2) * ROW - ROW / 2
        svg.append(f"<text x='{LEFT - 10}' y='{y + 4}' text-anchor='end'>{html.escape(name)}</text>")
        svg.append(
            f"<line x1='{x(row['least']):.1f}' x2='{x(row['most']):.1f}' y1='{y}' y2='{y}' stroke='#0b57d0' stroke-width='2'/>"
            f"<circle cx='{x(row['ratio']):.1f}' cy='{y}' r='4' fill='#0b57d0'><title>{row['ratio']:.3f} "
            f"({row['least']:.3f} to {row['most']:.3f})</title></circle>"
        )
    return f"<svg width='{LEFT + WIDTH + 40}' height='{height + ROW}'>\n" + "\n".join(svg) + "\n</svg>\n"


def points(hgrm):
    """Percentile (as 1/(1-p)) and value of each line of a percentile distribution."""
    found = []
    for line in hgrm.read_text().splitlines():
        words = line.split()
        if len(words) == 4 and words[0][0].isdigit():
            found.append((float(words[3]), max(1e-3, float(words[0]))))
    return found


def percentiles(files):
    """The latency at each percentile; both axes logarithmic, the lower one in nines."""
    curves = {side: points(file) for side, file in files.items()}
    values = [value for curve in curves.values() for _, value in curve]
    most_nines = max((nines for curve in curves.values() for nines, _ in curve), default=10.0)
    decades = max(1.0, math.log10(most_nines))
    low = math.floor(math.log10(min(values)))
    high = max(low + 1, math.ceil(math.log10(max(values))))
    left, width, height = 70, 900, 320

    def x(nines):
        return left + math.log10(max(1.0, nines)) / decades * width

    def y(value):
        return 20 + (high - math.log10(value)) / (high - low) * height

    svg = []
    for power in range(low, high + 1):
        svg.append(f"<line x1='{left}' x2='{left + width}' y1='{y(10**power):.0f}' y2='{y(10**power):.0f}' stroke='#ddd'/>")
        svg.append(f"<text x='{left - 6}' y='{y(10**power) + 4:.0f}' text-anchor='end'>{10**power:g} us</text>")
    for nines, name in ((1, "0"), (2, "50 %"), (10, "90 %"), (100, "99 %"), (1e3, "99.9 %"), (1e4, "99.99 %"), (1e5, "99.999 %")):
        if nines <= most_nines:
            svg.append(f"<line x1='{x(nines):.0f}' x2='{x(nines):.0f}' y1='20' y2='{20 + height}' stroke='#ddd'/>")
            svg.append(f"<text x='{x(nines):.0f}' y='{height + 38}' text-anchor='middle'>{name}</text>")
    for index, (side, curve) in enumerate(curves.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{x(nines):.1f},{y(value):.1f}" for nines, value in curve)
        svg.append(f"<polyline fill='none' stroke='{colour}' stroke-width='2' points='{path}'/>")
        svg.append(f"<text x='{left + 10}' y='{36 + 16 * index}' fill='{colour}'>{html.escape(side)}</text>")
    return f"<svg width='{left + width + 40}' height='{height + 50}'>\n" + "\n".join(svg) + "\n</svg>\n"
