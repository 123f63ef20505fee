package com.linkedin.venice.rust.tests.differential;

import static com.linkedin.venice.rust.tests.differential.Draw.show;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.ReadOptions;

/** Steps that read by key: get in its forms, keyExists, multi-get in its two. */
final class ReadOperations {
  private ReadOperations() {}

  static Operation get(Draw draw) {
    byte[] key = draw.key();
    return Operation.onDatabase("get " + show(key), world -> show(world.database.get(key)));
  }

  static Operation getPart(Draw draw) {
    byte[] key = draw.key();
    byte[] around = new byte[key.length + 5];
    int offset = draw.number(0, 6);
    System.arraycopy(key, 0, around, offset, key.length);
    int length = draw.chance(95) ? key.length : key.length + 6;
    return Operation.onDatabase(
        "get " + length + " bytes at " + offset + " of " + show(around),
        world -> show(world.database.get(around, offset, length)));
  }

  /** A buffer that is too small is filled, and the whole length returned. */
  static Operation getInto(Draw draw) {
    byte[] key = draw.key();
    int room = draw.oneOf(0, 1, 50, 5000, 100_000);
    return Operation.onDatabase(
        "get " + show(key) + " into " + room + " bytes",
        world -> {
          byte[] buffer = new byte[room];
          int length = world.database.get(key, buffer);
          return length + " " + show(buffer);
        });
  }

  static Operation getOfFamily(Draw draw) {
    byte[] key = draw.key();
    int family = draw.number(0, 2);
    boolean verify = draw.chance(50);
    boolean fill = draw.chance(50);
    int beyond = draw.chance(4) ? 1 : 0;
    return Operation.onDatabase(
        "get of family " + family + " " + show(key) + (beyond > 0 ? " and beyond" : ""),
        world -> {
          try (ReadOptions options =
              new ReadOptions().setVerifyChecksums(verify || world.damaged).setFillCache(fill)) {
            return show(
                world.database.get(world.family(family), options, key, 0, key.length + beyond));
          }
        });
  }

  static Operation keyExists(Draw draw) {
    byte[] key = draw.key();
    return Operation.onDatabase(
        "keyExists " + show(key), world -> "" + world.database.keyExists(key));
  }

  static Operation multiGetAsList(Draw draw) {
    List<byte[]> keys = keys(draw);
    return Operation.onDatabase(
        "multiGetAsList of " + keys.size() + " keys " + shown(keys),
        world ->
            world.database.multiGetAsList(keys).stream()
                .map(Draw::show)
                .collect(Collectors.joining(" ")));
  }

  static Operation multiGetBuffers(Draw draw) {
    List<byte[]> keys = keys(draw);
    int[] rooms = new int[keys.size()];
    int[] offsets = new int[keys.size()];
    for (int i = 0; i < rooms.length; i++) {
      rooms[i] = draw.oneOf(0, 30, 100, 10_000, 100_000);
      offsets[i] = draw.chance(90) ? 0 : draw.number(0, 8);
    }
    boolean heap = draw.chance(3);
    return Operation.onDatabase(
        "multiGetByteBuffers of "
            + keys.size()
            + " keys "
            + shown(keys)
            + " into "
            + Arrays.toString(rooms)
            + " from "
            + Arrays.toString(offsets)
            + (heap ? " on the heap" : ""),
        world -> {
          List<ByteBuffer> names = new ArrayList<>();
          List<ByteBuffer> values = new ArrayList<>();
          for (int i = 0; i < rooms.length; i++) {
            names.add(keyBuffer(keys.get(i), offsets[i], heap));
            values.add(ByteBuffer.allocateDirect(rooms[i]));
          }
          return world.database.multiGetByteBuffers(names, values).stream()
              .map(ReadOperations::shown)
              .collect(Collectors.joining(" "));
        });
  }

  /**
   * RocksJava reads {@code limit()} bytes from {@code position()} on, so past the limit of a buffer
   * that does not begin at 0: there is room for it here.
   */
  private static ByteBuffer keyBuffer(byte[] key, int offset, boolean heap) {
    int size = 2 * (key.length + offset);
    ByteBuffer buffer = heap ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    return buffer.position(offset).put(key).flip().position(offset);
  }

  private static List<byte[]> keys(Draw draw) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = draw.oneOf(0, 1, 2, 10, 100); i > 0; i--) {
      keys.add(draw.key());
    }
    return keys;
  }

  private static String shown(List<byte[]> keys) {
    return keys.stream().limit(10).map(Draw::show).collect(Collectors.joining(" "));
  }

  private static String shown(ByteBufferGetStatus result) {
    String value = "null";
    if (result.value != null) {
      byte[] bytes = new byte[result.value.remaining()];
      result.value.duplicate().get(bytes);
      value = result.value.position() + "-" + result.value.limit() + show(bytes);
    }
    return result.status.getCode()
        + "/"
        + result.status.getSubCode()
        + "/"
        + result.status.getState()
        + "/"
        + result.requiredSize
        + "/"
        + value;
  }
}
