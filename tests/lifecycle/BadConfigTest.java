package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.Test;

/** A bad setting is refused with its name, its value and what to give instead. */
public class BadConfigTest {
  @Test
  public void theDefaultsAreThoseDocumented() {
    ReadServerConfig config = ReadServerConfig.defaults();
    assertEquals("0.0.0.0", config.bindAddress());
    assertEquals(0, config.port());
    assertEquals(OptionalInt.empty(), config.workerThreads());
    assertEquals(OptionalInt.empty(), config.diskThreads());
    assertEquals(4_194_304, config.maxRequestBytes());
    assertEquals(4_194_304, config.maxResponseBytes());
    assertEquals(10_000, config.maxBatchKeys());
    assertEquals(1000, config.maxConcurrentStreams());
    assertEquals(Duration.ofSeconds(10), config.drain());
    assertEquals(Duration.ofSeconds(10), config.readDeadline());
    assertEquals(65_536, config.streamChunkBytes());
    assertFalse(config.reflection());
    assertEquals(Duration.ofSeconds(10), config.quotaInterval());
    assertEquals(5, config.quotaCapacityMultiple());
    assertEquals(4, config.accessThreads());
    assertEquals(Duration.ofMinutes(1), config.accessRefresh());
    assertEquals(Duration.ofMinutes(10), config.accessStale());
    assertEquals(Duration.ofSeconds(5), config.accessWait());
    assertEquals(10_000, config.accessCacheEntries());
    assertEquals(33_554_432, config.accessCacheBytes());
  }

  @Test
  public void settingsAreReadByName() {
    ReadServerConfig config =
        ReadServerConfig.fromSettings(
            Map.of(
                "bind.address", "127.0.0.1",
                "port", "65535",
                "worker.threads", "3",
                "worker.cpus", "0-1",
                "disk.threads", " 5 ",
                "max.request.bytes", "1",
                "max.response.bytes", "2147483647",
                "max.concurrent.streams", "7",
                "drain.ms", "0",
                "read.deadline.ms", "1"));
    assertEquals("127.0.0.1", config.bindAddress());
    assertEquals(65535, config.port());
    assertEquals(OptionalInt.of(3), config.workerThreads());
    assertEquals(Optional.of("0-1"), config.workerCpus());
    assertEquals(0, config.workerSpinMicros());
    assertEquals(0, config.workerNice());
    assertEquals(100, config.workerSliceMicros());
    assertEquals(OptionalInt.of(5), config.diskThreads());
    assertEquals(1, config.maxRequestBytes());
    assertEquals(Integer.MAX_VALUE, config.maxResponseBytes());
    assertEquals(7, config.maxConcurrentStreams());
    assertEquals(Duration.ZERO, config.drain());
    assertEquals(Duration.ofMillis(1), config.readDeadline());
  }

  @Test
  public void bytesMayBeMoreThanAnIntHas() {
    assertEquals(268_435_456, ReadServerConfig.builder().build().maxClientBytes());
    ReadServerConfig config =
        ReadServerConfig.fromSettings(Map.of("max.client.bytes", "8589934592"));
    assertEquals(8_589_934_592L, config.maxClientBytes());
    assertEquals(
        1L << 40, ReadServerConfig.builder().maxClientBytes(1L << 40).build().maxClientBytes());
  }

