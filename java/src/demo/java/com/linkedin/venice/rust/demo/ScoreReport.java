package com.linkedin.venice.rust.demo;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Prints what is like what, and what it took to find out. */
final class ScoreReport {
  /** Rows that are shown. */
  static final int SHOWN = 10;

  private static final int BAR_WIDTH = 24;

  private final PrintStream out;

  ScoreReport(PrintStream out) {
    this.out = out;
  }

  /** Returns the places of the rows that are most alike, but for {@code like} itself. */
  static List<Integer> best(float[] scores, int like) {
    return IntStream.range(0, scores.length)
        .filter(i -> i != like && !Float.isNaN(scores[i]))
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> scores[i]).reversed())
        .limit(SHOWN)
        .toList();
  }

  /** Prints the rows that are most alike; {@code values} are theirs, read again. */
  void nearest(
      AvroInput input, Row like, float[] scores, List<Integer> places, List<byte[]> values) {
    line("");
    line("what is like  %s  %s ?", input.keyText(like), input.valueText(like.value()));
    line("");
    for (int i = 0; i < places.size(); i++) {
      float score = scores[places.get(i)];
      line(
          "  %6.3f  %-" + BAR_WIDTH + "s  %s  %s",
          score,
          "\u2588".repeat(Math.round(Math.max(score, 0) * BAR_WIDTH)),
          input.keyText(input.rows().get(places.get(i))),
          input.valueText(values.get(i)));
    }
  }

  /** Prints both ways, and returns whether their scores are the same to the bit. */
  boolean ways(String field, int dimensions, Scoring.Way server, Scoring.Way client) {
    int scores = server.scores().length;
    long equal =
        IntStream.range(0, scores)
            .filter(
                i ->
                    Float.floatToIntBits(server.scores()[i])
                        == Float.floatToIntBits(client.scores()[i]))
            .count();
    line("");
    line(
        "%-52s %9s %11s %11s %10s",
        String.format(
            Locale.ROOT, "cosine of %,d vectors of %d floats (%s)", scores, dimensions, field),
        "requests",
        "sent",
        "received",
        "time");
    way("on the server, by read compute", server);
    way("in the client, with values from a batch get", client);
    line(
        "%-52s %9s %11s %10.1fx",
        "the server's way saves", "", "", (double) client.bytesReceived() / server.bytesReceived());
    line(
        "bytes are those of gRPC's messages; time is the median of the rounds after a warm-up, one"
            + " request of up to %,d keys after the other",
        Scoring.KEYS_OF_A_REQUEST);
    line("");
    line("%,d of %,d scores equal to the client's own, bit by bit", equal, scores);
    return equal == scores;
  }

  private void way(String name, Scoring.Way way) {
    line(
        "%-52s %,9d %11s %11s %7.2f ms",
        name,
        way.requests(),
        kilobytes(way.bytesSent()),
        kilobytes(way.bytesReceived()),
        way.millis());
  }

  private static String kilobytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f kB", bytes / 1000.0);
  }

  private void line(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }
}
