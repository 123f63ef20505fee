package com.linkedin.venice.rust.tests;

import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.rust.ReadAccessDecision;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import io.grpc.ChannelCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Three serving servers that Prometheus can scrape, and clients of all that the board and the
 * alerts look at: one plain, with a store over its quota, and one of vectors that it computes with;
 * one with TLS and an access controller; and one that bounds all it can: reads of the node, and
 * series.
 *
 * <p>As a program: prints {@code NAME HOST:PORT} for each server, and reads until its input ends.
 */
final class WatchedServers implements AutoCloseable {
  private static final StoreVersionConfig METERED = new StoreVersionConfig("metered", 1, 3);
  private static final StoreVersionConfig LIMITED = new StoreVersionConfig("limited", 2, 1);

  private final SampleRows rows = new SampleRows(200, 10, 500);
  private final ServedStore plain;
  private final RustReadServer encrypted;
  private final RustReadServer bounded;
  private final ChannelCredentials alice;
  private final StoreRoutes routes;
  private final FastClient client;
  private final FastClient limited;
  private final FastClient refused;
  private final ComputedStore computed;

  /** Serves from {@code folder}, which is empty. */
  WatchedServers(Path folder) throws Exception {
    Path keys = Files.createDirectory(folder.resolve("keys"));
    KeyAuthority authority = new KeyAuthority(keys);
    ReadServerConfig guarded =
        scraped()
            .tlsKeyStore(authority.server("server", "PKCS12"), KeyAuthority.PASSWORD)
            .tlsTrustStore(authority.authority(), null)
            .build();
    alice = authority.credentials(authority.client("alice", "PKCS12"));
    plain =
        ServedStore.start(scraped().computeMaxOperations(ComputedStore.MOST_OPERATIONS).build());
    encrypted =
        RustReadServer.start(guarded, (certificate, store, method) -> ReadAccessDecision.GRANTED);
    bounded = RustReadServer.start(scraped().metricsMaxSeries(1).build());
    plain.push(Files.createDirectory(folder.resolve("metered")), METERED, rows);
    plain.push(Files.createDirectory(folder.resolve("limited")), LIMITED, rows);
    plain.server().setNodeQuota(1_000_000_000);
    plain.server().setStoreQuota(LIMITED.resource(), 1, 1);
    bounded.setNodeQuota(1);
    routes = routes(encrypted);
    client = plain.client(METERED);
    limited = plain.client(LIMITED);
    refused = new FastClient(routes(bounded));
    computed = new ComputedStore(plain, Files.createDirectory(folder.resolve("vectors")));
  }

  private static StoreRoutes routes(RustReadServer server) {
    return StoreRoutes.oneServer(
        METERED.resource(), METERED.partitionCount(), "127.0.0.1:" + server.port());
  }

  private static ReadServerConfig.Builder scraped() {
    return ReadServerConfig.builder()
        .bindAddress("127.0.0.1")
        .metricsExporters("prometheus")
        .metricsPrometheusPort(0);
  }

  RustReadServer plain() {
    return plain.server();
  }

  RustReadServer encrypted() {
    return encrypted;
  }

  RustReadServer bounded() {
    return bounded;
  }

  /** Hits, misses, batches, computing, what is refused and why, and a new connection over TLS. */
  void read() throws Exception {
    read(client);
    computed.compute();
    exceed();
    overload();
    // With a quota of the node, no such store is the client's fault.
    answered(request("nobody_v1", 0), 400);
    // No such partition: Java has not told the client that it moved.
    answered(request(METERED.resource(), 77), 500);
    // A connection of its own, which shakes hands.
    try (FastClient other = new FastClient(routes, FastClient.DEFAULT_BATCH_GET_LIMIT, alice)) {
      read(other);
    }
  }

  private void answered(VeniceClientRequest request, int code) {
    int answered = plain.stub().get(request).getErrorCode();
    if (answered != code) {
      throw new IllegalStateException("answered " + answered + " in place of " + code);
    }
  }

  private VeniceClientRequest request(String resource, int partition) {
    return ReadRequests.singleGet(resource, partition, rows.key(0));
  }

  /** Hits and misses, batches that are read at once and batches that go to disk threads. */
  private void read(FastClient client) throws Exception {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < rows.count(); i++) {
        client.get(rows.key(i));
      }
    }
    if (client.get("missing".getBytes(StandardCharsets.UTF_8)) != null) {
      throw new IllegalStateException("what was never written has a value");
    }
    client.batchGet(rows.keys(0, 5));
    client.batchGet(rows.keys(0, 150));
  }

  /** Reads until the quota refuses one. */
  private void exceed() throws Exception {
    for (int i = 0; i < 1_000_000; i++) {
      try {
        limited.get(rows.key(i % rows.count()));
      } catch (VeniceClientRateExceededException e) {
        return;
      }
    }
    throw new IllegalStateException("a quota of one read a second refuses none of a million");
  }

  /** Reads until the node's quota refuses one. */
  private void overload() {
    for (int i = 0; i < 1_000_000; i++) {
      try {
        refused.get(rows.key(i % rows.count()));
      } catch (RuntimeException e) {
        return;
      }
    }
    throw new IllegalStateException("a node's quota of one read refuses none of a million");
  }

  @Override
  public void close() throws Exception {
    try (ServedStore first = plain;
        RustReadServer second = encrypted;
        RustReadServer third = bounded;
        ComputedStore client = computed) {
      // All of them end, whatever happens.
    }
  }

  /** Serves and reads until the input ends; {@code args} is an empty folder. */
  public static void main(String[] args) throws Exception {
    try (WatchedServers servers = new WatchedServers(Path.of(args[0]))) {
      System.out.println("plain " + servers.plain().prometheusAddress());
      System.out.println("encrypted " + servers.encrypted().prometheusAddress());
      System.out.println("bounded " + servers.bounded().prometheusAddress());
      System.out.flush();
      Thread ending = new Thread(WatchedServers::readInput, "input");
      ending.setDaemon(true);
      ending.start();
      while (ending.isAlive()) {
        servers.read();
      }
    }
  }

  private static void readInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing that comes means anything; its end does.
      }
    } catch (IOException e) {
      // As if it ended.
    }
  }
}
