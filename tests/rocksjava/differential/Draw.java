package com.linkedin.venice.rust.tests.differential;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/** What a sequence draws: keys that meet again, values of all sizes, chances. */
final class Draw {
  private static final int KEYS = 60;

  private final SplittableRandom random;

  Draw(SplittableRandom random) {
    this.random = random;
  }

  /** Returns a number of {@code [from, to)}. */
  int number(int from, int to) {
    return random.nextInt(from, to);
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  @SafeVarargs
  final <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /**
   * Returns one of a few keys: mostly short, some empty, some longer than any buffer on a stack.
   */
  byte[] key() {
    return key(random.nextInt(KEYS));
  }

  /** Returns the key of a number, in the order of the numbers. */
  static byte[] key(int number) {
    byte[] key = new byte[number == 0 ? 0 : number % 20 == 7 ? 700 : number % 20 == 8 ? 5000 : 9];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (i == 0 ? number : number * 31 + i);
    }
    return key;
  }

  int keyNumber() {
    return random.nextInt(KEYS);
  }

  /** Returns a value: 0 to 100 bytes, a few KiB, or now and then some 64 KiB. */
  byte[] value() {
    int size =
        switch (random.nextInt(20)) {
          case 0 -> 0;
          case 1, 2, 3 -> random.nextInt(4000, 9000);
          case 4 -> random.nextInt(60_000, 70_000);
          default -> random.nextInt(1, 100);
        };
    byte[] value = new byte[size];
    int seed = random.nextInt();
    for (int i = 0; i < size; i++) {
      value[i] = (byte) (seed >>> (i % 4 * 8));
    }
    return value;
  }

  /** Writes bytes for people, and so that different bytes read differently. */
  static String show(byte[] bytes) {
    if (bytes == null) {
      return "null";
    }
    if (bytes.length <= 12) {
      return "'" + HexFormat.of().formatHex(bytes) + "'";
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return "'"
        + HexFormat.of().formatHex(Arrays.copyOf(bytes, 4))
        + ".."
        + bytes.length
        + "#"
        + Long.toHexString(crc.getValue())
        + "'";
  }
}
