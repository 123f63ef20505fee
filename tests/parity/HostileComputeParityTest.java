package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.ComputeRecords;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.compute.RandomRequest;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Compute requests whose bytes were changed, and values whose bytes were: both servers refuse them,
 * or both answer the same. Where a change leaves a request that is one, it is answered.
 */
public class HostileComputeParityTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);
  private static final int REQUESTS_OF_A_CASE = 10;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void changedBytes() throws Exception {
    Map<String, Integer> outcomes = new TreeMap<>();
    try (DescribedServers servers = new DescribedServers()) {
      ComputeForms forms = new ComputeForms(servers, temporary.getRoot().toPath());
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        RandomRequest drawn = new RandomRequest(seed);
        Random random = drawn.random;
        int form = random.nextInt(forms.count());
        StoreVersion version = forms.get(form);
        forms.describe(form, Map.of(1, drawn.writer, 2, drawn.reader), Store.NO_SCHEMA);
        byte[] body = body(seed, drawn, version, random.nextInt(3) == 0);
        for (int i = 0; i < REQUESTS_OF_A_CASE; i++) {
          byte[] changed = changed(random, body);
          String outcome =
              compare(
                  "seed " + seed + ", request " + i + " ",
                  drawn,
                  servers.computeInJava(version.resource(), changed, Store.NO_SCHEMA, true),
                  inRust(servers, version.resource(), changed));
          outcomes.merge(outcome, 1, Integer::sum);
        }
      }
    }
    System.out.println(CASES * REQUESTS_OF_A_CASE + " requests: " + outcomes);
    assertTrue(outcomes.toString(), outcomes.getOrDefault("refused", 0) > CASES);
    assertTrue(outcomes.toString(), outcomes.getOrDefault("answered", 0) > CASES / 2);
  }

  private static ReadComputeResponse inRust(
      DescribedServers servers, String resource, byte[] body) {
    try {
      return servers.computeInRust(resource, body, Store.NO_SCHEMA, true);
    } catch (StatusRuntimeException e) {
      // A message that is none ends the call, as it does for other requests.
      return ReadComputeResponse.newBuilder()
          .setErrorCode(400)
          .setErrorMessage(e.getStatus().toString())
          .build();
    }
  }

  private static byte[] body(
      long seed, RandomRequest drawn, StoreVersion version, boolean changeValues) throws Exception {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (byte[] value : drawn.values) {
      byte[] key = ("hostile" + seed + "-" + keys.size()).getBytes(StandardCharsets.UTF_8);
      boolean change = changeValues && drawn.random.nextInt(10) == 0;
      version.put(key, 1, change ? changed(drawn.random, value) : value);
      keys.add(
          new MultiGetRecords.Key(
              keys.size(),
              key,
              VenicePartitioner.partition(key, version.config().partitionCount())));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(drawn.request());
    out.writeBytes(MultiGetRecords.encodeKeys(keys).toByteArray());
    return out.toByteArray();
  }

  /** Some bytes are other ones, gone, twice there, or new; sometimes none. */
  private static byte[] changed(Random random, byte[] bytes) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    byte[] changed = bytes.clone();
    switch (random.nextInt(7)) {
      case 0:
        return Arrays.copyOf(bytes, at);
      case 1:
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
      case 2:
        random.nextBytes(changed);
        return changed;
      case 3:
        // A number of ten bytes.
        Arrays.fill(changed, at, Math.min(at + 9, bytes.length), (byte) 0xff);
        return changed;
      case 4:
        return spliced(bytes, at, Arrays.copyOfRange(bytes, 0, random.nextInt(at + 1)));
      case 5:
        return spliced(bytes, at, new byte[] {(byte) random.nextInt()});
      default:
        return bytes;
    }
  }

  private static byte[] spliced(byte[] bytes, int at, byte[] more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(more);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }

  private static String compare(
      String name, RandomRequest drawn, HttpForm.Reply java, ReadComputeResponse rust)
      throws IOException {
    String where =
        name
            + "Java "
            + java
            + ", Rust "
            + rust.getErrorCode()
            + " "
            + rust.getErrorMessage()
            + "\nresult "
            + drawn.result;
    if (java.status() == 200 && rust.getErrorCode() == 200) {
      List<ComputeRecords.Result> expected = ComputeRecords.decode(java.body());
      List<ComputeRecords.Result> actual = ComputeRecords.decode(rust.getRecords().toByteArray());
      assertEquals(where, expected.size(), actual.size());
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(where, expected.get(i).keyIndex(), actual.get(i).keyIndex());
        assertEquals(
            where,
            readable(drawn.result, expected.get(i).value()),
            readable(drawn.result, actual.get(i).value()));
      }
      return "answered";
    }
    if (java.status() != 200 && rust.getErrorCode() != 200) {
      return "refused";
    }
    return (java.status() == 200 ? "Java answers: " : "Rust answers: ")
        + (java.status() == 200 ? rust.getErrorMessage() : java.text()).replaceAll("[0-9]+", "N");
  }

  /** The bytes as they are compared; those of another schema as they are. */
  private static String readable(Schema result, byte[] bytes) {
    byte[] comparable = bytes;
    try {
      comparable = bytes.length == 0 ? bytes : RandomRequest.comparable(result, bytes);
    } catch (IOException | RuntimeException e) {
      // The change was in the text of the result schema.
    }
    return Arrays.toString(comparable);
  }
}
