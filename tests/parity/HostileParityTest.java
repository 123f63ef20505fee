package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.tests.BothServers.Answers;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Random and hostile requests: both servers answer the same, or differ in a way that is known and
 * computed here for that very request.
 */
public class HostileParityTest {
  private static final int REQUESTS = 6000;
  private static final long SEED = 20_260_821;
  private static final int PARTITIONS = 3;
  private static final String[] RESOURCES = {"hostile_v1", "hostile_v2", "hostile_v3"};

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(40, 0, 900);

  @Test
  public void hostileRequests() throws Exception {
    try (BothServers both = new BothServers()) {
      // The third one is not hosted.
      both.store()
          .push(
              temporary.getRoot().toPath(), new StoreVersionConfig("hostile", 1, PARTITIONS), rows);
      both.store()
          .push(
              temporary.getRoot().toPath(),
              new StoreVersionConfig("hostile", 2, PARTITIONS).withChunks(200),
              rows);
      HostileRequests requests = new HostileRequests(SEED, rows, PARTITIONS, RESOURCES);
      Map<String, Integer> outcomes = new TreeMap<>();
      for (int i = 0; i < REQUESTS; i++) {
        ByteString request = requests.next();
        String method = BothServers.READS[i % 2];
        Answers answers = both.ask(method, request);
        if (!answers.java().equals(answers.rust())) {
          explain(both, "request " + i, VeniceClientRequest.parseFrom(request), answers);
        }
        outcomes.merge(answers.rust().status() + " " + answers.rust().errorCode(), 1, Integer::sum);
      }
      // Each way to end was taken often, or the requests would not be what they are meant to be.
      for (String outcome : List.of("OK 200", "OK -420", "OK 500", "UNKNOWN 0")) {
        assertTrue(outcomes.toString(), outcomes.getOrDefault(outcome, 0) > REQUESTS / 12);
      }
      assertEquals(outcomes.toString(), 4, outcomes.size());
    }
  }

  /** Fails unless the answers to this request differ as they have to. */
  private static void explain(
      BothServers both, String name, VeniceClientRequest request, Answers answers) {
    String text = name + ": " + answers + " " + request;
    if (!request.getIsBatchRequest()) {
      negativePartition(text, request.getResourceName(), request.getPartition(), answers);
      return;
    }
    List<MultiGetRecords.Key> keys = decode(request.getKeyBytes());
    if (answers.java().status() != Status.Code.OK) {
      // LONG_KEY_LENGTH: with the lengths written as usual, Java gives the answer of Rust.
      assertEquals(text, Status.Code.UNKNOWN, answers.java().status());
      VeniceClientRequest usual =
          request.toBuilder().setKeyBytes(MultiGetRecords.encodeKeys(keys)).build();
      assertTrue(text, usual.getKeyBytes().size() < request.getKeyBytes().size());
      Answers usualAnswers = both.ask("batchGet", usual.toByteString());
      assertEquals(text, answers.rust(), usualAnswers.rust());
      if (!usualAnswers.java().equals(usualAnswers.rust())) {
        explain(both, name + " with usual lengths", usual, usualAnswers);
      }
      return;
    }
    // Both fail by the first key whose partition is not hosted; no record here is unreadable.
    List<Answers> failures = new ArrayList<>();
    for (MultiGetRecords.Key key : keys) {
      VeniceClientRequest alone =
          request.toBuilder().setKeyBytes(MultiGetRecords.encodeKeys(List.of(key))).build();
      Answers aloneAnswers = both.ask("batchGet", alone.toByteString());
      if (!aloneAnswers.java().equals(aloneAnswers.rust())) {
        negativePartition(text, request.getResourceName(), key.partitionId(), aloneAnswers);
      }
      if (aloneAnswers.java().errorCode() != 200) {
        failures.add(aloneAnswers);
      }
    }
    assertTrue(text, !failures.isEmpty());
    assertEquals(text, failures.get(0).java(), answers.java());
    assertEquals(text, failures.get(0).rust(), answers.rust());
  }

  private static void negativePartition(
      String text, String resource, int partition, Answers answers) {
    assertTrue(text, partition < 0);
    assertEquals(text, HostileRequests.negativePartitionInJava(), answers.java());
    assertEquals(
        text, HostileRequests.negativePartitionInRust(resource, partition), answers.rust());
  }

  /** Decodes key records with lengths of up to ten bytes, which is what Avro says of bytes. */
  private static List<MultiGetRecords.Key> decode(ByteString keyBytes) {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(keyBytes.toByteArray(), null);
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    try {
      while (!decoder.isEnd()) {
        int keyIndex = decoder.readInt();
        long length = decoder.readLong();
        assertTrue("length " + length, length >= 0 && length <= keyBytes.size());
        byte[] key = new byte[(int) length];
        decoder.readFixed(key);
        keys.add(new MultiGetRecords.Key(keyIndex, key, decoder.readInt()));
      }
    } catch (IOException e) {
      throw new AssertionError("only the Rust server could decode " + keyBytes, e);
    }
    return keys;
  }
}
