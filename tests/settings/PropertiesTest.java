package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** The settings as they stand in a Venice server's properties. */
public class PropertiesTest {
  private static final String PREFIX = "grpc.read.server.rust.";

  private static ReadServerConfig read(String... namesAndValues) {
    Map<String, String> properties = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return ReadServerConfig.fromProperties(properties);
  }

  private static void refuses(String name, String value, String... expected) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> read(name, value)).getMessage();
    for (String part : expected) {
      assertTrue(message, message.contains(part));
    }
    assertTrue(message, message.length() < 600);
    assertFalse(message, message.contains("\n"));
  }

  @Test
  public void everySettingOfTheTableIsAProperty() throws Exception {
    int count = 0;
    for (String line : Files.readAllLines(Path.of("tests/settings/settings.tsv"))) {
      String[] columns = line.split("\t");
      String name = columns[0];
      if (name.isEmpty() || name.startsWith("#")) {
        continue;
      }
      // No setting takes a blank value, so each refuses it, and by its own name: passwords take all.
      if (columns.length > 1 && columns[1].equals("password")) {
        read(PREFIX + name, "x");
      } else {
        refuses(PREFIX + name, " ", name);
      }
      count++;
    }
    assertTrue("settings: " + count, count > 40);
  }

  @Test
  public void valuesHaveUnitsOrNone() {
    assertEquals(Duration.ofSeconds(10), read(PREFIX + "drain.ms", "10s").drain());
    assertEquals(Duration.ofMillis(10), read(PREFIX + "drain.ms", "10").drain());
    assertEquals(Duration.ofMillis(10), read(PREFIX + "drain.ms", " 10 ms ").drain());
    assertEquals(Duration.ofMillis(2), read(PREFIX + "drain.ms", "2000us").drain());
    assertEquals(Duration.ofMinutes(3), read(PREFIX + "drain.ms", "3m").drain());
    assertEquals(Duration.ofHours(1), read(PREFIX + "drain.ms", "1h").drain());
    assertEquals(2000, read(PREFIX + "worker.spin.us", "2ms").workerSpinMicros());
    assertEquals(64L << 20, read(PREFIX + "max.client.bytes", "64MiB").maxClientBytes());
    assertEquals(64L << 20, read(PREFIX + "max.client.bytes", "64 MB").maxClientBytes());
    assertEquals(2L << 30, read(PREFIX + "max.client.bytes", "2GiB").maxClientBytes());
    assertEquals(2 << 10, read(PREFIX + "max.request.bytes", "2kib").maxRequestBytes());
    assertEquals(20, read(PREFIX + "max.request.bytes", "20B").maxRequestBytes());
  }

  @Test
  public void otherUnitsAndTooMuchAreRefused() {
    refuses(PREFIX + "drain.ms", "10MiB", "drain.ms", "10MiB", "us, ms, s, m or h");
    refuses(PREFIX + "drain.ms", "1500us", "whole milliseconds");
    refuses(PREFIX + "drain.ms", "25h", "drain.ms", "86400000");
    refuses(PREFIX + "drain.ms", "9223372036854775807h", "86400000");
    refuses(PREFIX + "drain.ms", "99999999999999999999s", "86400000");
    refuses(PREFIX + "drain.ms", "-1s", "drain.ms");
    refuses(PREFIX + "max.client.bytes", "64s", "KiB, MiB or GiB");
    refuses(PREFIX + "max.batch.keys", "10k", "without a unit");
    refuses(PREFIX + "port", "77x", "port", "77x");
    refuses(PREFIX + "port", "65536", "65535");
    refuses(PREFIX + "reflection", "yes", "true, false");
  }

  @Test
  public void anUnknownNameIsAnsweredWithTheNearest() {
    refuses(PREFIX + "prot", "1", PREFIX + "prot", "the nearest is " + PREFIX + "port");
    refuses(PREFIX + "worker.thread", "1", "the nearest is " + PREFIX + "worker.threads");
    refuses(PREFIX + "drain", "1s", "the nearest is " + PREFIX + "drain.ms");
    refuses(PREFIX + "enable", "true", "the nearest is " + PREFIX + "enabled");
    refuses(PREFIX + "quota.mod", "x", "the nearest is " + PREFIX + "quota.mode");
    refuses(PREFIX + "x".repeat(100_000), "1", "the nearest is");
    refuses(PREFIX, "1", "the nearest is");
  }

  @Test
  public void venicesOwnKeysStandForOursAndOursWin() {
    String[] venice = {
      "ssl.enabled", "true",
      "ssl.keystore.location", "/keys.jks",
      "ssl.keystore.type", "JKS",
      "ssl.keystore.password", "secret",
      "ssl.truststore.location", "/trust.jks",
      "server.quota.enforcement.interval.in.millis", "5000",
      "server.quota.enforcement.capacity.multiple", "3",
      "listener.port", "1690",
    };
    ReadServerConfig config = read(venice);
    assertEquals("/keys.jks", config.tlsKeyStore().get());
    assertEquals("/trust.jks", config.tlsTrustStore().get());
    assertEquals(Duration.ofSeconds(5), config.quotaInterval());
    assertEquals(3, config.quotaCapacityMultiple());
    assertEquals("no port of Venice's is ours", 0, config.port());

    String[] plain = venice.clone();
    plain[1] = "false";
    assertFalse(read(plain).tlsKeyStore().isPresent());

    Map<String, String> both = new HashMap<>();
    for (int i = 0; i < venice.length; i += 2) {
      both.put(venice[i], venice[i + 1]);
    }
    both.put(PREFIX + "tls.key.store", "/ours.p12");
    both.put(PREFIX + "quota.interval.ms", "1s");
    ReadServerConfig ours = ReadServerConfig.fromProperties(both);
    assertEquals("/ours.p12", ours.tlsKeyStore().get());
    assertEquals(Duration.ofSeconds(1), ours.quotaInterval());
    refuses("server.quota.enforcement.capacity.multiple", "0", "quota.capacity.multiple");
  }

  @Test
  public void theSwitchAndWhatBelongsToOthers() {
    assertFalse(ReadServerConfig.enabledBy(Map.of()));
    assertTrue(ReadServerConfig.enabledBy(Map.of(PREFIX + "enabled", " True ")));
    assertFalse(ReadServerConfig.enabledBy(Map.of(PREFIX + "enabled", "false")));
    for (String bad : List.of("yes", "1", "")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> ReadServerConfig.enabledBy(Map.of(PREFIX + "enabled", bad)));
    }
    read(PREFIX + "d2.mode", "own", PREFIX + "quota.mode", "full", PREFIX + "enabled", "true");
    read("grpc.read.server.enabled", "true", "kafka.bootstrap.servers", "localhost:9092");
  }
}
