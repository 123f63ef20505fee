package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/** Reads until a quota is used up, and while it is not. */
final class QuotaReads {
  /** Keys that are read at once. */
  static final int KEYS = 100;

  private QuotaReads() {}

  /** Reads {@link #KEYS} so many times. */
  static void read(AvroStoreClient<GenericRecord> client, int times) {
    for (int i = 0; i < times; i++) {
      Map<String, GenericRecord> values = client.read(keys(0, KEYS));
      assertEquals(keys(0, KEYS), values.keySet());
      values.forEach((key, value) -> assertEquals(key, "key_" + value.get("int_field")));
    }
  }

  /**
   * Reads until a server refuses for want of quota; every read before that brings its values.
   *
   * @param quota in keys; refills in between may add as much again
   */
  static VeniceClientRateExceededException readUntilRefused(
      AvroStoreClient<GenericRecord> client, int quota) {
    for (int done = 0; done <= 10 * quota; done += KEYS) {
      try {
        read(client, 1);
      } catch (VeniceClientRateExceededException refused) {
        return refused;
      }
    }
    throw new AssertionError("ten times the quota of " + quota + " keys was read");
  }
}
