package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import org.junit.rules.ExternalResource;
import org.junit.rules.TemporaryFolder;

/** The store {@code metered}, of 100 rows, in a server that was just started, and a client of it. */
final class MeteredStore extends ExternalResource {
  private static final StoreVersionConfig CONFIG = new StoreVersionConfig("metered", 1, 3);

  final SampleRows rows = new SampleRows(100, 10, 50);

  private final TemporaryFolder temporary = new TemporaryFolder();
  private ServedStore store;
  private FastClient client;

  @Override
  protected void before() throws Throwable {
    temporary.create();
    store = ServedStore.start();
    store.push(temporary.getRoot().toPath(), CONFIG, rows);
    client = store.client(CONFIG);
  }

  @Override
  protected void after() {
    try {
      store.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      temporary.delete();
    }
  }

  RustReadServer server() {
    return store.server();
  }

  FastClient client() {
    return client;
  }

  /** Reads the first {@code number} rows, one by one. */
  void gets(int number) {
    for (int i = 0; i < number; i++) {
      client.get(rows.key(i));
    }
  }
}
