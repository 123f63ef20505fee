package com.linkedin.venice.rust.bench.compute;

import com.linkedin.venice.rust.bench.compare.Canary;
import com.linkedin.venice.rust.bench.compare.PairedRatio;
import com.linkedin.venice.rust.bench.compare.RatioReport;
import com.linkedin.venice.rust.testing.HttpForm;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
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
 * Dot products of {@value ComputeStores#KEYS} vectors by the Rust server, against the Java server,
 * and against a client that reads the values and computes. Each pair is two slices, one right after
 * the other; servers are JVMs of their own.
 *
 * <p>System properties: {@code bench.ours} and {@code bench.reference}, the programs of {@link
 * ComputeServer} on our native library and on that of rocksdbjni.
 */
public final class ComputeBench {
  private static final String USAGE =
      """
      usage: compute [--quick] [--pairs N] [--output FOLDER]
        --quick          2 pairs of slices of half a second: whether it runs, not how fast
        --pairs N        pairs of slices of each line (default: 15)
        --output FOLDER  where compute.csv and compute.html go (default: nowhere)
      """;

  /** With more pairs disturbed than this the machine was no place to measure. */
  private static final double MAX_DISTURBED = 0.3;

  private final int pairs;
  private final double sliceSeconds;
  private final Path output;
  private final Canary canary = new Canary();
  private final List<PairedRatio> ratios = new ArrayList<>();
  private final List<String> sizes = new ArrayList<>();
  private final List<Measured> measured = new ArrayList<>();

  /** A pair, and the song before it. */
  private record Measured(PairedRatio ratio, int song, double baseline, double subject) {}

  /** What a slice took for each request: nanoseconds until the answer, and of processors. */
  private record Slice(double elapsed, double server, double client) {}

  private ComputeBench(int pairs, double sliceSeconds, Path output) {
    this.pairs = pairs;
    this.sliceSeconds = sliceSeconds;
    this.output = output;
  }

  /** See the class. */
  public static void main(String[] words) throws Exception {
    int pairs = 15;
    double seconds = 3;
    Path output = null;
    for (int i = 0; i < words.length; i++) {
      switch (words[i]) {
        case "--quick" -> {
          pairs = 2;
          seconds = 0.5;
        }
        case "--pairs" -> pairs = Integer.parseInt(words[++i]);
        case "--output" ->
            output =
                Path.of(Objects.requireNonNullElse(System.getenv("BUILD_WORKING_DIRECTORY"), "."))
                    .resolve(words[++i]);
        default -> {
          System.err.print(USAGE);
          System.exit(words[i].equals("--help") ? 0 : 2);
        }
      }
    }
    if (!new ComputeBench(pairs, seconds, output).run()) {
      System.exit(1);
    }
  }

  private boolean run() throws IOException, InterruptedException {
    keepOffCoreZero();
    try (ServerProcess ours = new ServerProcess(program("bench.ours"), "ours");
        ServerProcess reference = new ServerProcess(program("bench.reference"), "reference")) {
      ManagedChannel channel =
          Grpc.newChannelBuilder(ours.address(), InsecureChannelCredentials.create()).build();
      try {
        HttpForm http = new HttpForm(reference.address());
        for (int dimensions : ComputeStores.DIMENSIONS) {
          measure(
              dimensions,
              ours,
              reference,
              ScoringWay.byRust(channel, dimensions),
              ScoringWay.byJava(http, dimensions),
              ScoringWay.byClient(channel, dimensions));
        }
      } finally {
        channel.shutdownNow();
      }
    }
    return report();
  }

  private void measure(
      int dimensions,
      ServerProcess ours,
      ServerProcess reference,
      ScoringWay rust,
      ScoringWay java,
      ScoringWay client)
      throws IOException {
    float[] scores = rust.scores();
    if (!Arrays.equals(scores, java.scores()) || !Arrays.equals(scores, client.scores())) {
      throw new IllegalStateException("the scores of " + dimensions + " floats differ");
    }
    String load = String.format(Locale.ROOT, "%,d x %d", ComputeStores.KEYS, dimensions);
    long computed = rust.ask();
    sizes.add(
        String.format(
            Locale.ROOT,
            "%s: an answer has %,d bytes by read compute, %,d by batch get: %.3f",
            load,
            computed,
            client.ask(),
            (double) computed / client.ask()));
    // Compilers of both JVMs, and the client's, have seen it all before anything counts.
    for (int i = 0; i < 2; i++) {
      slice(rust, ours);
      slice(java, reference);
      slice(client, ours);
    }
    PairedRatio javaProcessor = ratio(load + ", server's processor, of Java's");
    PairedRatio javaElapsed = ratio(load + ", until the answer, of Java's");
    PairedRatio bothProcessors = ratio(load + ", both processors, of batch get and client");
    PairedRatio clientElapsed = ratio(load + ", until the answer, of batch get and client");
    for (int pair = 0; pair < pairs; pair++) {
      int song = canary.sing();
      Slice a = slice(java, reference);
      Slice b = slice(rust, ours);
      measured.add(new Measured(javaProcessor, song, a.server, b.server));
      measured.add(new Measured(javaElapsed, song, a.elapsed, b.elapsed));
      song = canary.sing();
      Slice c = slice(client, ours);
      Slice d = slice(rust, ours);
      measured.add(new Measured(bothProcessors, song, c.server + c.client, d.server + d.client));
      measured.add(new Measured(clientElapsed, song, c.elapsed, d.elapsed));
    }
    canary.sing();
    System.out.println(load + ": measured");
  }

  private PairedRatio ratio(String name) {
    PairedRatio ratio = new PairedRatio(name);
    ratios.add(ratio);
    return ratio;
  }

  private Slice slice(ScoringWay way, ServerProcess server) throws IOException {
    double serverBefore = server.processorNanos();
    double clientBefore = ServerProcess.ownProcessorNanos();
    long begun = System.nanoTime();
    long requests = 0;
    long elapsed;
    do {
      way.ask();
      requests++;
      elapsed = System.nanoTime() - begun;
    } while (elapsed < sliceSeconds * 1e9);
    return new Slice(
        (double) elapsed / requests,
        (server.processorNanos() - serverBefore) / requests,
        (ServerProcess.ownProcessorNanos() - clientBefore) / requests);
  }

  /** Leaves out the pairs that the machine disturbed, and writes. */
  private boolean report() throws IOException {
    int disturbed = 0;
    for (Measured pair : measured) {
      if (canary.disturbed(pair.song, pair.song + 1)) {
        pair.ratio.drop();
        disturbed++;
      } else {
        pair.ratio.add(pair.baseline, pair.subject);
      }
    }
    var system = ManagementFactory.getOperatingSystemMXBean();
    List<String> notes = new ArrayList<>(sizes);
    notes.add(
        String.format(
            Locale.ROOT,
            "Java %s, %s %s, %d processors; %d pairs of slices of %.1f s, %d of %d figures left out"
                + " because the machine was disturbed",
            System.getProperty("java.version"),
            system.getName(),
            system.getArch(),
            system.getAvailableProcessors(),
            pairs,
            sliceSeconds,
            disturbed,
            measured.size()));
    RatioReport report =
        new RatioReport("Read compute: dot products", "other", "compute", notes, ratios);
    System.out.println();
    System.out.print(report.table());
    if (output != null) {
      Files.createDirectories(output);
      Files.writeString(output.resolve("compute.csv"), report.csv());
      Files.writeString(output.resolve("compute.html"), report.html());
      System.out.println("written to " + output);
    }
    if (disturbed > MAX_DISTURBED * measured.size()) {
      System.out.println("something else used the machine, measure again");
      return false;
    }
    return true;
  }

  /** Servers have core 0, this program the others, where {@code taskset} is there to do it. */
  private static void keepOffCoreZero() throws IOException, InterruptedException {
    int processors = Runtime.getRuntime().availableProcessors();
    if (processors > 1 && Files.isExecutable(Path.of("/usr/bin/taskset"))) {
      new ProcessBuilder(
              "/usr/bin/taskset",
              "-a",
              "-p",
              "-c",
              "1-" + (processors - 1),
              Long.toString(ProcessHandle.current().pid()))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    }
  }

  private static Path program(String property) {
    return Path.of(
            Objects.requireNonNull(
                System.getProperty(property),
                () -> "the system property " + property + " is not set"))
        .toAbsolutePath();
  }
}
