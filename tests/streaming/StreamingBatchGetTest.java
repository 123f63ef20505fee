package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.protocols.StreamingBatchGetFooter;
import com.linkedin.venice.rust.protocols.StreamingBatchGetRequest;
import com.linkedin.venice.rust.protocols.StreamingBatchGetResponse;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.StreamingCall;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Rule;
import org.junit.Test;

/**
 * Streaming batch get, read by grpc-java. Methods are named after those of Venice's {@code
 * BatchGetAvroStoreClientTest} and {@code VeniceGrpcEndToEndTest} where they correspond.
 */
public class StreamingBatchGetTest {
  private static final byte[] MISSING_KEY = "nonExistingKey".getBytes(StandardCharsets.UTF_8);

  @Rule
  public final ServedStoreRule served =
      new ServedStoreRule(
          ReadServerConfig.builder().quotaInterval(Duration.ofHours(1)).quotaCapacityMultiple(1));

  private final SampleRows rows = new SampleRows(100, 10, 2000);

  @Test
  public void testStreamingBatchGetGenericClient() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("stream", 1, 3);
    served.push(config, rows);
    readsEveryRowAndMissesOne(config);
  }

  @Test
  public void testStreamingBatchGetGenericClientGzip() throws Exception {
    StoreVersionConfig config =
        new StoreVersionConfig("gzip", 1, 3).withCompression(CompressionStrategy.GZIP, null);
    served.push(config, rows);
    readsEveryRowAndMissesOne(config);
  }

  @Test
  public void testStreamingBatchGetGenericClientZstd() throws Exception {
    byte[] dictionary =
        Compressor.trainDictionary(
            rows.values(0, rows.count()).stream().map(StoredValue::payload).toList());
    StoreVersionConfig config =
        new StoreVersionConfig("zstd", 1, 3)
            .withCompression(CompressionStrategy.ZSTD_WITH_DICT, dictionary);
    served.push(config, rows);
    readsEveryRowAndMissesOne(config);
  }

  @Test
  public void testStreamingBatchGetOfChunkedValues() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("chunked", 1, 3).withChunks(500);
    served.push(config, rows);
    readsEveryRowAndMissesOne(config);
  }

  private void readsEveryRowAndMissesOne(StoreVersionConfig config) {
    List<byte[]> keys = new ArrayList<>(rows.keys());
    keys.add(MISSING_KEY);
    try (StreamingCall call = served.stream()) {
      call.ask(StreamingCall.request(7, config.resource(), config.partitionCount(), keys));
      Answers answers = new Answers(config);
      call.responses(1, answers::add);
      assertEquals(Set.of(7L), answers.footers.keySet());
      assertEquals(footer(200, 100, 1), answers.footers.get(7L));
      assertEquals(101, answers.values.get(7L).size());
      assertNull(answers.values.get(7L).get(100));
      for (int i = 0; i < 100; i++) {
        assertEquals(rows.value(i), answers.values.get(7L).get(i));
      }
      call.end();
      assertNull("the call ends well", call.next());
    }
  }

  /** A callback for each key, missing ones too, before the end. */
  @Test
  public void testStreamingBatchGetWithCallbackGenericClient() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("callback", 1, 3);
    served.push(config, rows);
    List<byte[]> keys = new ArrayList<>(rows.keys());
    keys.add(MISSING_KEY);
    Set<Integer> called = new HashSet<>();
    try (StreamingCall call = served.stream()) {
      call.ask(StreamingCall.request(0, "callback_v1", 3, keys));
      boolean completed = false;
      while (!completed) {
        StreamingBatchGetResponse response = call.next();
        for (MultiGetRecords.Value record :
            MultiGetRecords.decodeValues(response.getRecords().toByteArray())) {
          assertTrue("once for each key", called.add(Math.abs(record.keyIndex())));
        }
        completed = response.hasFooter();
      }
    }
    assertEquals(101, called.size());
  }

  @Test
  public void fastClientWithBatchStreaming() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("same", 1, 4);
    served.push(config, rows);
    FastClient client = served.client(config);
    try (StreamingCall call = served.stream()) {
      // Many requests share the call.
      for (int id = 0; id < 20; id++) {
        call.ask(StreamingCall.request(id, "same_v1", 4, rows.keys(id, id + 50)));
      }
      Answers answers = new Answers(config);
      call.responses(20, answers::add);
      for (int id = 0; id < 20; id++) {
        List<StoredValue> expected = client.batchGet(rows.keys(id, id + 50));
        for (int i = 0; i < 50; i++) {
          assertEquals(expected.get(i), answers.values.get((long) id).get(i));
        }
        assertEquals(footer(200, 50, 0), answers.footers.get((long) id));
      }
    }
  }

  @Test
  public void testStreamingBatchGetWithRetryAndQuotaRejection() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("quota", 1, 3);
    served.push(config, rows);
    // 3600 keys in this hour, of which 90 in a hundred may be read here.
    served.server().setStoreQuota("quota_v1", 1, 0.025);
    try (StreamingCall call = served.stream()) {
      Answers answers = new Answers(config);
      call.ask(StreamingCall.request(1, "quota_v1", 3, rows.keys(0, 89)));
      call.responses(1, answers::add);
      call.ask(StreamingCall.request(2, "quota_v1", 3, rows.keys(0, 2)));
      call.responses(1, answers::add);
      call.ask(StreamingCall.request(3, "quota_v1", 3, rows.keys(0, 1)));
      call.responses(1, answers::add);
      assertEquals(footer(200, 89, 0), answers.footers.get(1L));
      StreamingBatchGetFooter refused =
          StreamingBatchGetFooter.newBuilder().setErrorCode(429).build();
      assertEquals(refused, answers.footers.get(2L));
      assertEquals(Map.of(), answers.values.getOrDefault(2L, Map.of()));
      assertEquals("the call goes on", footer(200, 1, 0), answers.footers.get(3L));
    }
  }

  /** 5,000 keys and 5 MB, to a client that stops reading: nothing keeps the partitions open. */
  @Test
  public void aClientThatDoesNotReadHoldsUpNothing() throws Exception {
    SampleRows large = new SampleRows(5000, 1000, 1000);
    StoreVersionConfig config = new StoreVersionConfig("large", 1, 2);
    StoreVersion version = served.push(config, large);
    try (StreamingCall call = served.stream()) {
      StreamingBatchGetRequest request = StreamingCall.request(1, "large_v1", 2, large.keys());
      call.ask(request);
      StreamingBatchGetResponse first = call.next();
      assertTrue("the first bytes come early", first.getRecords().size() < 10_000);
      version.closePartition(1);
      Answers answers = new Answers(config);
      call.responses(1, answers::add);
      StreamingBatchGetFooter footer = answers.footers.get(1L);
      assertEquals(500, footer.getErrorCode());
      assertTrue(footer.getErrorMessage(), footer.getErrorMessage().contains("has been closed"));
      assertEquals(5000, footer.getResponseRCU());
      assertTrue(footer.toString(), footer.getFailedKeys() > 0);
      assertEquals(5000, footer.getFoundKeys() + footer.getFailedKeys());

      version.openPartition(1);
      call.ask(request);
      call.responses(1, answers::add);
      assertEquals(footer(200, 5000, 0), answers.footers.get(1L));
    }
  }

  @Test
  public void aCallThatIsCancelledLeavesTheServerAsItWas() throws Exception {
    SampleRows large = new SampleRows(2000, 1000, 1000);
    StoreVersionConfig config = new StoreVersionConfig("cancelled", 1, 2);
    served.push(config, large);
    for (int i = 0; i < 50; i++) {
      try (StreamingCall call = served.stream()) {
        call.ask(StreamingCall.request(i, "cancelled_v1", 2, large.keys()));
        assertTrue(call.next().getRecords().size() > 0);
      }
    }
    readsEvery(config, large);
    assertTrue("nothing is left to drain", served.server().stop(Duration.ofSeconds(60)));
  }

  private void readsEvery(StoreVersionConfig config, SampleRows expected) {
    try (StreamingCall call = served.stream()) {
      call.ask(StreamingCall.request(0, config.resource(), 2, expected.keys()));
      Answers answers = new Answers(config);
      call.responses(1, answers::add);
      assertEquals(footer(200, expected.count(), 0), answers.footers.get(0L));
      call.end();
      assertNull(call.next());
    }
  }

  @Test
  public void aServerThatStopsSaysSo() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("stops", 1, 1);
    served.push(config, rows);
    try (StreamingCall call = served.stream()) {
      call.ask(StreamingCall.request(1, "stops_v1", 1, rows.keys()));
      Answers answers = new Answers(config);
      call.responses(1, answers::add);
      assertEquals(footer(200, 100, 0), answers.footers.get(1L));
      Thread stopping = new Thread(() -> served.server().stop(Duration.ofSeconds(60)));
      stopping.start();
      StatusRuntimeException end = assertThrows(StatusRuntimeException.class, call::next);
      assertEquals(Status.Code.UNAVAILABLE, end.getStatus().getCode());
      stopping.join();
    }
  }

  private static StreamingBatchGetFooter footer(int code, int found, int missing) {
    return StreamingBatchGetFooter.newBuilder()
        .setErrorCode(code)
        .setResponseRCU(found + missing)
        .setFoundKeys(found)
        .setMissingKeys(missing)
        .build();
  }

  /** What came for each request: values by key index, null for a missing key, and the footer. */
  private static final class Answers {
    final Map<Long, Map<Integer, StoredValue>> values = new HashMap<>();
    final Map<Long, StreamingBatchGetFooter> footers = new HashMap<>();
    private final StoreVersionConfig config;

    Answers(StoreVersionConfig config) {
      this.config = config;
    }

    void add(StreamingBatchGetResponse response) {
      CompressionStrategy strategy = CompressionStrategy.of(response.getCompressionStrategy());
      Map<Integer, StoredValue> found =
          values.computeIfAbsent(response.getRequestId(), id -> new HashMap<>());
      for (MultiGetRecords.Value record :
          MultiGetRecords.decodeValues(response.getRecords().toByteArray())) {
        if (record.schemaId() == MultiGetRecords.NON_EXISTING_KEY_SCHEMA_ID) {
          found.put(-record.keyIndex(), null);
        } else {
          byte[] payload = Compressor.of(strategy, config.dictionary()).decompress(record.value());
          found.put(record.keyIndex(), new StoredValue(record.schemaId(), payload));
        }
      }
      if (response.hasFooter()) {
        footers.put(response.getRequestId(), response.getFooter());
      }
    }
  }
}
