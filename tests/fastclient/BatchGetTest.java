package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.testing.VeniceKeyCountLimitException;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;

/** Batch gets by a Fast Client, and the records of their answers. */
public class BatchGetTest {
  @Rule public final ServedStoreRule served = new ServedStoreRule();

  private final SampleRows rows = new SampleRows(3000, 0, 400);
  private final StoreVersionConfig config = new StoreVersionConfig("batch", 3, 5);

  @Before
  public void start() throws Exception {
    served.push(config, rows);
  }

  @Test
  public void readsEveryRowInTheOrderAskedFor() {
    FastClient client = served.client(config);
    List<Integer> shuffled = new ArrayList<>();
    for (int i = 0; i < rows.count(); i++) {
      shuffled.add(i);
    }
    Collections.shuffle(shuffled, new Random(2));
    for (int from = 0; from < shuffled.size(); from += FastClient.DEFAULT_BATCH_GET_LIMIT) {
      List<Integer> part =
          shuffled.subList(
              from, Math.min(from + FastClient.DEFAULT_BATCH_GET_LIMIT, shuffled.size()));
      assertEquals(
          part.stream().map(rows::value).toList(),
          client.batchGet(part.stream().map(rows::key).toList()));
    }
  }

  @Test
  public void oneBatchReadsThousandsOfKeys() {
    FastClient client = served.client(config, 10_000);
    assertEquals(rows.values(0, rows.count()), client.batchGet(rows.keys()));
  }

  @Test
  public void missingKeysAreNullAmongTheOthers() {
    List<byte[]> keys = List.of(rows.key(9000), rows.key(1), rows.key(9001), rows.key(0));
    assertEquals(
        Arrays.asList(null, rows.value(1), null, rows.value(0)),
        served.client(config).batchGet(keys));
  }

  @Test
  public void aKeyAskedForTwiceIsAnsweredTwice() {
    List<byte[]> keys = List.of(rows.key(4), rows.key(5), rows.key(4), rows.key(9000), rows.key(4));
    StoredValue four = rows.value(4);
    assertEquals(
        Arrays.asList(four, rows.value(5), four, null, four), served.client(config).batchGet(keys));
  }

  @Test
  public void aBatchWithoutHitsIsASuccessWithoutData() {
    assertEquals(
        VeniceServerResponse.newBuilder()
            .setErrorCode(200)
            .setSchemaId(1)
            .setResponseRCU(2)
            .build(),
        served.stub().batchGet(request(rows.key(9000), rows.key(9001))));
  }

  @Test
  public void aBatchWithoutKeysIsASuccessWithoutData() {
    assertEquals(
        VeniceServerResponse.newBuilder().setErrorCode(200).setSchemaId(1).build(),
        served.stub().batchGet(request()));
  }

  @Test
  public void anAnswerHasTheFieldsOfTheJavaServerAndNoOther() {
    VeniceServerResponse response = served.stub().batchGet(request(rows.key(9000), rows.key(2)));
    assertEquals(
        VeniceServerResponse.newBuilder()
            .setErrorCode(200)
            .setSchemaId(1)
            .setResponseRCU(2)
            .setData(response.getData())
            .build(),
        response);
    List<MultiGetRecords.Value> records = records(response);
    assertEquals(1, records.size());
    StoredValue two = rows.value(2);
    assertEquals(1, records.get(0).keyIndex());
    assertEquals(two, new StoredValue(records.get(0).schemaId(), records.get(0).value()));
  }

  @Test
  public void theKeyIndexIsEchoedWhateverItIs() {
    byte[] key = rows.key(8);
    int partition = partition(key);
    ByteString keys =
        MultiGetRecords.encodeKeys(
            List.of(
                new MultiGetRecords.Key(Integer.MAX_VALUE, key, partition),
                new MultiGetRecords.Key(0, key, partition),
                new MultiGetRecords.Key(-7, key, partition)));
    VeniceServerResponse response =
        served.stub().batchGet(ReadRequests.batchGet(config.resource(), keys));
    assertEquals(
        List.of(Integer.MAX_VALUE, 0, -7),
        records(response).stream().map(MultiGetRecords.Value::keyIndex).toList());
  }

