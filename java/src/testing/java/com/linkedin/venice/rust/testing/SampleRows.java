package com.linkedin.venice.rust.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Rows made of their number alone, so that two JVMs agree on them without exchanging a byte: keys
 * are Avro strings {@code key_<i>}, values pseudo-random bytes, schema ids 1 to 3 in turn.
 *
 * @param count the number of rows
 * @param leastBytes the smallest payload
 * @param mostBytes the largest payload
 */
public record SampleRows(int count, int leastBytes, int mostBytes) implements ServedStore.Rows {
  /** Returns the key of row {@code i}; a row of {@code count} or above is never written. */
  public byte[] key(int i) {
    return avroString("key_" + i);
  }

  /** Returns the value of row {@code i}. */
  public StoredValue value(int i) {
    Random random = new Random(i);
    byte[] payload = new byte[leastBytes + random.nextInt(mostBytes - leastBytes + 1)];
    random.nextBytes(payload);
    // Every other payload is made compressible, as real records are.
    if (i % 2 == 0) {
      for (int at = 0; at < payload.length; at++) {
        payload[at] = (byte) ('a' + at % 16);
      }
    }
    return new StoredValue(1 + i % 3, payload);
  }

  /** Returns every key, in order. */
  public List<byte[]> keys() {
    return keys(0, count);
  }

  /** Returns the keys of the rows {@code from} (included) to {@code to} (not included). */
  public List<byte[]> keys(int from, int to) {
    return IntStream.range(from, to).mapToObj(this::key).toList();
  }

  /** Returns the values of the rows {@code from} (included) to {@code to} (not included). */
  public List<StoredValue> values(int from, int to) {
    return IntStream.range(from, to).mapToObj(this::value).toList();
  }

  @Override
  public void addTo(StoreVersionWriter writer) {
    for (int i = 0; i < count; i++) {
      StoredValue value = value(i);
      writer.add(key(i), value.schemaId(), value.payload());
    }
  }

  /** Returns a string in Avro binary: its length in bytes as a zig-zag varint, then UTF-8. */
  public static byte[] avroString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > 63) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has " + utf8.length + " bytes: give at most 63, one byte of length");
    }
    byte[] encoded = new byte[1 + utf8.length];
    encoded[0] = (byte) (utf8.length << 1);
    System.arraycopy(utf8, 0, encoded, 1, utf8.length);
    return encoded;
  }
}
