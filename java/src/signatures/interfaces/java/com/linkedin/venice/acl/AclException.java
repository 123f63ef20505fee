package com.linkedin.venice.acl;

/** Signature of Venice's exception of this name; compiled against only. */
public class AclException extends Exception {
  private static final long serialVersionUID = 1;

  public AclException(String message) {
    super(message);
  }
}
