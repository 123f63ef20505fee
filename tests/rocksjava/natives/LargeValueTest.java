package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.StringAppendOperator;
import org.rocksdb.WriteOptions;

/**
 * A value that no Java array can hold. Needs some 10 GB of memory, so it runs only when named. The
 * same test runs on rocksdbjni's own library.
 */
public class LargeValueTest {
  @Rule public final RocksFolder folder = new RocksFolder();

  @Test
  public void aValueOfMoreThanTwoGibibytes() throws Exception {
    // Its merge operators do not load it by themselves.
    RocksDB.loadLibrary();
    try (StringAppendOperator append = new StringAppendOperator("");
        Options options = new Options().setCreateIfMissing(true).setMergeOperator(append);
        WriteOptions noLog = new WriteOptions().setDisableWAL(true);
        ReadOptions read = new ReadOptions();
        RocksDB db = RocksDB.open(options, folder.newPath())) {
      byte[] part = new byte[Integer.MAX_VALUE / 2];
      for (int i = 0; i < 3; i++) {
        db.merge(noLog, b("key"), part);
      }
      RocksDBException refusal = assertThrows(RocksDBException.class, () -> db.get(b("key")));
      assertEquals("Requested array size exceeds VM limit", refusal.getMessage());
      assertNull(refusal.getStatus());
      ByteBuffer room = ByteBuffer.allocateDirect(4);
      List<ByteBufferGetStatus> results =
          db.multiGetByteBuffers(read, List.of(RocksFolder.direct("key")), List.of(room));
      assertEquals(Status.Code.Incomplete, results.get(0).status.getCode());
      assertEquals("result too large to represent", results.get(0).status.getState());
    }
  }
}
