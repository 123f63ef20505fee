package com.linkedin.venice.rust.discovery;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Targets of gRPC channels that follow a {@link ServerDirectory}: a channel to {@code
 * venice-rust://<directory>/<host:http>} connects to the address that the directory has for that
 * server, also when it changes.
 *
 * <p>Give {@link #map} to {@code GrpcClientConfig.Builder#setNettyServerToGrpcAddress}: Venice's
 * client makes a channel of each value and keeps it, so a map of targets stays true while it is
 * never written again. When an address changes, gRPC lets requests in flight end on the old
 * connection. A server that loses its address keeps the last one.
 *
 * <p>Needs grpc-java on the class path, as every client does.
 */
public final class GrpcTargets implements AutoCloseable {
  /** The scheme of the targets. */
  public static final String SCHEME = "venice-rust";

  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Map<String, ServerDirectory> DIRECTORIES = new ConcurrentHashMap<>();
  private static final Provider PROVIDER = new Provider();

  static {
    NameResolverRegistry.getDefaultRegistry().register(PROVIDER);
  }

  private final String name = "directory" + NUMBERS.incrementAndGet();
  private final ServerDirectory directory;

  private GrpcTargets(ServerDirectory directory) {
    this.directory = directory;
  }

  /** Makes targets of a directory known to this JVM's gRPC, until they are closed. */
  public static GrpcTargets of(ServerDirectory directory) {
    GrpcTargets targets = new GrpcTargets(directory);
    DIRECTORIES.put(targets.name, directory);
    return targets;
  }

  /** Returns {@code host:http} to target, for each server that has an address now. */
  public SortedMap<String, String> map() {
    SortedMap<String, String> targets = new TreeMap<>();
    for (String server : directory.addresses().keySet()) {
      targets.put(server, target(server));
    }
    return Collections.unmodifiableSortedMap(targets);
  }

  /**
   * Returns the target of a server, which need not have an address yet.
   *
   * @param server {@code host:http}
   */
  public String target(String server) {
    return SCHEME + "://" + name + "/" + server;
  }

  /** Forgets the targets; channels that were made of them keep the address they have. */
  @Override
  public void close() {
    DIRECTORIES.remove(name);
  }

  private static final class Provider extends NameResolverProvider {
    @Override
    protected boolean isAvailable() {
      return true;
    }

    /** Below DNS, which is 5, and so stays what a target without a scheme means. */
    @Override
    protected int priority() {
      return 4;
    }

    @Override
    public String getDefaultScheme() {
      return SCHEME;
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      if (!SCHEME.equals(target.getScheme())) {
        return null;
      }
      ServerDirectory directory = DIRECTORIES.get(target.getAuthority());
      String path = target.getPath();
      if (directory == null || path == null || path.length() < 2) {
        throw new IllegalArgumentException(
            target + " is no target of an open GrpcTargets: make it with GrpcTargets#target");
      }
      return new ServerResolver(directory, path.substring(1), args);
    }
  }
}
