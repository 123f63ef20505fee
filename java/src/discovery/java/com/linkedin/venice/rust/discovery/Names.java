package com.linkedin.venice.rust.discovery;

/** Names of D2's resources, and of the properties of an announced URI. */
final class Names {
  /** Port of the Java server's HTTP listener, under which clients know the server. */
  static final String HTTP_PORT = "httpPort";

  /** Port of the Rust server. */
  static final String GRPC_PORT = "grpcPort";

  /** Share of clients that are to read from the Rust server, 0 to 1. */
  static final String GRPC_WEIGHT = "grpcWeight";

  /** Kind of server behind {@link #GRPC_PORT}. */
  static final String GRPC_SERVER = "grpcServer";

  private static final int LONGEST_QUOTE = 200;

  private Names() {}

  /** Returns D2's cluster of a service, named as Venice names it (its class VeniceServer). */
  static String cluster(String service) {
    return service + "_d2_cluster";
  }

  /** Returns the service of one store. */
  static String storeService(String service, String store) {
    return service + "-" + store;
  }

  /**
   * Checks a name that becomes one node of ZooKeeper.
   *
   * @throws IllegalArgumentException if it is empty, too long, or has another letter than those of
   *     Venice's names
   */
  static String check(String what, String name) {
    if (!name.matches("[A-Za-z0-9_.-]{1,200}") || name.matches("\\.+")) {
      throw new IllegalArgumentException(
          what + " \"" + cut(name) + "\": give 1 to 200 letters, digits, _, . or -");
    }
    return name;
  }

  static String cut(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }
}
