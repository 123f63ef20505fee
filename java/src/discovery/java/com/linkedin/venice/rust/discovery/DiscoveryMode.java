package com.linkedin.venice.rust.discovery;

import java.util.Locale;

/** How a Rust read server is announced: the alternatives of VIP-3, section "Cluster Discovery". */
public enum DiscoveryMode {
  /** It is not announced. */
  NONE,
  /**
   * In the resource of the Java server ({@code venice-server-d2}), on the Java server's own URI: the
   * port of gRPC stands in the URI's properties, so that clients of the HTTP port notice nothing.
   */
  SHARED,
  /** In a resource of its own, with a weight of its own. */
  OWN,
  /** In a resource for each store, which are announced and taken back one by one at run time. */
  STORE;

  /**
   * Returns the mode of a name, in any case.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static DiscoveryMode named(String name) {
    for (DiscoveryMode mode : values()) {
      if (mode.name().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "discovery mode \"" + Names.cut(name) + "\": give none, shared, own or store");
  }

  /** Returns the name as it stands in properties, such as {@code own}. */
  public String propertyValue() {
    return name().toLowerCase(Locale.ROOT);
  }
}