  @Test
  public void numbersOutOfRangeAreRefused() {
    refuses(builder -> builder.port(-1), "port is -1: give a value from 0 to 65535");
    refuses(builder -> builder.port(65536), "port is 65536: give a value from 0 to 65535");
    refuses(builder -> builder.workerThreads(0), "worker.threads is 0: ");
    refuses(builder -> builder.workerThreads(1025), "worker.threads is 1025: ");
    refuses(builder -> builder.workerSpinMicros(-1), "worker.spin.us is -1: ");
    refuses(builder -> builder.workerSpinMicros(10_001), "worker.spin.us is 10001: ");
    refuses(builder -> builder.workerNice(20), "worker.nice is 20: ");
    refuses(builder -> builder.workerSliceMicros(100_001), "worker.slice.us is 100001: ");
    refuses(builder -> builder.workerCpus(" "), "worker.cpus is blank: ");
    refuses(builder -> builder.diskThreads(0), "disk.threads is 0: ");
    refuses(builder -> builder.maxRequestBytes(0), "max.request.bytes is 0: ");
    refuses(builder -> builder.maxResponseBytes(-5), "max.response.bytes is -5: ");
    refuses(
        builder -> builder.maxClientBytes(16_777_215),
        "max.client.bytes is 16777215: give a value from 16777216 to 1099511627776");
    refuses(builder -> builder.maxClientBytes(1L << 41), "max.client.bytes is 2199023255552: ");
    refuses(builder -> builder.maxConcurrentStreams(0), "max.concurrent.streams is 0: ");
    refuses(builder -> builder.drain(Duration.ofMillis(-1)), "drain.ms is PT-0.001S: ");
    refuses(builder -> builder.drain(Duration.ofHours(25)), "drain.ms is PT25H: ");
    refuses(builder -> builder.readDeadline(Duration.ZERO), "read.deadline.ms is PT0S: ");
    refuses(builder -> builder.accessCacheBytes(65_535), "access.cache.bytes is 65535: ");
    refuses(
        builder -> builder.maxConnectionsPerAddress(-1),
        "max.connections.per.address is -1: give a value from 0 to 1000000");
    refuses(builder -> builder.maxHandshakes(1025), "max.handshakes is 1025: ");
    refuses(builder -> builder.bindAddress(" "), "bind.address is blank: ");
  }

  @Test
  public void whatIsNoNumberIsRefused() {
    for (String value : new String[] {"", "ten", "10s", "1e3", "99999999999"}) {
      refuses(
          builder -> builder.set("worker.threads", value),
          "worker.threads is \"" + value + "\": give a whole number");
    }
  }

  @Test
  public void whatIsNoneOfTheWordsIsRefused() {
    refuses(
        builder -> builder.tlsMinVersion("1.1"), "tls.min.version is \"1.1\": give one of 1.2, 1.3");
    refuses(
        builder -> builder.set("reflection", "yes"),
        "reflection is \"yes\": give one of true, false");
  }

  @Test
  public void aLongValueIsShownInPart() {
    String digits = String.join("", Collections.nCopies(1000, "9"));
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> ReadServerConfig.builder().set("worker.threads", digits));
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("999...\": give a whole"));
    assertTrue(refusal.getMessage(), refusal.getMessage().length() < 400);
  }

  @Test
  public void anUnknownNameIsRefusedWithTheKnownOnes() {
    refuses(builder -> builder.set("prot", "1"), "there is no setting \"prot\": use one of ");
  }

  @Test
  public void nullsAreRefused() {
    assertThrows(NullPointerException.class, () -> RustReadServer.start(null));
    assertThrows(NullPointerException.class, () -> ReadServerConfig.builder().bindAddress(null));
    assertThrows(NullPointerException.class, () -> ReadServerConfig.builder().set("port", null));
  }

  @Test
  public void anAddressThatIsNoneIsRefusedByTheServer() {
    refusesToStart("not an address");
    refusesToStart("127.0.0.1.5");
    refusesToStart("\u00e4\ud83d\ude00");
  }

  @Test
  public void anAddressOfAnotherHostIsRefusedByTheServer() {
    // A documentation address (RFC 5737), which no host has.
    refusesToStart("192.0.2.1");
  }

  private static void refusesToStart(String address) {
    ReadServerConfig config = ReadServerConfig.builder().bindAddress(address).build();
    ReadServerException refusal =
        assertThrows(ReadServerException.class, () -> RustReadServer.start(config).close());
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(address));
  }

  private static void refuses(Consumer<ReadServerConfig.Builder> setting, String messageStart) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> setting.accept(ReadServerConfig.builder()));
    assertTrue(refusal.getMessage(), refusal.getMessage().startsWith(messageStart));
  }
}