  @Test
  public void aStreamingRequestIsToldOfMissingKeys() {
    VeniceClientRequest request =
        request(rows.key(9000), rows.key(1), rows.key(9001)).toBuilder()
            .setIsStreamingRequest(true)
            .build();
    VeniceServerResponse response = served.stub().batchGet(request);
    assertEquals(200, response.getErrorCode());
    assertEquals(true, response.getIsStreamingResponse());
    List<MultiGetRecords.Value> records = records(response);
    assertEquals(List.of(0, 1, -2), records.stream().map(MultiGetRecords.Value::keyIndex).toList());
    assertEquals(
        List.of(
            MultiGetRecords.NON_EXISTING_KEY_SCHEMA_ID,
            rows.value(1).schemaId(),
            MultiGetRecords.NON_EXISTING_KEY_SCHEMA_ID),
        records.stream().map(MultiGetRecords.Value::schemaId).toList());
    assertEquals(0, records.get(0).value().length);
    assertEquals(0, records.get(2).value().length);
  }

  @Test
  public void theFlagAndNotTheMethodMakesABatch() {
    byte[] key = rows.key(11);
    VeniceClientRequest single = ReadRequests.singleGet(config.resource(), partition(key), key);
    assertEquals(served.stub().get(single), served.stub().batchGet(single));
    VeniceClientRequest batch = request(key);
    assertEquals(served.stub().batchGet(batch), served.stub().get(batch));
    assertEquals(rows.value(11).schemaId(), served.stub().batchGet(single).getSchemaId());
  }

  @Test
  public void aBatchIsSplitOverTheServersOfItsPartitions() {
    ReadServerConfig loopback = ReadServerConfig.builder().bindAddress("127.0.0.1").build();
    try (RustReadServer other = RustReadServer.start(loopback)) {
      String otherAddress = "127.0.0.1:" + other.port();
      StoreRoutes routes =
          new StoreRoutes(
              config.resource(),
              config.partitionCount(),
              partition -> partition % 2 == 0 ? served.address() : otherAddress,
              null);
      try (FastClient client = new FastClient(routes)) {
        assertEquals(rows.values(0, 100), client.batchGet(rows.keys(0, 100)));
      }
    }
  }

  @Test
  public void oneKeyThatFailsFailsTheBatch() {
    ByteString keys =
        MultiGetRecords.encodeKeys(
            List.of(
                new MultiGetRecords.Key(0, rows.key(1), partition(rows.key(1))),
                new MultiGetRecords.Key(1, rows.key(2), 77)));
    VeniceServerResponse response =
        served.stub().batchGet(ReadRequests.batchGet(config.resource(), keys));
    assertEquals(500, response.getErrorCode());
    assertEquals(ByteString.EMPTY, response.getData());
  }

  @Test
  public void aClientRefusesMoreKeysThanItsLimit() {
    FastClient client = served.client(config);
    VeniceClientException refusal =
        assertThrows(VeniceKeyCountLimitException.class, () -> client.batchGet(rows.keys(0, 151)));
    assertEquals("batch get of 151 keys: the store's limit is 150 keys", refusal.getMessage());
  }

  private VeniceClientRequest request(byte[]... keys) {
    List<MultiGetRecords.Key> records = new ArrayList<>();
    for (byte[] key : keys) {
      records.add(new MultiGetRecords.Key(records.size(), key, partition(key)));
    }
    return ReadRequests.batchGet(config.resource(), MultiGetRecords.encodeKeys(records));
  }

  private int partition(byte[] key) {
    return VenicePartitioner.partition(key, config.partitionCount());
  }

  private static List<MultiGetRecords.Value> records(VeniceServerResponse response) {
    return MultiGetRecords.decodeValues(response.getData().toByteArray());
  }
}
