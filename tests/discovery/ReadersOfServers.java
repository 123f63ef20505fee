package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VeniceClientException;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A thread for each server that reads from it all the while, as a Fast Client built once with a map
 * of addresses would, and notes each read that failed or was wrong.
 */
final class ReadersOfServers implements AutoCloseable {
  private static final int FAILURES_KEPT = 20;

  private final SampleRows rows;
  private final StoreVersionConfig store;
  private final ChannelCredentials credentials;
  private final List<FastClient> clients = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final Map<String, List<String>> failures = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> failed = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> reads = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  ReadersOfServers(SampleRows rows, StoreVersionConfig store, Map<String, String> addresses) {
    this(rows, store, addresses, InsecureChannelCredentials.create());
  }

  ReadersOfServers(
      SampleRows rows,
      StoreVersionConfig store,
      Map<String, String> addresses,
      ChannelCredentials credentials) {
    this.rows = rows;
    this.store = store;
    this.credentials = credentials;
    addresses.forEach(this::start);
  }

  private void start(String server, String address) {
    failures.put(server, new CopyOnWriteArrayList<>());
    failed.put(server, new AtomicLong());
    reads.put(server, new AtomicLong());
    FastClient client =
        new FastClient(
            StoreRoutes.oneServer(store.resource(), store.partitionCount(), address),
            FastClient.DEFAULT_BATCH_GET_LIMIT,
            credentials);
    clients.add(client);
    Thread thread = new Thread(() -> read(server, client), "reader of " + server);
    threads.add(thread);
    thread.start();
  }

  private void read(String server, FastClient client) {
    for (int i = 0; !stopping; i = (i + 1) % rows.count()) {
      try {
        StoredValue value = client.get(rows.key(i));
        if (!rows.value(i).equals(value)) {
          fail(server, "wrong value of row " + i);
        }
        int from = i % (rows.count() - 10);
        if (i % 8 == 0
            && !rows.values(from, from + 10).equals(client.batchGet(rows.keys(from, from + 10)))) {
          fail(server, "wrong batch from row " + from);
        }
      } catch (VeniceClientException e) {
        fail(server, e.toString());
      }
      reads.get(server).incrementAndGet();
    }
  }

  /** A server that is gone fails each read at once: only the first failures are kept. */
  private void fail(String server, String why) {
    failed.get(server).incrementAndGet();
    List<String> kept = failures.get(server);
    if (kept.size() < FAILURES_KEPT) {
      kept.add(why);
    }
    Thread.yield();
  }

  /** Waits until each server has been read from many times more. */
  void awaitReads() throws Exception {
    for (AtomicLong count : reads.values()) {
      long before = count.get();
      Await.until("reads go on", () -> count.get() > before + 20);
    }
  }

  /** Returns the first failures of reads from a server. */
  List<String> failures(String server) {
    return failures.get(server);
  }

  /** Returns how many reads from a server have failed. */
  long failed(String server) {
    return failed.get(server).get();
  }

  long reads() {
    return reads.values().stream().mapToLong(AtomicLong::get).sum();
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join();
    }
    clients.forEach(FastClient::close);
  }
}
