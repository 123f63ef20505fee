package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.rocksdb.AbstractComparator;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.ComparatorOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushJobInfo;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.SstFileWriter;

/**
 * A JVM that ends in the middle of its work. Its threads are daemons, go on to the last, and print
 * what goes wrong.
 */
public final class BusyProgram {
  /** Calls of each kind before the end. */
  private static final int CALLS = 200;

  private final Path folder;
  private final Set<String> work;

  /** Counted down by each kind of work. */
  private final CountDownLatch calls;

  private BusyProgram(Path folder, Set<String> work) {
    this.folder = folder;
    this.work = work;
    this.calls = new CountDownLatch(work.contains("blocked") ? 1 : CALLS);
  }

  /** Takes a folder, {@code return} or {@code exit}, and kinds of work. */
  public static void main(String[] args) throws Exception {
    Set<String> work = new HashSet<>(Arrays.asList(args).subList(2, args.length));
    BusyProgram program = new BusyProgram(Path.of(args[0]), work);
    if (work.contains("serve")) {
      program.serve();
    }
    if (work.size() > (work.contains("serve") ? 1 : 0)) {
      program.compact();
      program.calls.await();
    }
    System.out.println("busy");
    if (args[1].equals("exit")) {
      System.exit(7);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void forever(String name, Step step) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  step.run();
                }
              } catch (Throwable e) {
                e.printStackTrace();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Two clients read from the server. */
  private void serve() throws Exception {
    SampleRows rows = new SampleRows(100, 10, 1000);
    StoreVersionConfig config = new StoreVersionConfig("exit", 1, 2);
    StoreVersionWriter writer = new StoreVersionWriter(folder, config, new RocksResources());
    rows.addTo(writer);
    StoreVersion version = writer.endOfPush();
    RustReadServer server =
        RustReadServer.start(ReadServerConfig.builder().bindAddress("127.0.0.1").build());
    String address = "127.0.0.1:" + server.port();
    CountDownLatch read = new CountDownLatch(CALLS);
    for (int i = 0; i < 2; i++) {
      FastClient client =
          new FastClient(StoreRoutes.oneServer(version.resource(), 2, address));
      forever(
          "reader-" + i,
          () -> {
            if (!client.batchGet(rows.keys()).equals(rows.values(0, rows.count()))) {
              throw new AssertionError("a wrong answer");
            }
            read.countDown();
          });
    }
    read.await();
  }

  /** Writes, ingests, flushes and compacts, with what the work asks for in Java. */
  private void compact() throws Exception {
    RocksDB.loadLibrary();
    Options options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(64 << 10)
            .setLevel0FileNumCompactionTrigger(2)
            .setTargetFileSizeBase(256 << 10)
            .setMaxBackgroundJobs(4);
    if (work.contains("comparator")) {
      options.setComparator(new Unsigned());
    }
    if (work.contains("listener") || work.contains("blocked")) {
      options.setListeners(List.of(new Listener()));
    }
    if (work.contains("logger")) {
      options.setLogger(new CountingLogger());
    }
    RocksDB db = RocksDB.open(options, folder.resolve("compacted").toString());
    for (int i = 0; i < 2; i++) {
      Random random = new Random(i);
      forever(
          "writer-" + i,
          () -> {
            byte[] key = new byte[16];
            random.nextBytes(key);
            db.put(key, new byte[500]);
          });
    }
    AtomicReference<Integer> next = new AtomicReference<>(0);
    forever("ingester", () -> ingest(db, options, next.getAndUpdate(n -> n + 1)));
  }

  private void ingest(RocksDB db, Options options, int number) throws Exception {
    String file = folder.resolve(number + ".sst").toString();
    try (EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options);
        IngestExternalFileOptions ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
      writer.open(file);
      for (int i = 0; i < 100; i++) {
        writer.put(ByteBuffer.allocate(8).putInt(number).putInt(i).array(), new byte[100]);
      }
      writer.finish();
      db.ingestExternalFile(List.of(file), ingest);
    }
  }

  private final class Unsigned extends AbstractComparator {
    Unsigned() {
      super(new ComparatorOptions());
    }

    @Override
    public String name() {
      return "unsigned";
    }

    @Override
    public int compare(ByteBuffer a, ByteBuffer b) {
      if (Thread.currentThread().getName().startsWith("Thread-")) {
        // One of RocksDB's own.
        calls.countDown();
      }
      int length = Math.min(a.remaining(), b.remaining());
      for (int i = 0; i < length; i++) {
        int order = Integer.compare(a.get(a.position() + i) & 0xFF, b.get(b.position() + i) & 0xFF);
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(a.remaining(), b.remaining());
    }
  }

  private final class Listener extends AbstractEventListener {
    @Override
    public void onFlushCompleted(RocksDB db, FlushJobInfo info) {
      calls.countDown();
      try {
        if (work.contains("blocked")) {
          new CountDownLatch(1).await();
        }
        db.getLongProperty("rocksdb.estimate-num-keys");
      } catch (Exception e) {
        e.printStackTrace();
      }
    }
  }

  private final class CountingLogger extends Logger {
    CountingLogger() {
      super(InfoLogLevel.DEBUG_LEVEL);
    }

    @Override
    protected void log(InfoLogLevel level, String message) {
      calls.countDown();
    }
  }
}
