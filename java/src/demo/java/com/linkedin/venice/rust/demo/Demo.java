package com.linkedin.venice.rust.demo;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.StoreVersionDescription;
import com.linkedin.venice.rust.metrics.MetricsReader;
import com.linkedin.venice.rust.testing.DirectoryTree;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.testing.StoredValue;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;

/**
 * The whole read path in one process: an Avro file is written as a Venice store version through the
 * {@code org.rocksdb} classes, served by Rust, and read back over gRPC; see {@link Arguments#HELP}.
 */
public final class Demo {
  private static final int SCHEMA_ID = 1;
  private static final int WARM_UP_ROWS = 10_000;

  /** The emoji whose neighbours are shown, if the user names none: a grinning cat. */
  private static final String DEFAULT_LIKE = "\ud83d\ude3a";

  private static final long EXIT_SECONDS = 20;

  private final PrintStream out;
  private final PrintStream err;
  private final Progress progress;
  private final CountDownLatch interrupted = new CountDownLatch(1);

  private Demo(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
    this.progress = new Progress(err, Progress.standardErrorIsTerminal());
  }

  /** Runs the demo; the exit code is 0 if every value came back equal both ways, else 1. */
  public static void main(String[] args) {
    // UTF-8 whatever the locale says, because the keys of the default input are emoji.
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    Demo demo = new Demo(out, err);
    CountDownLatch finished = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> demo.interrupt(finished), "demo-exit"));
    int exitCode;
    try {
      exitCode = demo.run(args);
    } finally {
      out.flush();
      err.flush();
      finished.countDown();
    }
    System.exit(exitCode);
  }

  /**
   * Runs on Ctrl-C, and at a normal exit: asks the main thread to end and waits for its clean-up.
   */
  private void interrupt(CountDownLatch finished) {
    progress.cancel();
    interrupted.countDown();
    try {
      if (!finished.await(EXIT_SECONDS, TimeUnit.SECONDS)) {
        err.println("demo: gave up waiting for the clean-up");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int run(String[] args) {
    try {
      Arguments arguments = Arguments.parse(args);
      if (arguments.help()) {
        out.print(Arguments.HELP);
        return 0;
      }
      return run(arguments) ? 0 : 1;
    } catch (Progress.Cancelled | InterruptedException e) {
      err.println();
      err.println("demo: stopped");
    } catch (DemoException | ReadServerException e) {
      err.println("demo: " + e.getMessage());
    } catch (AccessDeniedException e) {
      err.println("demo: " + e.getFile() + " may not be written by this user: give another --data");
    } catch (FileAlreadyExistsException e) {
      err.println("demo: " + e.getFile() + " exists already: delete it, or give another --data");
    } catch (IOException | RocksDBException e) {
      err.println("demo: cannot write the store: " + e.getMessage());
    }
    return 1;
  }

  private boolean run(Arguments arguments)
      throws DemoException, IOException, RocksDBException, InterruptedException {
    AvroInput input = AvroInput.read(arguments.input());
    Path data =
        arguments.data().isPresent()
            ? arguments.data().get()
            : Files.createTempDirectory("venice-demo-");
    // The server starts first, so that a port in use is reported before anything is written.
    ReadServerConfig.Builder config =
        ReadServerConfig.builder().port(arguments.port()).reflection(true).channelz(true);
    if (arguments.serve()) {
      config.metricsExporters("prometheus").metricsPrometheusPort(arguments.metricsPort());
    }
    arguments.adminSocket().ifPresent(config::adminSocket);
    try (RustReadServer server = RustReadServer.start(config.build())) {
      return writeAndRead(arguments, input, data, server);
    } finally {
      if (arguments.data().isEmpty()) {
        DirectoryTree.delete(data);
      }
    }
  }

  private boolean writeAndRead(
      Arguments arguments, AvroInput input, Path data, RustReadServer server)
      throws DemoException, IOException, RocksDBException, InterruptedException {
    StoreVersionConfig config =
        new StoreVersionConfig(input.storeName(), 1, arguments.partitions());
    String address = "127.0.0.1:" + server.port();
    try (RocksResources resources = new RocksResources();
        StoreVersionWriter writer = new StoreVersionWriter(data, config, resources)) {
      long start = System.nanoTime();
      try (StoreVersion version = write(writer, input)) {
        double seconds = (System.nanoTime() - start) / 1e9;
        StoreRoutes routes =
            StoreRoutes.oneServer(version.resource(), config.partitionCount(), address);
        server.describeStore(description(input, config));
        boolean equal;
        try (FastClient client = new FastClient(routes)) {
          equal = readBack(client, input, config, seconds, address);
          if (arguments.score().isPresent()) {
            equal &= score(client, input, arguments.score().get(), config, address);
          }
          new MetricsTable(out).print(new MetricsReader(server).read());
        }
        if (arguments.serve()) {
          serve(config, input, address, server.prometheusAddress());
        }
        return equal;
      }
    }
  }

  /** What the server has to know of the store to compute. */
  private static StoreDescription description(AvroInput input, StoreVersionConfig config) {
    return StoreDescription.of(input.storeName())
        .keySchema(1, input.keySchema().toString())
        .valueSchema(SCHEMA_ID, input.valueSchema().toString())
        .readComputeEnabled(true)
        .storageNodeReadQuotaEnabled(true)
        .currentVersion(1)
        .version(StoreVersionDescription.of(1, config.partitionCount()).build())
        .build();
  }

  /** Finds what is like a key, on the server and in the client; returns whether both agree. */
  private boolean score(
      FastClient client, AvroInput input, String key, StoreVersionConfig config, String address)
      throws DemoException {
    String field =
        input
            .vectorField()
            .orElseThrow(
                () ->
                    new DemoException(
                        "the values have no field that is a list of floats, and --score needs"
                            + " one"));
    int like = rowOf(input, key);
    List<Float> vector = input.vector(input.rows().get(like).value(), field);
    ManagedChannel channel =
        Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    try {
      Scoring scoring =
          new Scoring(channel, input, field, config.resource(), config.partitionCount());
      Scoring.Way server = scoring.onTheServer(vector);
      Scoring.Way inClient = scoring.inTheClient(vector);
      List<Integer> best = ScoreReport.best(server.scores(), like);
      List<byte[]> values =
          client.batchGet(best.stream().map(i -> input.rows().get(i).key()).toList()).stream()
              .map(StoredValue::payload)
              .toList();
      ScoreReport report = new ScoreReport(out);
      report.nearest(input, input.rows().get(like), server.scores(), best, values);
      return report.ways(field, vector.size(), server, inClient);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Returns the place of a key: the user's, or one of the demo's choice. */
  private static int rowOf(AvroInput input, String key) throws DemoException {
    String wanted = key.equals(Arguments.SCORE_FIRST) ? DEFAULT_LIKE : key;
    for (int i = 0; i < input.rows().size(); i++) {
      if (input.keyText(input.rows().get(i)).equals(wanted)) {
        return i;
      }
    }
    if (key.equals(Arguments.SCORE_FIRST)) {
      return 0;
    }
    throw new DemoException(
        "there is no row with the key \""
            + key
            + "\": give one of the input's keys by --score=KEY");
  }

  private StoreVersion write(StoreVersionWriter writer, AvroInput input)
      throws DemoException, IOException, RocksDBException {
    progress.begin("writing rows", input.rows().size());
    int number = 0;
    for (Row row : input.rows()) {
      number++;
      try {
        writer.add(row.key(), SCHEMA_ID, row.value());
      } catch (IllegalArgumentException e) {
        throw new DemoException(
            "row " + number + " repeats the key " + input.keyText(row) + ": give each key once", e);
      }
    }
    StoreVersion version = writer.endOfPush(progress::advance);
    progress.end();
    return version;
  }

  private boolean readBack(
      FastClient client,
      AvroInput input,
      StoreVersionConfig config,
      double writeSeconds,
      String address)
      throws InterruptedException {
    List<Row> rows = input.rows();
    List<Row> warmUp = new ArrayList<>(WARM_UP_ROWS);
    for (int i = 0; i < WARM_UP_ROWS; i++) {
      warmUp.add(rows.get(i % rows.size()));
    }
    ReadBack readBack = new ReadBack(client, SCHEMA_ID, progress);
    readBack.bySingleGet("warm-up, single gets", warmUp);
    ReadBack.Result single = readBack.bySingleGet("single gets", rows);
    readBack.byBatchGet("warm-up, batch gets", warmUp);
    ReadBack.Result batch = readBack.byBatchGet("batch gets", rows);

    Report report = new Report(out);
    report.store(config.resource(), rows, config.partitionCount(), writeSeconds, address);
    report.results(single, batch);
    boolean equal = single.equal() == rows.size() && batch.equal() == rows.size();
    if (equal) {
      List<Row> samples = new ArrayList<>();
      for (Row row : Report.pickSamples(rows)) {
        StoredValue value = client.get(row.key());
        samples.add(new Row(row.key(), value.payload()));
      }
      report.samples(input, samples);
    }
    report.differences("single get", single);
    report.differences("batch get", batch);
    report.verdict(single, batch);
    return equal;
  }

  /** Says where to read, in lines that are easy to take apart, and waits for Ctrl-C. */
  private void serve(
      StoreVersionConfig config, AvroInput input, String address, String metricsAddress)
      throws InterruptedException {
    Row example = input.rows().get(0);
    out.println();
    out.println("serving " + config.resource() + " on " + address);
    out.println("partitions " + config.partitionCount());
    out.println("example key " + input.keyText(example));
    out.println("example key bytes in base64 " + Base64.getEncoder().encodeToString(example.key()));
    out.println("metrics http://" + metricsAddress + "/metrics");
    out.println("press Ctrl-C to stop");
    out.flush();
    interrupted.await();
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
