package com.linkedin.venice.d2;

import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import java.util.List;

/** Signature of Venice's class of this name; compiled against only. */
public class D2ConfigUtils {
  public static void setupD2Config(
      String zkHosts, boolean https, String d2ClusterName, String d2ServiceName) {
    throw new UnsupportedOperationException();
  }

  public static List<ServiceDiscoveryAnnouncer> getD2Servers(
      String zkHosts, String d2ClusterName, String... localUris) {
    throw new UnsupportedOperationException();
  }
}
