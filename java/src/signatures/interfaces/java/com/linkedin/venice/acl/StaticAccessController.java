package com.linkedin.venice.acl;

import java.security.cert.X509Certificate;

/** Signature of Venice's interface of this name; compiled against only. */
public interface StaticAccessController extends AccessController {
  @Override
  boolean hasAccess(X509Certificate clientCert, String resource, String method);
}
