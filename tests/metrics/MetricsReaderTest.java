package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.metrics.MetricKind;
import com.linkedin.venice.rust.metrics.MetricSeries;
import com.linkedin.venice.rust.metrics.MetricsReader;
import com.linkedin.venice.rust.metrics.MetricsSnapshot;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;

/** The metrics of a serving server, as they come over into Java. */
public class MetricsReaderTest {
  private static final String CALLS = "venice.server.read.call_count";
  private static final String TIMES = "venice.server.read.call_time";
  private static final String VALUES = "venice.server.read.response.value_size";

  @Rule public final MeteredStore store = new MeteredStore();

  @Test
  public void numbersComeOverWithTheirLabels() {
    for (int i = 0; i < 100; i++) {
      store.client().get(store.rows.key(i));
    }
    store.client().batchGet(store.rows.keys());
    MetricsSnapshot snapshot = new MetricsReader(store.server()).read();
    int gets = snapshot.find(CALLS, single("200"));
    assertEquals(100, snapshot.longValue(gets));
    MetricSeries series = snapshot.series().get(gets);
    assertEquals(MetricKind.COUNTER, series.kind());
    assertEquals("NUMBER", series.veniceUnit());
    assertEquals("success", series.attributes().get("venice.response.status_code_category"));
    assertEquals("rust_grpc", series.attributes().get("venice.server.transport"));
    assertTrue(snapshot.startUnixNanos(gets) <= snapshot.timeUnixNanos());

    int times = snapshot.find(TIMES, single("200"));
    assertEquals("ms", snapshot.series().get(times).unit());
    assertEquals(100, snapshot.count(times));
    assertTrue(snapshot.min(times) > 0);
    double median = snapshot.quantile(times, 0.5);
    assertTrue(snapshot.min(times) <= median && median <= snapshot.quantile(times, 0.99));
    assertTrue(snapshot.quantile(times, 1) <= snapshot.max(times));
    long counted = snapshot.zeroCount(times);
    for (int i = 0; i < snapshot.buckets(times); i++) {
      counted += snapshot.bucket(times, i);
    }
    assertEquals(100, counted);

    int values = snapshot.find(VALUES, single("200"));
    assertEquals(100, snapshot.count(values));
    assertTrue(snapshot.max(values) >= snapshot.min(values) && snapshot.min(values) >= 10);
    assertEquals(101, snapshot.longValue(snapshot.findTotal(CALLS)));
    int open = snapshot.find("venice.server.connection.active_count", new HashMap<>());
    assertEquals(MetricKind.UP_DOWN_COUNTER, snapshot.series().get(open).kind());
    assertTrue(snapshot.longValue(open) >= 1);
  }

  @Test
  public void labelsCrossWhenSeriesChangeOnly() {
    store.client().get(store.rows.key(0));
    MetricsReader reader = new MetricsReader(store.server());
    MetricsReader other = new MetricsReader(store.server());
    MetricsSnapshot snapshot = reader.read();
    List<MetricSeries> before = snapshot.series();
    int gets = snapshot.find(CALLS, single("200"));
    for (int i = 2; i < 10; i++) {
      store.client().get(store.rows.key(i));
      assertSame(snapshot, reader.read());
      assertEquals(i, snapshot.longValue(gets));
      assertEquals(i, other.read().longValue(gets));
    }
    assertSame(before, snapshot.series());
    store.client().batchGet(store.rows.keys());
    assertNotSame(before, reader.read().series());
    assertEquals(9, snapshot.longValue(snapshot.find(CALLS, single("200"))));
  }

  @Test
  public void aBufferThatIsTooSmallIsLeftAlone() {
    store.client().get(store.rows.key(0));
    ByteBuffer small = ByteBuffer.allocateDirect(16);
    assertTrue(store.server().fetchMetrics(small) > 16);
    assertEquals(0, small.getLong(0));
    assertEquals(0, small.getLong(8));
    ByteBuffer heap = ByteBuffer.allocate(1 << 20);
    assertThrows(IllegalArgumentException.class, () -> store.server().fetchMetrics(heap));
  }

  @Test
  public void whatHasNoBucketsSaysSo() {
    store.client().get(store.rows.key(0));
    MetricsSnapshot snapshot = new MetricsReader(store.server()).read();
    int gets = snapshot.find(CALLS, single("200"));
    assertThrows(IllegalArgumentException.class, () -> snapshot.quantile(gets, 0.5));
    assertThrows(IndexOutOfBoundsException.class, () -> snapshot.longValue(-1));
    assertEquals(-1, snapshot.find(CALLS, single("999")));
  }

  @Test
  public void aStoppedServerHasNone() {
    MetricsReader reader = new MetricsReader(store.server());
    reader.read();
    store.server().close();
    assertThrows(ReadServerException.class, reader::read);
  }

  private static Map<String, String> single(String status) {
    Map<String, String> attributes = new HashMap<>();
    attributes.put("venice.store.name", "metered");
    attributes.put("venice.request.method", "single_get");
    attributes.put("http.response.status_code", status);
    return attributes;
  }
}
