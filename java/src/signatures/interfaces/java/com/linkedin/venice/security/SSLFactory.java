package com.linkedin.venice.security;

import javax.net.ssl.SSLParameters;

/** Signature of Venice's interface of this name; compiled against only. */
public interface SSLFactory {
  SSLConfig getSSLConfig();

  SSLParameters getSSLParameters();

  boolean isSslEnabled();
}
