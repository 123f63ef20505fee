"""The board as a picture: a panel for each of Grafana's, with curves of what Prometheus found."""

import html

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 330, 158, 54, 26, 30
ACROSS = 4
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2", "#17becf")
SCALES = {
    "bytes": ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")),
    "percentunit": ((0.01, "%"),),
    "ms": ((1000, "s"), (1, "ms"), (0.001, "µs")),
    "s": ((86400, "d"), (1, "s"), (0.001, "ms"), (1e-6, "µs")),
    "reqps": ((1000, "k/s"), (1, "/s")),
    "d": ((1, "d"),),
}


def number(value, unit):
    """A value as an axis has it."""
    scales = SCALES.get(unit, ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")))
    scale, name = next(((scale, name) for scale, name in scales if abs(value) >= scale), scales[-1])
    return f"{value / scale:.3g} {name}".strip()


def panel(shown, seconds, left, top):
    curves = [(name, points) for name, points in shown["curves"] if points]
    values = [value for _, points in curves for _, value in points]
    low, high = min([0, *values]), max(values, default=0)
    high = high if high > low else low + 1
    inner = (WIDTH - LEFT - 10, HEIGHT - TOP - BOTTOM)

    def x(at):
        return left + LEFT + at / seconds * inner[0]

    def y(value):
        return top + TOP + (high - value) / (high - low) * inner[1]

    svg = [
        f'<rect x="{left}" y="{top}" width="{WIDTH - 6}" height="{HEIGHT - 6}" fill="#fff" stroke="#ccc"/>',
        f'<text x="{left + 6}" y="{top + 15}" font-weight="bold">{html.escape(shown["title"])}</text>',
    ]
    for value in (low, (low + high) / 2, high):
        line = f'<line x1="{x(0):.1f}" x2="{x(seconds):.1f}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#eee"/>'
        text = f'<text x="{x(0) - 4:.1f}" y="{y(value) + 3:.1f}" text-anchor="end">{number(value, shown["unit"])}</text>'
        svg += [line, text]
    for at, (name, points) in enumerate(curves):
        path = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points[:: 2 if len(points) > 40 else 1])
        colour = COLOURS[at % len(COLOURS)]
        title = f"<title>{html.escape(name)}</title>"
        svg.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.3">{title}</polyline>')
    legend = []
    room = 64
    for at, (name, _) in enumerate(curves):
        room -= len(name) + 1
        if room < 0:
            legend.append(f"<tspan>+ {len(curves) - at}</tspan>")
            break
        legend.append(f'<tspan fill="{COLOURS[at % len(COLOURS)]}">{html.escape(name)} </tspan>')
    svg.append(f'<text x="{left + 6}" y="{top + HEIGHT - 11}">{"".join(legend)}</text>')
    return svg


def page(panels, seconds, caption):
    """An SVG of all panels, row by row, each of which answers a question."""
    svg, top, row, column = [], 22, None, 0
    for shown in panels:
        if shown["row"] != row:
            top += HEIGHT if column else 0
            row, column = shown["row"], 0
            svg.append(f'<text x="6" y="{top + 15}" font-size="13" font-weight="bold">{html.escape(row)}</text>')
            top += 22
        if column == ACROSS:
            column, top = 0, top + HEIGHT
        svg += panel(shown, seconds, 6 + column * WIDTH, top)
        column += 1
    width, height = ACROSS * WIDTH + 8, top + HEIGHT + 4
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="9">',
        f'<rect width="{width}" height="{height}" fill="#f7f7f7"/>',
        f'<text x="6" y="15" font-size="11">{html.escape(caption)}</text>',
    ]
    return "\n".join(head + svg + ["</svg>", ""])
