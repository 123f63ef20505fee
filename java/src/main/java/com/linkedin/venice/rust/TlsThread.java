package com.linkedin.venice.rust;

/**
 * The thread that follows the files of TLS until the server stops.
 *
 * <p>It waits and reads in native code, which calls {@link KeyStoreReader} for what is no PEM: as
 * {@link AccessThread} it is a daemon of Java's, so that none of the server's threads ever has to
 * enter the JVM.
 */
final class TlsThread extends Thread {
  private final long server;
  private final KeyStoreReader keyStores;

  TlsThread(long server, KeyStoreReader keyStores) {
    super("venice-tls");
    this.server = server;
    this.keyStores = keyStores;
    setDaemon(true);
  }

  @Override
  public void run() {
    watch0(server, keyStores);
  }

  /** Returns when the server has stopped, and at once if there is nothing to follow. */
  private static native void watch0(long server, KeyStoreReader keyStores);
}
