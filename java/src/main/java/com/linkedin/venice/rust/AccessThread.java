package com.linkedin.venice.rust;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/**
 * A thread that answers the server's questions about access until the server stops.
 *
 * <p>It waits in native code, which calls {@link #answer} for each question. A thread of Java's
 * rather than one of the server's: it is a daemon, it has a context class loader, and none of the
 * server's threads ever has to enter the JVM.
 */
final class AccessThread extends Thread {
  private static final char INVALID_CERTIFICATE = '4';
  private static final char FAILED = '5';

  private final long server;
  private final ReadAccessController controller;

  AccessThread(long server, int index, ReadAccessController controller) {
    super("venice-access-" + index);
    this.server = server;
    this.controller = controller;
    setDaemon(true);
  }

  @Override
  public void run() {
    answerQuestions0(server, this);
  }

  /**
   * Called by native code. Never throws.
   *
   * @param certificate X.509 in DER
   * @return one character for the decision, in the order of {@link ReadAccessDecision}, then '4'
   *     for a certificate that cannot be read and '5' for a controller that failed; the text of a
   *     failure follows
   */
  @SuppressWarnings("unused")
  private String answer(byte[] certificate, String store, String method) {
    X509Certificate parsed;
    try {
      parsed =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(certificate));
    } catch (CertificateException e) {
      return String.valueOf(INVALID_CERTIFICATE);
    }
    try {
      ReadAccessDecision decision = controller.check(parsed, store, method);
      return decision == null
          ? FAILED + "the access controller answered null"
          : Integer.toString(decision.ordinal());
    } catch (Throwable t) {
      // Also errors: a thread that dies of one leaves later questions to fewer threads.
      return FAILED + (t.getMessage() == null ? t.toString() : t.getMessage());
    }
  }

  /** Returns when the server has stopped. */
  private static native void answerQuestions0(long server, AccessThread thread);
}
