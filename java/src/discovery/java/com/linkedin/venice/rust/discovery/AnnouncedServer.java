package com.linkedin.venice.rust.discovery;

import com.linkedin.d2.balancer.properties.PartitionData;
import com.linkedin.d2.balancer.properties.UriProperties;
import com.linkedin.d2.balancer.util.partitions.DefaultPartitionAccessor;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A server as it stands in discovery. Immutable. */
public final class AnnouncedServer {
  private final URI uri;
  private final double uriWeight;
  private final Map<String, Object> properties;

  AnnouncedServer(URI uri, double uriWeight, Map<String, Object> properties) {
    this.uri = uri;
    this.uriWeight = uriWeight;
    this.properties = Collections.unmodifiableMap(new TreeMap<>(properties));
  }

  /** Reads one URI of what D2 holds. */
  static AnnouncedServer of(UriProperties announced, URI uri) {
    PartitionData data =
        announced.getPartitionDataMap(uri).get(DefaultPartitionAccessor.DEFAULT_PARTITION_ID);
    Map<String, Object> properties = announced.getUriSpecificProperties().get(uri);
    return new AnnouncedServer(
        uri,
        data == null ? 0 : data.getWeight(),
        properties == null ? Collections.<String, Object>emptyMap() : properties);
  }

  UriProperties toUriProperties(String cluster) {
    return new UriProperties(
        cluster,
        Collections.singletonMap(
            uri,
            Collections.singletonMap(
                DefaultPartitionAccessor.DEFAULT_PARTITION_ID, new PartitionData(uriWeight))),
        properties.isEmpty()
            ? Collections.<URI, Map<String, Object>>emptyMap()
            : Collections.singletonMap(uri, properties));
  }

  /** Returns the announced URI, {@code http[s]://host:port}. */
  public URI uri() {
    return uri;
  }

  /** Returns the host. */
  public String host() {
    return uri.getHost();
  }

  /** Returns D2's weight of the URI. */
  public double uriWeight() {
    return uriWeight;
  }

  /** Returns the HTTP port of the Java server, by which Venice's clients know the server. */
  public int httpPort() {
    return port(Names.HTTP_PORT, uri.getPort());
  }

  /** Returns the port of the Rust server, or 0 if none is announced. */
  public int grpcPort() {
    return port(Names.GRPC_PORT, 0);
  }

  /** Returns the share of clients that are to read from the Rust server, 0 to 1. */
  public double grpcWeight() {
    if (grpcPort() == 0) {
      return 0;
    }
    Object weight = properties.get(Names.GRPC_WEIGHT);
    double share = weight instanceof Number ? ((Number) weight).doubleValue() : uriWeight;
    return Math.max(0, Math.min(1, share));
  }

  /** Returns {@code host:http}, the name that Venice's routing has for the server. */
  public String serverAddress() {
    return host() + ":" + httpPort();
  }

  /** Returns {@code host:grpc}; only with a {@link #grpcPort()}. */
  public String grpcAddress() {
    return host() + ":" + grpcPort();
  }

  private int port(String name, int absent) {
    Object port = properties.get(name);
    if (!(port instanceof Number)) {
      return absent;
    }
    int number = ((Number) port).intValue();
    return number > 0 && number <= 65_535 ? number : absent;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AnnouncedServer
        && uri.equals(((AnnouncedServer) other).uri)
        && uriWeight == ((AnnouncedServer) other).uriWeight
        && properties.equals(((AnnouncedServer) other).properties);
  }

  @Override
  public int hashCode() {
    return Objects.hash(uri, uriWeight, properties);
  }

  @Override
  public String toString() {
    return uri + " weight " + uriWeight + " " + properties;
  }
}
