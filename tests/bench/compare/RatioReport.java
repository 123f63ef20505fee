package com.linkedin.venice.rust.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Ratios as a table for a terminal, as lines for a program, and as a page with a plot. */
public final class RatioReport {
  private static final int PLOT_LEFT = 420;
  private static final int PLOT_WIDTH = 520;
  private static final int ROW_HEIGHT = 20;

  private final String title;
  private final String baseline;
  private final String subject;
  private final List<String> notes;
  private final List<PairedRatio> ratios;

  /**
   * Makes a report.
   *
   * @param title its first line
   * @param notes what was run, where and how
   * @param ratios one line each
   */
  public RatioReport(String title, List<String> notes, List<PairedRatio> ratios) {
    this(title, "stock", "ours", notes, ratios);
  }

  /**
   * Makes a report.
   *
   * @param baseline what the one side is called
   * @param subject what the other side is called
   */
  public RatioReport(
      String title, String baseline, String subject, List<String> notes, List<PairedRatio> ratios) {
    this.title = title;
    this.baseline = baseline;
    this.subject = subject;
    this.notes = List.copyOf(notes);
    this.ratios = List.copyOf(ratios);
  }

  /** The table for a terminal. */
  public String table() {
    StringBuilder text = new StringBuilder(title).append('\n');
    notes.forEach(note -> text.append(note).append('\n'));
    text.append(
        format(
            "%-50s %12s %12s %7s %15s %6s%n",
            "", baseline + " ns", subject + " ns", "ratio", "spread", "pairs"));
    for (PairedRatio ratio : ratios) {
      text.append(
          format(
              "%-50s %12.0f %12.0f %7.3f %7.3f-%7.3f %6d%n",
              ratio.name(),
              ratio.baseline(),
              ratio.subject(),
              ratio.median(),
              ratio.least(),
              ratio.most(),
              ratio.count()));
    }
    return text.toString();
  }

  /** Comma-separated values with a header. */
  public String csv() {
    StringBuilder text =
        new StringBuilder(
            format("name,%s_ns,%s_ns,ratio,least,most,pairs,dropped%n", baseline, subject));
    for (PairedRatio ratio : ratios) {
      text.append(
          format(
              "%s,%.1f,%.1f,%.4f,%.4f,%.4f,%d,%d%n",
              ratio.name().replace(',', ' '),
              ratio.baseline(),
              ratio.subject(),
              ratio.median(),
              ratio.least(),
              ratio.most(),
              ratio.count(),
              ratio.dropped()));
    }
    return text.toString();
  }

  /** A page that needs nothing else: for each line the spread of the pairs and their median. */
  public String html() {
    double most = Math.max(1.25, ratios.stream().mapToDouble(PairedRatio::most).max().orElse(1));
    double end = Math.min(2.0, Math.ceil(most * 10) / 10);
    int height = (ratios.size() + 2) * ROW_HEIGHT;
    StringBuilder svg = new StringBuilder();
    for (double tick : ticks(end)) {
      double x = x(tick, end);
      svg.append(
          format(
              "<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='%s'/>"
                  + "<text x='%.1f' y='14' text-anchor='middle'>%.2f</text>%n",
              x, x, ROW_HEIGHT, height, tick == 1 ? "#333" : "#ddd", x, tick));
    }
    int row = 1;
    for (PairedRatio ratio : ratios) {
      double y = ++row * ROW_HEIGHT - ROW_HEIGHT / 2.0;
      String colour =
          ratio.median() <= 1 ? "#176b3a" : ratio.median() <= 1.03 ? "#8a6d00" : "#b00020";
      svg.append(
          format(
              "<text x='%d' y='%.1f' text-anchor='end'>%s</text>"
                  + "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='%s' stroke-width='2'/>"
                  + "<circle cx='%.1f' cy='%.1f' r='4' fill='%s'>"
                  + "<title>%.3f (%.3f to %.3f), %.0f ns against %.0f ns</title></circle>%n",
              PLOT_LEFT - 10,
              y + 4,
              escaped(ratio.name()),
              x(ratio.least(), end),
              x(ratio.most(), end),
              y,
              y,
              colour,
              x(ratio.median(), end),
              y,
              colour,
              ratio.median(),
              ratio.least(),
              ratio.most(),
              ratio.subject(),
              ratio.baseline()));
    }
    StringBuilder page = new StringBuilder("<!doctype html>\n<meta charset='utf-8'>\n");
    page.append("<title>").append(escaped(title)).append("</title>\n");
    page.append("<style>body{font:14px sans-serif;margin:2em} svg{font-size:12px}</style>\n");
    page.append("<h1>").append(escaped(title)).append("</h1>\n<ul>\n");
    notes.forEach(note -> page.append("<li>").append(escaped(note)).append("</li>\n"));
    page.append(
            "</ul>\n<p>Each line is an operation: the dot is the median of the pairs' ratios, the")
        .append(" bar reaches from the least to the greatest. Left of 1 is faster than ")
        .append(escaped(baseline))
        .append(".</p>\n");
    page.append(
        format(
            "<svg width='%d' height='%d'>%n%s</svg>%n",
            PLOT_LEFT + PLOT_WIDTH + 40, height + ROW_HEIGHT, svg));
    page.append("<pre>").append(escaped(table())).append("</pre>\n");
    return page.toString();
  }

  private static List<Double> ticks(double end) {
    List<Double> ticks = new ArrayList<>();
    for (int tenth = 0; tenth <= Math.round(end * 10); tenth += 2) {
      ticks.add(tenth / 10.0);
    }
    if (!ticks.contains(1.0)) {
      ticks.add(1.0);
    }
    return ticks;
  }

  private static double x(double ratio, double end) {
    double clipped = Double.isNaN(ratio) ? 0 : Math.min(ratio, end);
    return PLOT_LEFT + clipped / end * PLOT_WIDTH;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String format(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }
}
