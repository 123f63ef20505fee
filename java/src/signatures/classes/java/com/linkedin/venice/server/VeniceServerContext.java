package com.linkedin.venice.server;

import com.linkedin.davinci.config.VeniceConfigLoader;
import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import java.util.List;

/** Signature of Venice's class of this name; compiled against only. */
public class VeniceServerContext {
  /** Signature of the builder. */
  public static class Builder {
    public Builder setVeniceConfigLoader(VeniceConfigLoader veniceConfigLoader) {
      throw new UnsupportedOperationException();
    }

    public Builder setServiceDiscoveryAnnouncers(
        List<ServiceDiscoveryAnnouncer> serviceDiscoveryAnnouncers) {
      throw new UnsupportedOperationException();
    }

    public VeniceServerContext build() {
      throw new UnsupportedOperationException();
    }
  }
}
