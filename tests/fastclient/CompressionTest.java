package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.util.stream.IntStream;
import org.junit.Rule;
import org.junit.Test;

/** Values travel as they are stored, with the strategy of their store version beside them. */
public class CompressionTest {
  @Rule public final ServedStoreRule served = new ServedStoreRule();

  private final SampleRows rows = new SampleRows(500, 0, 3000);
  private final byte[] dictionary =
      Compressor.trainDictionary(
          IntStream.range(0, 200).mapToObj(i -> rows.value(i).payload()).toList());

  @Test
  public void gzip() throws Exception {
    readsBothWays(
        new StoreVersionConfig("gzip", 1, 3).withCompression(CompressionStrategy.GZIP, null));
  }

  @Test
  public void zstdWithDictionary() throws Exception {
    readsBothWays(
        new StoreVersionConfig("zstd", 1, 3)
            .withCompression(CompressionStrategy.ZSTD_WITH_DICT, dictionary));
  }

  @Test
  public void compressedThenChunked() throws Exception {
    readsBothWays(
        new StoreVersionConfig("chunks", 1, 3)
            .withCompression(CompressionStrategy.ZSTD_WITH_DICT, dictionary)
            .withChunks(100));
  }

  @Test
  public void versionsKeepTheirOwnStrategies() throws Exception {
    StoreVersionConfig none = new StoreVersionConfig("mixed", 1, 2);
    StoreVersionConfig gzip =
        new StoreVersionConfig("mixed", 2, 2).withCompression(CompressionStrategy.GZIP, null);
    StoreVersionConfig zstd =
        new StoreVersionConfig("mixed", 3, 2)
            .withCompression(CompressionStrategy.ZSTD_WITH_DICT, dictionary);
    for (StoreVersionConfig config : new StoreVersionConfig[] {none, gzip, zstd}) {
      served.push(config, rows);
    }
    for (StoreVersionConfig config : new StoreVersionConfig[] {zstd, none, gzip}) {
      assertEquals(rows.value(6), served.client(config).get(rows.key(6)));
      assertEquals(config.compressor().strategy().id(), answer(config, 6).getCompressionStrategy());
    }
  }

  @Test
  public void theServerDoesNotDecompress() throws Exception {
    StoreVersionConfig config =
        new StoreVersionConfig("raw", 1, 2).withCompression(CompressionStrategy.GZIP, null);
    served.push(config, rows);
    VeniceServerResponse answer = answer(config, 4);
    assertArrayEquals(
        config.compressor().compress(rows.value(4).payload()), answer.getData().toByteArray());
    assertTrue(answer.getData().size() < rows.value(4).payload().length);
  }

  @Test
  public void aMissingKeyIsAnsweredWithTheStrategyToo() throws Exception {
    StoreVersionConfig config =
        new StoreVersionConfig("missing", 1, 2).withCompression(CompressionStrategy.GZIP, null);
    served.push(config, rows);
    VeniceServerResponse answer = answer(config, rows.count());
    assertEquals(-420, answer.getErrorCode());
    assertEquals(CompressionStrategy.GZIP.id(), answer.getCompressionStrategy());
  }

  @Test
  public void aStateThatChangesIsSeenByTheNextRead() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("changing", 1, 1);
    StoreVersion version = served.push(config, rows);
    StoreVersionConfig gzip = config.withCompression(CompressionStrategy.GZIP, null);
    for (int round = 0; round < 20; round++) {
      version.putState(gzip);
      assertEquals(CompressionStrategy.GZIP.id(), answer(config, 1).getCompressionStrategy());
      version.putState(config);
      assertEquals(CompressionStrategy.NO_OP.id(), answer(config, 1).getCompressionStrategy());
    }
    version.putState(gzip);
    version.deleteState();
    assertEquals(CompressionStrategy.NO_OP.id(), answer(config, 1).getCompressionStrategy());
  }

  private void readsBothWays(StoreVersionConfig config) throws Exception {
    served.push(config, rows);
    FastClient client = served.client(config);
    for (int i = 0; i < rows.count(); i++) {
      assertEquals("row " + i, rows.value(i), client.get(rows.key(i)));
    }
    for (int from = 0; from < rows.count(); from += 100) {
      assertEquals(rows.values(from, from + 100), client.batchGet(rows.keys(from, from + 100)));
    }
  }

  private VeniceServerResponse answer(StoreVersionConfig config, int row) {
    byte[] key = rows.key(row);
    int partition = VenicePartitioner.partition(key, config.partitionCount());
    return served.stub().get(ReadRequests.singleGet(config.resource(), partition, key));
  }
}
