package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.metrics.MetricsReader;
import com.linkedin.venice.rust.testing.ServedStore;
import org.junit.Test;

/** A JVM that has no OpenTelemetry. */
public class WithoutOpenTelemetryTest {
  @Test
  public void metricsAreRead() throws Exception {
    assertThrows(
        ClassNotFoundException.class,
        () -> Class.forName("io.opentelemetry.sdk.metrics.export.MetricProducer"));
    try (ServedStore store = ServedStore.start()) {
      assertTrue(new MetricsReader(store.server()).read().series().size() > 0);
    }
  }
}
