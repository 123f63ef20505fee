package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.SlowRead;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Slow requests, in Java and in recordings. With a threshold of 1 µs every request is slow. */
public class SlowReadsTest {
  private static final long HANG_GUARD_SECONDS = 60;
  private static final StoreVersionConfig CONFIG = new StoreVersionConfig("slow", 7, 2);

  @Rule
  public final ServedStoreRule served =
      new ServedStoreRule(ReadServerConfig.builder().slowLogThresholdMicros(1));

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(100, 10, 50);
  private FastClient client;

  @Before
  public void start() throws Exception {
    served.push(CONFIG, rows);
    client = served.client(CONFIG);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_GUARD_SECONDS);
    while (!condition.holds()) {
      assertTrue(what, System.nanoTime() < end);
      Thread.sleep(20);
    }
  }

  @Test
  public void javaReadsWhatIsKept() throws Exception {
    RustReadServer server = served.server();
    assertEquals(List.of(), server.slowReads());
    client.get(rows.key(0));
    client.batchGet(rows.keys(0, 60));
    await("two requests", () -> server.slowReads().size() == 2);
    List<SlowRead> reads = server.slowReads();
    SlowRead single = reads.get(0);
    assertEquals("slow_v7", single.storeVersion());
    assertEquals("slow", single.why());
    assertEquals("get", single.method());
    assertEquals("200", single.status());
    assertEquals(1, single.keys());
    assertTrue(single.toString(), single.totalMicros() >= 1);
    assertTrue(single.toString(), single.responseBytes() > 0 && single.requestBytes() > 0);
    assertEquals(
        Set.of("receive", "access", "room", "queue", "read", "send"),
        single.phasesMicros().keySet());
    SlowRead batch = reads.get(1);
    assertEquals("batchGet", batch.method());
    assertEquals(60, batch.keys());
    assertTrue(batch.toString(), batch.phasesMicros().get("read") > 0);
    assertTrue(batch.sequence() > single.sequence());

    List<SlowRead> after = server.slowReadsAfter(single.sequence());
    assertEquals(1, after.size());
    assertEquals(batch.sequence(), after.get(0).sequence());
    assertEquals(List.of(), server.slowReadsAfter(batch.sequence()));
    assertEquals(2, server.slowReadsAfter(-1).size());

    served.close();
    assertThrows(ReadServerException.class, server::slowReads);
  }

  @Test
  public void aRecordingHasThemAsEvents() throws Exception {
    client.get(rows.key(0));
    assertFalse("nobody records, so nothing began to", FlightRecorder.isInitialized());
    Path file = temporary.getRoot().toPath().resolve("reads.jfr");
    List<RecordedEvent> events = new ArrayList<>();
    try (Recording recording = new Recording()) {
      recording.start();
      client.batchGet(rows.keys(0, 60));
      await(
          "the batch in the recording",
          () -> {
            recording.dump(file);
            events.clear();
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
              if (event.getEventType().getName().equals("venice.SlowRead")) {
                events.add(event);
              }
            }
            return events.stream().anyMatch(event -> event.getInt("keys") == 60);
          });
    }
    RecordedEvent batch =
        events.stream().filter(event -> event.getInt("keys") == 60).findFirst().get();
    SlowRead read =
        served.server().slowReads().stream().filter(kept -> kept.keys() == 60).findFirst().get();
    assertEquals("slow_v7", batch.getString("storeVersion"));
    assertEquals("slow", batch.getString("why"));
    assertEquals("batchGet", batch.getString("method"));
    assertEquals("200", batch.getString("status"));
    assertEquals(read.totalMicros(), batch.getDuration("total").toNanos() / 1000);
    assertEquals(read.start().toEpochMilli(), batch.getInstant("begun").toEpochMilli());
    assertEquals(read.requestBytes(), batch.getLong("requestBytes"));
    read.phasesMicros()
        .forEach(
            (phase, micros) ->
                assertEquals(phase, (long) micros, batch.getDuration(phase).toNanos() / 1000));

    // Each once, however often the recording is looked at.
    assertEquals(1, events.stream().filter(event -> event.getInt("keys") == 60).count());

    // The thread ends with the server, and takes the event back.
    served.close();
    await(
        "the thread ends",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("venice-slow-reads")));
    assertTrue(
        FlightRecorder.getFlightRecorder().getEventTypes().stream()
            .noneMatch(type -> type.getName().equals("venice.SlowRead")));
  }
}
