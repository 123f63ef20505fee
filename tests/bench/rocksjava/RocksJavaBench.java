package com.linkedin.venice.rust.bench.rocksjava;

import com.linkedin.venice.rust.bench.compare.Canary;
import com.linkedin.venice.rust.bench.compare.PairedRatio;
import com.linkedin.venice.rust.bench.compare.RatioReport;
import com.linkedin.venice.rust.testing.DirectoryTree;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Measures our native library against stock rocksdbjni's, in forks that alternate.
 *
 * <p>System properties: {@code bench.stock}, the jar as published; {@code bench.ours}, our library
 * under the name that RocksJava looks for; {@code bench.program}, the jar with the benchmarks.
 */
public final class RocksJavaBench {
  /** With more pairs disturbed than this the machine was no place to measure. */
  private static final double MAX_DISTURBED = 0.3;

  private record Fork(PairedRatio ratio, int firstSong, double stock, double ours) {}

  private final BenchArguments arguments;
  private final Canary canary = new Canary();
  private final List<Fork> pairs = new ArrayList<>();
  private final List<PairedRatio> ratios = new ArrayList<>();

  private RocksJavaBench(BenchArguments arguments) {
    this.arguments = arguments;
  }

  /** Takes the options of {@link BenchArguments}. */
  public static void main(String[] words) throws Exception {
    if (Arrays.asList(words).contains("--help")) {
      System.out.print(BenchArguments.USAGE);
      return;
    }
    Path current =
        Path.of(Objects.requireNonNullElse(System.getenv("BUILD_WORKING_DIRECTORY"), "."));
    BenchArguments arguments;
    try {
      arguments = new BenchArguments(current, words);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    if (!new RocksJavaBench(arguments).run()) {
      System.exit(1);
    }
  }

  private boolean run() throws IOException, InterruptedException {
    List<BenchCase> cases = BenchCase.all(arguments.tables, arguments.values, arguments.filter);
    if (cases.isEmpty()) {
      System.err.println("no case is named so: " + arguments.filter);
      return false;
    }
    Path folder = Files.createTempDirectory("rocksjava-bench");
    try {
      Path program = file("bench.program");
      Subject stock = new Subject(file("bench.stock"), program, folder);
      Subject ours = new Subject(file("bench.ours").getParent(), program, folder);
      for (int i = 0; i < cases.size(); i++) {
        measure(i, cases.size(), cases.get(i), stock, ours);
      }
    } finally {
      DirectoryTree.delete(folder);
    }
    return report();
  }

  private void measure(int number, int count, BenchCase one, Subject stock, Subject ours)
      throws IOException, InterruptedException {
    PairedRatio ratio = new PairedRatio(one.name());
    ratios.add(ratio);
    int song = canary.sing();
    StringBuilder line = new StringBuilder();
    for (int pair = 0; pair < arguments.pairs; pair++) {
      double a = stock.measure(one, arguments.times);
      double b = ours.measure(one, arguments.times);
      pairs.add(new Fork(ratio, song, a, b));
      song = canary.sing();
      line.append(String.format(Locale.ROOT, " %.3f", b / a));
    }
    System.out.printf("%d/%d %s:%s%n", number + 1, count, one.name(), line);
  }

  /** Leaves out the pairs that the machine disturbed, and writes. */
  private boolean report() throws IOException {
    int disturbed = 0;
    for (Fork pair : pairs) {
      if (canary.disturbed(pair.firstSong, pair.firstSong + 1)) {
        pair.ratio.drop();
        disturbed++;
      } else {
        pair.ratio.add(pair.stock, pair.ours);
      }
    }
    RatioReport report =
        new RatioReport(
            "RocksJava on our native library, against stock rocksdbjni's",
            notes(disturbed),
            ratios);
    Files.createDirectories(arguments.output);
    Path page = arguments.output.resolve("rocksjava.html");
    Path lines = arguments.output.resolve("rocksjava.csv");
    Files.writeString(page, report.html());
    Files.writeString(lines, report.csv());
    System.out.println();
    System.out.print(report.table());
    System.out.println("written to " + page + " and " + lines.getFileName());
    if (disturbed > MAX_DISTURBED * pairs.size()) {
      System.out.printf(
          "%d of %d pairs were disturbed: something else used the machine, measure again%n",
          disturbed, pairs.size());
      return false;
    }
    return true;
  }

  private List<String> notes(int disturbed) {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return List.of(
        "stock: " + file("bench.stock").getFileName(),
        String.format(
            Locale.ROOT,
            "Java %s, %s %s, %d processors, load %.1f at the end",
            System.getProperty("java.version"),
            system.getName(),
            system.getArch(),
            system.getAvailableProcessors(),
            system.getSystemLoadAverage()),
        "each fork: JMH " + String.join(" ", arguments.times) + ", average time of a call",
        String.format(
            Locale.ROOT,
            "%d pairs of forks, a stock one and then ours; %d left out because the machine was"
                + " disturbed",
            pairs.size(),
            disturbed));
  }

  private static Path file(String property) {
    return Path.of(
            Objects.requireNonNull(
                System.getProperty(property),
                () -> "the system property " + property + " is not set"))
        .toAbsolutePath();
  }
}
