package com.linkedin.venice.security;

/** Stand-in for Venice's class of this name. */
public class SSLConfig {
  private String keyStoreData = "";
  private String keyStoreFilePath = "";
  private String trustStoreFilePath = "";
  private String password = "";
  private String keyStoreType = "jks";
  private boolean clientCerts = true;

  public static SSLConfig ofFiles(
      String type, String keyStore, String trustStore, String password) {
    SSLConfig config = new SSLConfig();
    config.keyStoreType = type;
    config.keyStoreFilePath = keyStore;
    config.trustStoreFilePath = trustStore;
    config.password = password;
    return config;
  }

  public static SSLConfig ofData(String base64, String password) {
    SSLConfig config = new SSLConfig();
    config.keyStoreData = base64;
    config.password = password;
    return config;
  }

  public String getKeyStoreData() {
    return keyStoreData;
  }

  public String getKeyStoreFilePath() {
    return keyStoreFilePath;
  }

  public String getKeyStorePassword() {
    return password;
  }

  public String getKeyStoreType() {
    return keyStoreType;
  }

  public String getTrustStoreFilePath() {
    return trustStoreFilePath;
  }

  public String getTrustStoreFilePassword() {
    return password;
  }

  public boolean doesSslRequireClientCerts() {
    return clientCerts;
  }
}
