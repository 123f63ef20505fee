package com.linkedin.venice.rust.tests.served;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.BlockingReadService;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StreamingCall;
import org.junit.rules.ExternalResource;
import org.junit.rules.TemporaryFolder;

/** A server for each test, and a folder for what it serves; both go away with the test. */
public final class ServedStoreRule extends ExternalResource {
  private final TemporaryFolder folder = new TemporaryFolder();
  private final ReadServerConfig config;
  private ServedStore store;

  /** With the default configuration, at the loopback address. */
  public ServedStoreRule() {
    this(ReadServerConfig.builder());
  }

  /** With a configuration, at the loopback address. */
  public ServedStoreRule(ReadServerConfig.Builder config) {
    this.config = config.bindAddress("127.0.0.1").build();
  }

  @Override
  protected void before() throws Throwable {
    folder.create();
    try {
      store = ServedStore.start(config);
    } catch (RuntimeException e) {
      folder.delete();
      throw e;
    }
  }

  @Override
  protected void after() {
    try {
      close();
    } catch (Exception e) {
      throw new IllegalStateException("a store version was not closed", e);
    } finally {
      folder.delete();
    }
  }

  /** Writes a store version into the folder, and leaves it open. */
  public StoreVersion push(StoreVersionConfig version, ServedStore.Rows rows) throws Exception {
    return store.push(folder.getRoot().toPath(), version, rows);
  }

  /** As {@link ServedStore#client(StoreVersionConfig)}. */
  public FastClient client(StoreVersionConfig version) {
    return store.client(version);
  }

  /** As {@link ServedStore#client(StoreVersionConfig, int)}. */
  public FastClient client(StoreVersionConfig version, int batchGetLimit) {
    return store.client(version, batchGetLimit);
  }

  /** As {@link ServedStore#stub()}. */
  public BlockingReadService stub() {
    return store.stub();
  }

  /** As {@link ServedStore#stream()}. */
  public StreamingCall stream() {
    return store.stream();
  }

  /** Closes the clients, the server and what it serves, before the test ends. */
  public void close() throws Exception {
    store.close();
  }

  /** Returns the address of the server. */
  public String address() {
    return store.address();
  }

  /** Returns the server. */
  public RustReadServer server() {
    return store.server();
  }
}
