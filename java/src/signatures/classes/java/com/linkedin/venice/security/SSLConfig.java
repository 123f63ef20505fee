package com.linkedin.venice.security;

/** Signature of Venice's class of this name; compiled against only. */
public class SSLConfig {
  public String getKeyStoreData() {
    throw new UnsupportedOperationException();
  }

  public String getKeyStoreFilePath() {
    throw new UnsupportedOperationException();
  }

  public String getKeyStorePassword() {
    throw new UnsupportedOperationException();
  }

  public String getKeyStoreType() {
    throw new UnsupportedOperationException();
  }

  public String getTrustStoreFilePath() {
    throw new UnsupportedOperationException();
  }

  public String getTrustStoreFilePassword() {
    throw new UnsupportedOperationException();
  }

  public boolean doesSslRequireClientCerts() {
    throw new UnsupportedOperationException();
  }
}
