package com.linkedin.venice.acl;

/** Signature of Venice's interface of this name; compiled against only. */
public interface DynamicAccessController extends AccessController {
  boolean hasAcl(String resource) throws AclException;

  boolean isFailOpen();
}
