package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.TableFormat;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.Rule;
import org.junit.Test;

/** Single gets by a Fast Client, over every file format and both ways of writing. */
public class SingleGetTest {
  private static final int KEY_NOT_FOUND = -420;

  @Rule public final ServedStoreRule served = new ServedStoreRule();

  private final SampleRows rows = new SampleRows(1000, 0, 9000);

  @Test
  public void readsBlockBasedTables() throws Exception {
    readsEveryRow(new StoreVersionConfig("block", 1, 4).withRowsPerSstFile(70));
  }

  @Test
  public void readsPlainTables() throws Exception {
    readsEveryRow(new StoreVersionConfig("plain", 1, 4).withTableFormat(TableFormat.PLAIN));
  }

  @Test
  public void readsBlobFiles() throws Exception {
    readsEveryRow(
        new StoreVersionConfig("blob", 1, 4)
            .withPuts()
            .withTableFormat(TableFormat.BLOCK_BASED_WITH_BLOB_FILES));
  }

  @Test
  public void readsRowsThatWerePut() throws Exception {
    readsEveryRow(new StoreVersionConfig("puts", 1, 4).withPuts());
  }

  private void readsEveryRow(StoreVersionConfig config) throws Exception {
    served.push(config, rows);
    FastClient client = served.client(config);
    for (int i = 0; i < rows.count(); i++) {
      assertEquals("row " + i, rows.value(i), client.get(rows.key(i)));
    }
  }

  @Test
  public void aMissingKeyIsNull() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("missing", 1, 4);
    served.push(config, rows);
    FastClient client = served.client(config);
    for (int i = rows.count(); i < rows.count() + 100; i++) {
      assertNull(client.get(rows.key(i)));
    }
  }

  @Test
  public void anAnswerHasTheFieldsOfTheJavaServerAndNoOther() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("fields", 1, 4);
    served.push(config, rows);
    byte[] key = rows.key(7);
    StoredValue value = rows.value(7);
    assertEquals(
        VeniceServerResponse.newBuilder()
            .setErrorCode(200)
            .setSchemaId(value.schemaId())
            .setData(ByteString.copyFrom(value.payload()))
            .setResponseRCU(1)
            .build(),
        served.stub().get(ReadRequests.singleGet("fields_v1", partition(key, 4), key)));
    byte[] missing = rows.key(rows.count());
    assertEquals(
        VeniceServerResponse.newBuilder()
            .setErrorCode(KEY_NOT_FOUND)
            .setErrorMessage("Key not found")
            .setResponseRCU(1)
            .build(),
        served.stub().get(ReadRequests.singleGet("fields_v1", partition(missing, 4), missing)));
  }

  @Test
  public void keysOfAnyBytesAndLengthsAreRead() throws Exception {
    List<byte[]> keys = new ArrayList<>();
    Random random = new Random(1);
    for (int length = 0; length < 300; length++) {
      byte[] key = new byte[length];
      random.nextBytes(key);
      keys.add(key);
      if (length > 0) {
        byte[] highBits = new byte[length];
        Arrays.fill(highBits, (byte) 0xff);
        keys.add(highBits);
      }
    }
    StoreVersionConfig config = new StoreVersionConfig("keys", 1, 3);
    served.push(config, writer -> keys.forEach(key -> writer.add(key, 5, key)));
    FastClient client = served.client(config);
    for (byte[] key : keys) {
      assertEquals(Arrays.toString(key), new StoredValue(5, key), client.get(key));
    }
  }

  @Test
  public void aPutAndADeleteAreSeenByTheNextGet() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("hybrid", 1, 2);
    StoreVersion version = served.push(config, rows);
    FastClient client = served.client(config);
    byte[] key = rows.key(3);
    for (int round = 1; round <= 20; round++) {
      byte[] payload = {(byte) round};
      version.put(key, round, payload);
      assertEquals(new StoredValue(round, payload), client.get(key));
      version.delete(key);
      assertNull(client.get(key));
    }
  }

  @Test
  public void versionsOfOneStoreAreReadSideBySide() throws Exception {
    StoreVersionConfig first = new StoreVersionConfig("two_versions", 1, 2);
    StoreVersionConfig second = new StoreVersionConfig("two_versions", 2, 3);
    byte[] key = SampleRows.avroString("same");
    served.push(first, writer -> writer.add(key, 1, new byte[] {1}));
    served.push(second, writer -> writer.add(key, 2, new byte[] {2}));
    assertEquals(new StoredValue(1, new byte[] {1}), served.client(first).get(key));
    assertEquals(new StoredValue(2, new byte[] {2}), served.client(second).get(key));
  }

  @Test
  public void aVersionOpenedReadOnlyIsRead() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("read_only", 1, 2);
    StoreVersion version = served.push(config, rows);
    for (int partition : version.openPartitions()) {
      version.closePartition(partition);
      version.openPartition(partition, PartitionDatabase.Mode.READ_ONLY);
    }
    FastClient client = served.client(config);
    for (int i = 0; i < 100; i++) {
      assertEquals(rows.value(i), client.get(rows.key(i)));
    }
  }

  private static int partition(byte[] key, int partitionCount) {
    return VenicePartitioner.partition(key, partitionCount);
  }
}
