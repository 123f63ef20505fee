package com.linkedin.venice.rust.discovery;

import com.linkedin.d2.discovery.stores.zk.ZKConnectionBuilder;
import com.linkedin.d2.discovery.stores.zk.ZKPersistentConnection;
import com.linkedin.d2.discovery.stores.zk.ZooKeeper;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to ZooKeeper that outlives its sessions, and one daemon thread that works on it.
 *
 * <p>The work is always "make it so", from the whole of what is wanted: it is done after every
 * change, again for each new session, and again after every failure. So a lost connection, an
 * expired session and a ZooKeeper that starts late need no case of their own.
 */
final class D2Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(D2Session.class);

  /** After a failure that no event of the connection follows. */
  private static final long RETRY_MILLIS = 500;

  /** Works on the connection; called on one thread only. */
  interface Work {
    /**
     * Does all there is to do.
     *
     * @param newSession whether this session has not been worked on yet, or a failure or a lost
     *     connection came between, so that nothing that was seen before is known to hold
     */
    void run(ZooKeeper zooKeeper, boolean newSession) throws KeeperException, InterruptedException;
  }

  private final String connectString;
  private final ZKPersistentConnection connection;
  private final Work work;
  private final Thread thread;

  private final Object lock = new Object();
  private boolean connected;
  private boolean pending = true;
  private boolean unsure = true;
  private boolean closed;

  private D2Session(String connectString, Duration sessionTimeout, String threadName, Work work) {
    this.connectString = connectString;
    this.work = work;
    int timeout = (int) sessionTimeout.toMillis();
    connection =
        new ZKPersistentConnection(new ZKConnectionBuilder(connectString).setTimeout(timeout));
    connection.addListeners(Collections.singletonList(this::notifyEvent));
    thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
  }

  /** Opens a connection; that there is no ZooKeeper yet is no failure. */
  static D2Session open(
      String connectString, Duration sessionTimeout, String threadName, Work work) {
    D2Session session = new D2Session(connectString, sessionTimeout, threadName, work);
    try {
      session.connection.start();
    } catch (IOException | IllegalArgumentException e) {
      throw new DiscoveryException(
          "cannot connect to ZooKeeper at \"" + Names.cut(connectString) + "\": " + e.getMessage(),
          e);
    }
    session.thread.start();
    return session;
  }

  /** Has the work done once more. */
  void wake() {
    synchronized (lock) {
      pending = true;
      lock.notifyAll();
    }
  }

  boolean isConnected() {
    synchronized (lock) {
      return connected;
    }
  }

  private void notifyEvent(ZKPersistentConnection.Event event) {
    synchronized (lock) {
      connected =
          event == ZKPersistentConnection.Event.SESSION_ESTABLISHED
              || event == ZKPersistentConnection.Event.CONNECTED;
      unsure = true;
      pending = true;
      lock.notifyAll();
    }
    LOG.info("ZooKeeper at {}: {}", connectString, event);
  }

  private void run() {
    try {
      boolean failed = false;
      while (true) {
        boolean newSession;
        synchronized (lock) {
          while (!closed && !(pending && connected)) {
            lock.wait();
          }
          if (closed) {
            return;
          }
          pending = false;
          newSession = unsure;
          unsure = false;
        }
        try {
          work.run(connection.getZooKeeper(), newSession);
          if (failed) {
            LOG.info("discovery over ZooKeeper at {} works again", connectString);
            failed = false;
          }
        } catch (KeeperException | RuntimeException e) {
          if (!failed) {
            LOG.warn(
                "discovery over ZooKeeper at {} failed, and is tried again: {}",
                connectString,
                e.toString());
            failed = true;
          }
          synchronized (lock) {
            unsure = true;
            pending = true;
            if (!closed) {
              lock.wait(RETRY_MILLIS);
            }
          }
        }
      }
    } catch (InterruptedException e) {
      // close() interrupts what waits for ZooKeeper.
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the session, with which its ephemeral nodes go, and the thread. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      lock.notifyAll();
    }
    thread.interrupt();
    boolean interrupted = false;
    try {
      if (thread != Thread.currentThread()) {
        thread.join(1_000);
      }
      connection.forceShutdown();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
