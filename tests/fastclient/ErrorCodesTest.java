package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.RecordLayout;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;

/**
 * How failures travel: what the storage refuses is an error code in a gRPC OK, what cannot be
 * parsed or is too large is a gRPC status. After each, the server goes on serving.
 */
public class ErrorCodesTest {
  private static final int MAX_BYTES = 64 * 1024;

  @Rule
  public final ServedStoreRule served =
      new ServedStoreRule(
          ReadServerConfig.builder().maxRequestBytes(MAX_BYTES).maxResponseBytes(MAX_BYTES));

  private final SampleRows rows = new SampleRows(50, 10, 100);
  private final StoreVersionConfig config = new StoreVersionConfig("errors", 1, 1);
  private StoreVersion version;

  @Before
  public void start() throws Exception {
    version = served.push(config, rows);
  }

  @After
  public void itGoesOnServing() {
    assertEquals(rows.value(1), served.client(config).get(rows.key(1)));
  }

  @Test
  public void aStoreVersionThatIsNotHosted() {
    for (String resource : new String[] {"errors_v2", "other_v1", "errors", "", "_v", "a/b_v1"}) {
      VeniceServerResponse response =
          served.stub().get(ReadRequests.singleGet(resource, 0, rows.key(1)));
      assertInternalError(response, "com.linkedin.venice.exceptions.VeniceNoStoreException: ");
    }
  }

  @Test
  public void aPartitionThatIsNotHosted() {
    for (int partition : new int[] {1, 999, Integer.MAX_VALUE, -1}) {
      VeniceServerResponse response =
          served.stub().get(ReadRequests.singleGet("errors_v1", partition, rows.key(1)));
      assertInternalError(response, "com.linkedin.venice.exceptions.");
    }
  }

  @Test
  public void aPartitionThatWasClosed() throws Exception {
    version.closePartition(0);
    VeniceServerResponse response =
        served.stub().get(ReadRequests.singleGet("errors_v1", 0, rows.key(1)));
    assertInternalError(response, "com.linkedin.venice.exceptions.");
    version.openPartition(0);
  }

  @Test
  public void aPartitionThatWasDropped() throws Exception {
    version.dropPartition(0);
    VeniceServerResponse response =
        served.stub().get(ReadRequests.singleGet("errors_v1", 0, rows.key(1)));
    assertInternalError(response, "com.linkedin.venice.exceptions.");
    version.openPartition(0);
    version.put(rows.key(1), rows.value(1).schemaId(), rows.value(1).payload());
  }

  @Test
  public void aClientSeesAnUnexpectedErrorWithTheCode() {
    try (FastClient client = served.client(new StoreVersionConfig("nowhere", 1, 1))) {
      VeniceClientException failure =
          assertThrows(VeniceClientException.class, () -> client.get(rows.key(1)));
      assertTrue(
          failure.getMessage(),
          failure
              .getMessage()
              .startsWith(
                  "An unexpected error occurred with status code: 500, message: Internal Error: "));
    }
  }

  @Test
  public void aRecordWithAnInvalidSchemaId() throws Exception {
    for (int schemaId : new int[] {0, -1, -10, -1000, Integer.MIN_VALUE}) {
      byte[] key = SampleRows.avroString("schema " + schemaId);
      version.partition(0).put(key, RecordLayout.withHeader(schemaId, new byte[] {1}));
      assertInternalError(
          served.stub().get(ReadRequests.singleGet("errors_v1", 0, key)),
          "com.linkedin.venice.exceptions.VeniceException: Found a record with invalid schema ID: "
              + schemaId);
    }
  }

  @Test
  public void aRecordTooShortForItsHeader() throws Exception {
    for (int length = 0; length < 4; length++) {
      byte[] key = SampleRows.avroString("short " + length);
      version.partition(0).put(key, new byte[length]);
      assertInternalError(served.stub().get(ReadRequests.singleGet("errors_v1", 0, key)), "");
    }
  }

  @Test
  public void aKeyStringThatIsNotBase64() {
    VeniceClientRequest request =
        ReadRequests.singleGet("errors_v1", 0, rows.key(1)).toBuilder()
            .setKeyString("a*b?f=b64")
            .build();
    assertStatus(Status.Code.UNKNOWN, () -> served.stub().get(request));
  }

  @Test
  public void aKeyStringWithoutTheFlagIsTheKeyItself() throws Exception {
    byte[] key = "plain text".getBytes(StandardCharsets.UTF_8);
    version.partition(0).put(key, RecordLayout.withHeader(4, new byte[] {9, 8}));
    VeniceClientRequest.Builder request = ReadRequests.singleGet("errors_v1", 0, key).toBuilder();
    for (String keyString : new String[] {"plain text", "plain%20text", "plain%20text?f=other"}) {
      VeniceServerResponse response = served.stub().get(request.setKeyString(keyString).build());
      assertEquals(keyString, 200, response.getErrorCode());
      assertArrayEquals(new byte[] {9, 8}, response.getData().toByteArray());
    }
  }

  @Test
  public void aBatchThatIsNotAvro() {
    byte[][] bodies = {
      {0x00}, {0x00, 0x04, 0x01}, {0x00, 0x03}, {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0}
    };
    for (byte[] body : bodies) {
      VeniceClientRequest request = ReadRequests.batchGet("errors_v1", ByteString.copyFrom(body));
      assertStatus(Status.Code.UNKNOWN, () -> served.stub().batchGet(request));
    }
  }

  @Test
  public void countByValueOfNothing() {
    CountByValueResponse response =
        served.stub().countByValue(CountByValueRequest.getDefaultInstance());
    assertEquals(500, response.getErrorCode());
    assertEquals(
        "Internal Error: com.linkedin.venice.exceptions.VeniceNoStoreException: Store:  does not"
            + " exist.",
        response.getErrorMessage());
  }

  @Test
  public void aRequestAboveTheLimit() {
    VeniceClientRequest request =
        ReadRequests.batchGet("errors_v1", ByteString.copyFrom(new byte[MAX_BYTES + 1]));
    assertStatus(Status.Code.RESOURCE_EXHAUSTED, () -> served.stub().batchGet(request));
  }

  @Test
  public void anAnswerAboveTheLimit() throws Exception {
    byte[] key = SampleRows.avroString("large");
    version.put(key, 1, new byte[MAX_BYTES + 1]);
    VeniceServerResponse response = served.stub().get(ReadRequests.singleGet("errors_v1", 0, key));
    assertEquals(500, response.getErrorCode());
    assertEquals(ByteString.EMPTY, response.getData());
    assertTrue(
        response.getErrorMessage(), response.getErrorMessage().contains("max.response.bytes"));
    assertTrue(
        response.getErrorMessage(),
        response.getErrorMessage().contains(Integer.toString(MAX_BYTES)));
  }

  /** An error answer has the code, the message and nothing else. */
  private static void assertInternalError(VeniceServerResponse response, String messageStart) {
    assertEquals(
        VeniceServerResponse.newBuilder()
            .setErrorCode(500)
            .setErrorMessage(response.getErrorMessage())
            .build(),
        response);
    assertTrue(
        response.getErrorMessage(),
        response.getErrorMessage().startsWith("Internal Error: " + messageStart));
  }

  private static void assertStatus(Status.Code code, Runnable call) {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(failure.toString(), code, failure.getStatus().getCode());
  }
}
