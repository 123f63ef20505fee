package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static com.linkedin.venice.rust.tests.RocksFolder.direct;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Multi-get in its forms. The same test runs on rocksdbjni's own library. */
public class MultiGetTest {
  @Rule public final RocksFolder folder = new RocksFolder();

  @Test
  public void inArrays() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath());
        FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      List<byte[]> keys = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        byte[] key = new byte[1 + i % 700];
        key[0] = (byte) i;
        key[key.length - 1] = (byte) (i >> 8);
        keys.add(key);
        if (i % 3 != 0) {
          db.put(key, new byte[i]);
        }
        if (i == 500) {
          db.flush(flush);
        }
      }
      List<byte[]> expected = new ArrayList<>();
      for (byte[] key : keys) {
        expected.add(db.get(key));
      }
      Collections.reverse(keys);
      Collections.reverse(expected);
      keys.add(keys.get(0));
      expected.add(expected.get(0));
      List<byte[]> values = db.multiGetAsList(keys);
      assertEquals(expected.size(), values.size());
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), values.get(i));
      }
      assertNull(db.multiGetAsList(List.of(new byte[0])).get(0));
    }
  }

  @Test
  public void inDirectBuffers() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath());
        ReadOptions read = new ReadOptions()) {
      db.put(b("a"), b("1"));
      db.put(b("c"), b("333"));
      db.put(b("empty"), b(""));
      List<ByteBuffer> values = new ArrayList<>();
      for (int size : new int[] {8, 8, 1, 0, 3}) {
        values.add(ByteBuffer.allocateDirect(size));
      }
      List<ByteBufferGetStatus> results =
          db.multiGetByteBuffers(
              read,
              List.of(direct("a"), direct("b"), direct("c"), direct("empty"), direct("c")),
              values);
      result(results.get(0), Status.Code.Ok, 1, "1");
      result(results.get(1), Status.Code.NotFound, 0, null);
      result(results.get(2), Status.Code.Ok, 3, "3");
      result(results.get(3), Status.Code.Ok, 0, "");
      result(results.get(4), Status.Code.Ok, 3, "333");
    }
  }

  @Test
  public void inDirectBuffersOfColumnFamilies() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath());
        ReadOptions read = new ReadOptions()) {
      ColumnFamilyHandle one = db.getDefaultColumnFamily();
      ColumnFamilyHandle two = db.createColumnFamily(new ColumnFamilyDescriptor(b("two")));
      db.put(one, b("key"), b("1"));
      db.put(two, b("key"), b("2"));
      List<ByteBufferGetStatus> each =
          db.multiGetByteBuffers(
              read,
              List.of(one, two, one),
              List.of(direct("key"), direct("key"), direct("none")),
              List.of(room(), room(), room()));
      result(each.get(0), Status.Code.Ok, 1, "1");
      result(each.get(1), Status.Code.Ok, 1, "2");
      result(each.get(2), Status.Code.NotFound, 0, null);
      List<ByteBufferGetStatus> all =
          db.multiGetByteBuffers(
              read, List.of(two), List.of(direct("key"), direct("none")), List.of(room(), room()));
      result(all.get(0), Status.Code.Ok, 1, "2");
      result(all.get(1), Status.Code.NotFound, 0, null);
      assertThrows(
          IllegalArgumentException.class,
          () ->
              db.multiGetByteBuffers(
                  read,
                  List.of(one, two),
                  List.of(direct("a"), direct("b"), direct("c")),
                  List.of(room(), room(), room())));
    }
  }

  @Test
  public void singleGetsInTheirForms() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath());
        ReadOptions read = new ReadOptions()) {
      ColumnFamilyHandle family = db.getDefaultColumnFamily();
      byte[] longKey = new byte[5000];
      longKey[4999] = 1;
      db.put(longKey, new byte[100_000]);
      db.put(b("key"), b("value"));
      db.put(b(""), b("of the empty key"));
      assertArrayEquals(new byte[100_000], db.get(longKey));
      assertArrayEquals(b("value"), db.get(family, read, b("key")));
      assertArrayEquals(b("value"), db.get(b("a key b"), 2, 3));
      assertArrayEquals(b("of the empty key"), db.get(b("")));
      assertNull(db.get(b("none")));
      assertNull(db.get(family, read, b("none")));

      byte[] room = b("........");
      assertEquals(5, db.get(b("key"), room));
      assertArrayEquals(b("value..."), room);
      assertEquals(5, db.get(b("key"), 0, 3, room, 6, 2));
      assertArrayEquals(b("value.va"), room);
      assertEquals(RocksDB.NOT_FOUND, db.get(b("none"), room));

      ByteBuffer small = ByteBuffer.allocateDirect(3);
      assertEquals(5, db.get(read, direct("key"), small));
      assertEquals('l', small.get(2));
      assertEquals(RocksDB.NOT_FOUND, db.get(read, direct("none"), ByteBuffer.allocateDirect(3)));
      assertThrows(
          RocksDBException.class, () -> db.get(read, direct("key"), ByteBuffer.allocate(3)));
    }
  }

  private static ByteBuffer room() {
    return ByteBuffer.allocateDirect(8);
  }

  private static void result(ByteBufferGetStatus result, Status.Code code, int size, String value) {
    assertEquals(code, result.status.getCode());
    assertEquals(Status.SubCode.None, result.status.getSubCode());
    assertEquals(size, result.requiredSize);
    if (value == null) {
      assertNull(result.value);
    } else {
      byte[] bytes = new byte[result.value.remaining()];
      result.value.get(bytes);
      assertArrayEquals(b(value), bytes);
    }
  }
}
