package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.FlushJobInfo;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** What an application does in a class loader of its own: {@link UnloadTest} loads it there. */
public final class LoadedUse {
  private static RustReadServer running;

  private LoadedUse() {}

  /** Uses the library in many ways and closes everything. */
  public static void use(String folder) throws Exception {
    RocksDB.loadLibrary();
    Path path = Files.createTempDirectory(Path.of(folder), "use");
    try (AbstractEventListener listener = new Listener();
        Options options =
            new Options().setCreateIfMissing(true).setListeners(Arrays.asList(listener));
        RocksDB db = RocksDB.open(options, path.toString());
        ReadOptions read = new ReadOptions()) {
      for (int i = 0; i < 100; i++) {
        db.put(("key" + i).getBytes(), new byte[1000]);
      }
      try (FlushOptions flush = new FlushOptions()) {
        db.flush(flush);
      }
      db.compactRange();
      require(db.get("key7".getBytes()).length == 1000);
      List<byte[]> keys = Arrays.asList("key1".getBytes(), "key2".getBytes());
      require(db.multiGetAsList(keys).size() == 2);
      require(!db.getLiveFilesMetaData().isEmpty());
      try (RocksIterator iterator = db.newIterator(read)) {
        iterator.seekToFirst();
        require(iterator.isValid());
      }
      try {
        db.getLongProperty("no such property");
        require(false);
      } catch (RocksDBException e) {
        require(e.getStatus() != null);
      }
    }
    try (RustReadServer server = RustReadServer.start(loopback())) {
      require(server.port() > 0);
    }
  }

  private static ReadServerConfig loopback() {
    return ReadServerConfig.builder().bindAddress("127.0.0.1").workerThreads(1).build();
  }

  /** Starts a server and leaves it running; returns its port. */
  public static int serve() {
    running = RustReadServer.start(loopback());
    return running.port();
  }

  /** Stops it. */
  public static void stop() {
    running.close();
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }

  private static final class Listener extends AbstractEventListener {
    @Override
    public void onFlushCompleted(RocksDB db, FlushJobInfo info) {
      db.getName();
    }
  }
}
