package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.HotKeys;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Hot keys, in Java. */
public class HotKeysTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @Rule public final MeteredStore store = new MeteredStore();

  @Test
  public void aSessionTellsWhichKeysAreReadMost() {
    RustReadServer server = store.server();
    assertNull(server.hotKeys());
    store.gets(10);
    server.startHotKeys(HOUR, false);
    store.gets(10);
    for (int i = 0; i < 20; i++) {
      store.client().get(store.rows.key(3));
    }
    HotKeys hot = server.hotKeys();
    assertEquals(30, hot.reads());
    assertEquals(10, hot.keys().size());
    assertTrue(hot.left().compareTo(Duration.ZERO) > 0);
    HotKeys.Key first = hot.keys().get(0);
    assertEquals(hot.toString(), "metered_v1", first.storeVersion());
    assertEquals(21, first.reads());
    assertEquals(21, first.atLeast());
    assertTrue(first.shown(), first.shown().matches("#[0-9a-f]{16}"));

    ReadServerException running =
        assertThrows(ReadServerException.class, () -> server.startHotKeys(HOUR, true));
    assertTrue(running.getMessage(), running.getMessage().contains("read it, or stop it first"));
    server.stopHotKeys();
    assertEquals(Duration.ZERO, server.hotKeys().left());

    server.startHotKeys(HOUR, true);
    store.gets(1);
    HotKeys shown = server.hotKeys();
    assertEquals(1, shown.reads());
    assertNotEquals('#', shown.keys().get(0).shown().charAt(0));
    server.stopHotKeys();
    for (Duration wrong : new Duration[] {Duration.ZERO, HOUR.plusMillis(1), Duration.ofMillis(-1)}) {
      ReadServerException refused =
          assertThrows(ReadServerException.class, () -> server.startHotKeys(wrong, false));
      assertTrue(refused.getMessage(), refused.getMessage().endsWith("give 1 to 3600000 ms"));
    }
    server.close();
    assertThrows(ReadServerException.class, server::hotKeys);
  }
}
