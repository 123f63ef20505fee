package com.linkedin.venice.d2;

import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import java.util.List;

/** Stand-in for Venice's class of this name. */
public class D2ConfigUtils {
  public static void setupD2Config(
      String zkHosts, boolean https, String d2ClusterName, String d2ServiceName) {
    throw new UnsupportedOperationException("not announced here");
  }

  public static List<ServiceDiscoveryAnnouncer> getD2Servers(
      String zkHosts, String d2ClusterName, String... localUris) {
    throw new UnsupportedOperationException("not announced here");
  }
}
