package com.linkedin.venice.rust.tests;

import com.linkedin.venice.acl.AclException;
import com.linkedin.venice.acl.DynamicAccessController;
import java.security.cert.X509Certificate;

/** A controller whose answers a test sets. */
final class AdapterAccess implements DynamicAccessController {
  volatile boolean access = true;
  volatile boolean acl = true;
  volatile boolean failOpen;
  volatile boolean fails;

  @Override
  public boolean hasAccess(X509Certificate clientCert, String resource, String method)
      throws AclException {
    if (fails) {
      throw new AclException("the authority does not answer");
    }
    return access;
  }

  @Override
  public boolean hasAcl(String resource) {
    return acl;
  }

  @Override
  public boolean isFailOpen() {
    return failOpen;
  }
}
