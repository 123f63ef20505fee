package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.RecordLayout;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.util.List;
import java.util.Random;
import org.junit.Rule;
import org.junit.Test;

/** Values that are stored in parts are answered whole; a broken one is a clear error. */
public class ChunkedValuesTest {
  private static final String VENICE_EXCEPTION = "com.linkedin.venice.exceptions.VeniceException: ";

  @Rule public final ServedStoreRule served = new ServedStoreRule();

  @Test
  public void smallAndLargeValuesAreReadBothWays() throws Exception {
    SampleRows rows = new SampleRows(300, 0, 20_000);
    StoreVersionConfig config = new StoreVersionConfig("chunked", 1, 3).withChunks(1000);
    served.push(config, rows);
    FastClient client = served.client(config);
    for (int i = 0; i < rows.count(); i++) {
      assertEquals("row " + i, rows.value(i), client.get(rows.key(i)));
    }
    for (int from = 0; from < rows.count(); from += 100) {
      assertEquals(rows.values(from, from + 100), client.batchGet(rows.keys(from, from + 100)));
    }
    assertNull(client.get(rows.key(rows.count())));
  }

  @Test
  public void theSizesAroundAChunkAreRead() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("edges", 1, 1).withChunks(64);
    StoreVersion version = served.push(config, writer -> {});
    FastClient client = served.client(config);
    for (int size : new int[] {0, 1, 63, 64, 65, 127, 128, 129, 64 * 200}) {
      byte[] key = SampleRows.avroString("size " + size);
      byte[] payload = new byte[size];
      new Random(size).nextBytes(payload);
      version.put(key, 9, payload);
      assertEquals("size " + size, new StoredValue(9, payload), client.get(key));
    }
  }

  @Test
  public void chunksOfVenicesSizeAreRead() throws Exception {
    StoreVersionConfig config =
        new StoreVersionConfig("megabytes", 1, 1)
            .withChunks(StoreVersionConfig.DEFAULT_CHUNK_BYTES);
    byte[] payload = new byte[3 << 20];
    new Random(3).nextBytes(payload);
    byte[] key = SampleRows.avroString("large");
    served.push(config, writer -> writer.add(key, 2, payload));
    FastClient client = served.client(config);
    assertEquals(new StoredValue(2, payload), client.get(key));
    assertEquals(List.of(new StoredValue(2, payload)), client.batchGet(List.of(key)));
  }

  @Test
  public void aMissingChunkIsNamed() throws Exception {
    Broken broken = new Broken();
    broken.database.delete(broken.entries.get(2).key());
    broken.assertAnswer(
        "Chunk not found in store-version: broken_v1, partition: 0, chunk index: 2.");
  }

  @Test
  public void aChunkWithAnotherSchemaIdIsNamed() throws Exception {
    Broken broken = new Broken();
    broken.database.put(broken.entries.get(1).key(), RecordLayout.withHeader(7, new byte[100]));
    broken.assertAnswer(
        "Did not get the chunk schema ID while attempting to retrieve a chunk! "
            + "Instead, got schema ID: 7");
  }

  @Test
  public void aWrongSizeIsNamed() throws Exception {
    Broken broken = new Broken();
    broken.database.put(
        broken.entries.get(0).key(),
        RecordLayout.withHeader(RecordLayout.CHUNK_SCHEMA_ID, new byte[90]));
    broken.assertAnswer(
        "The fully assembled large value does not have the expected size! "
            + "actualSize: 290, chunkedValueManifest.size: 300");
  }

  /** A value of three chunks of 100 bytes, one of which a test breaks. */
  private final class Broken {
    final byte[] key = SampleRows.avroString("broken");
    final List<RecordLayout.Entry> entries;
    final PartitionDatabase database;

    Broken() throws Exception {
      StoreVersionConfig config = new StoreVersionConfig("broken", 1, 1).withChunks(100);
      database = served.push(config, writer -> {}).partition(0);
      entries = new RecordLayout(config).entries(key, 1, new byte[300]);
      for (RecordLayout.Entry entry : entries) {
        database.put(entry.key(), entry.value());
      }
    }

    void assertAnswer(String message) {
      VeniceServerResponse answer = served.stub().get(ReadRequests.singleGet("broken_v1", 0, key));
      assertEquals(500, answer.getErrorCode());
      assertTrue(
          answer.getErrorMessage(),
          answer.getErrorMessage().startsWith("Internal Error: " + VENICE_EXCEPTION + message));
    }
  }
}
