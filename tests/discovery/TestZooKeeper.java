package com.linkedin.venice.rust.tests;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/** A ZooKeeper server in this JVM, on a port that it keeps when it is restarted. */
final class TestZooKeeper implements AutoCloseable {
  private static final int TICK_MILLIS = 200;
  private static final int MAX_CLIENTS = 1000;

  private final File folder;
  private int port;
  private ServerCnxnFactory connections;
  private ZooKeeperServer server;

  static {
    // A log of 64 KiB to begin with, not of 64 MiB, and no waiting for the disk.
    System.setProperty("zookeeper.preAllocSize", "64");
    System.setProperty("zookeeper.forceSync", "no");
  }

  TestZooKeeper(File folder) throws IOException, InterruptedException {
    this.folder = folder;
    start();
  }

  /** Starts again what was stopped: with its data, its sessions and its port. */
  void start() throws IOException, InterruptedException {
    server = new ZooKeeperServer(folder, folder, TICK_MILLIS);
    server.setMinSessionTimeout(TICK_MILLIS);
    server.setMaxSessionTimeout(600_000);
    connections = new NIOServerCnxnFactory();
    connections.configure(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MAX_CLIENTS);
    port = connections.getLocalPort();
    connections.startup(server);
  }

  /** Stops the server and cuts its connections. */
  void stop() {
    connections.shutdown();
    server.shutdown();
  }

  /** Lets every session expire: their ephemeral nodes go, and clients are told. */
  void expireSessions() {
    for (long session : server.getZKDatabase().getSessions()) {
      server.closeSession(session);
    }
  }

  String connectString() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    stop();
  }
}
