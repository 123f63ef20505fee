package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.acl.AclException;
import com.linkedin.venice.acl.DynamicAccessController;
import com.linkedin.venice.acl.StaticAccessController;
import com.linkedin.venice.common.VeniceSystemStoreUtils;
import com.linkedin.venice.rust.ReadAccessController;
import com.linkedin.venice.rust.ReadAccessDecision;
import java.util.Optional;

/** Who may read, by Venice's own access controllers. */
public final class VeniceAccess {
  /** {@code VeniceComponent.SERVER.getName()}, the resource that static controllers know. */
  private static final String SERVER = "VeniceServer";

  private VeniceAccess() {}

  /**
   * Returns the controller that decides as Venice's gRPC server does: by the controller of stores
   * if there is one, else by that of routers, else nobody is refused (null).
   */
  public static ReadAccessController of(
      Optional<DynamicAccessController> stores, Optional<StaticAccessController> routers) {
    if (stores.isPresent()) {
      return byStores(stores.get());
    }
    return routers.isPresent() ? byRouters(routers.get()) : null;
  }

  /** The rules of {@code AbstractStoreAclHandler#checkAccess}. */
  private static ReadAccessController byStores(DynamicAccessController controller) {
    return (certificate, store, method) -> {
      try {
        if (controller.hasAccess(certificate, store, method)
            || VeniceSystemStoreUtils.isSystemStore(store)) {
          return ReadAccessDecision.GRANTED;
        }
        return controller.isFailOpen() || controller.hasAcl(store)
            ? ReadAccessDecision.FORBIDDEN
            : ReadAccessDecision.UNAUTHORIZED;
      } catch (AclException e) {
        return controller.isFailOpen()
            ? ReadAccessDecision.GRANTED
            : ReadAccessDecision.ERROR_FORBIDDEN;
      }
    };
  }

  private static ReadAccessController byRouters(StaticAccessController controller) {
    return (certificate, store, method) ->
        controller.hasAccess(certificate, SERVER, method)
            ? ReadAccessDecision.GRANTED
            : ReadAccessDecision.FORBIDDEN;
  }
}
