package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreVersionReads;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.Rule;
import org.junit.Test;

/** How much store versions were read, in Java. */
public class VersionReadsTest {
  @Rule public final MeteredStore store = new MeteredStore();

  @Test
  public void readsAndTheTimeOfTheLastAreTold() {
    RustReadServer server = store.server();
    StoreVersionReads unread = only(server);
    assertEquals("metered_v1", unread.storeVersion());
    assertEquals(0, unread.reads());
    assertNull(unread.lastRead());
    assertTrue(unread.toString(), unread.toString().endsWith("never"));

    Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    store.gets(10);
    StoreVersionReads read = only(server);
    assertEquals(10, read.reads());
    assertFalse(read.lastRead().isBefore(before));
    assertFalse(read.lastRead().isAfter(Instant.now()));
    assertEquals("nobody read since", read.lastRead(), only(server).lastRead());

    store.gets(1);
    assertEquals(11, only(server).reads());
    server.close();
    assertThrows(ReadServerException.class, server::versionReads);
  }

  private static StoreVersionReads only(RustReadServer server) {
    assertEquals(1, server.versionReads().size());
    return server.versionReads().get(0);
  }
}
