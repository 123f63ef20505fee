package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.protocols.StreamingComputeFooter;
import com.linkedin.venice.rust.protocols.StreamingComputeResponse;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.reference.compute.ComputeUtils;
import com.linkedin.venice.rust.reference.compute.ValueReader;
import com.linkedin.venice.rust.testing.ComputeRecords;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.avro.JavaAvro;
import com.linkedin.venice.rust.tests.compute.RandomRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.rocksdb.RocksDBException;

/**
 * Read compute by the Rust server over gRPC against the Java server over HTTP, byte by byte: random
 * schemas of one store, that change from request to request as if it had been deleted and made
 * anew, values of several writers in every stored form, operations of all kinds, right and wrong.
 *
 * <p>What is put into one form before is what {@link RandomRequest#comparable} says.
 */
public class ComputeParityTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);
  private static final int WRITER = 1;
  private static final int READER = 2;
  private static final int UNKNOWN_SCHEMA = 9;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final Map<String, Integer> outcomes = new HashMap<>();
  private int computed;
  private int withErrors;

  /** A request that was drawn, with the keys that it is for. */
  private static final class Asked {
    final String where;
    final RandomRequest drawn;
    final int valueSchemaId;
    final boolean streaming;
    final byte[] body;
    final int keys;

    /** For each key that exists, by its index: the id of its writer's schema, and its bytes. */
    final Map<Integer, Written> written = new HashMap<>();

    Asked(long seed, RandomRequest drawn, StoreVersion version) throws RocksDBException {
      this.drawn = drawn;
      int partitions = version.config().partitionCount();
      List<MultiGetRecords.Key> keys = new ArrayList<>();
      for (int i = 0; i < drawn.values.size(); i++) {
        byte[] key = ("key" + seed + "-" + i).getBytes(StandardCharsets.UTF_8);
        Written value = write(drawn, drawn.values.get(i));
        version.put(key, value.schemaId, value.bytes);
        int partition = VenicePartitioner.partition(key, partitions);
        written.put(keys.size(), value);
        keys.add(new MultiGetRecords.Key(keys.size(), key, partition));
        if (drawn.random.nextInt(6) == 0) {
          keys.add(new MultiGetRecords.Key(keys.size(), new byte[] {1, (byte) i}, partition));
        }
      }
      valueSchemaId =
          switch (drawn.random.nextInt(12)) {
            case 0 -> WRITER;
            case 1, 2, 3 -> READER;
            case 4 -> drawn.random.nextInt(3) == 0 ? UNKNOWN_SCHEMA : READER;
            default -> Store.NO_SCHEMA;
          };
      streaming = drawn.random.nextBoolean();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(drawn.request());
      out.writeBytes(MultiGetRecords.encodeKeys(keys).toByteArray());
      body = out.toByteArray();
      this.keys = keys.size();
      where =
          String.format(
              "seed %d, %s, %d keys, schema %d, streaming %s%nwriter %s%nreader %s%nresult %s%n",
              seed,
              version.resource(),
              keys.size(),
              valueSchemaId,
              streaming,
              drawn.writer,
              drawn.reader,
              drawn.result);
    }

    /** Some values are written anew, as the newer schema has them, if Java can do it. */
    private static Written write(RandomRequest drawn, byte[] value) {
      if (drawn.random.nextInt(4) == 0) {
        try {
          GenericRecord read = new JavaAvro.Reader(drawn.writer, drawn.reader).read(value);
          return new Written(READER, JavaAvro.write(drawn.reader, read, false));
        } catch (IOException | RuntimeException e) {
          return new Written(WRITER, value);
        }
      }
      return new Written(WRITER, value);
    }

    Schema reader() {
      return valueSchemaId == WRITER ? drawn.writer : drawn.reader;
    }
  }

  private record Written(int schemaId, byte[] bytes) {}

  @Test
  public void randomRequests() throws Exception {
    try (DescribedServers servers = new DescribedServers()) {
      ComputeForms forms = new ComputeForms(servers, temporary.getRoot().toPath());
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        RandomRequest drawn = new RandomRequest(seed);
        int form = drawn.random.nextInt(forms.count());
        int superSet = drawn.random.nextBoolean() ? READER : Store.NO_SCHEMA;
        forms.describe(form, Map.of(WRITER, drawn.writer, READER, drawn.reader), superSet);
        Asked asked = new Asked(seed, drawn, forms.get(form));
        String resource = forms.get(form).resource();
        HttpForm.Reply java =
            servers.computeInJava(resource, asked.body, asked.valueSchemaId, asked.streaming);
        ReadComputeResponse rust =
            servers.computeInRust(resource, asked.body, asked.valueSchemaId, asked.streaming);
        compare(asked, java, rust);
        streamed(asked, rust, servers.streamFromRust(resource, asked.body, asked.valueSchemaId));
      }
    }
    System.out.println(
        CASES
            + " requests: "
            + computed
            + " values computed, "
            + withErrors
            + " with errors; "
            + outcomes);
    assertTrue("most requests are answered", computed > 3 * CASES);
    assertTrue("some have errors", withErrors > CASES / 4);
    assertTrue(outcomes.toString(), outcomes.getOrDefault("refused", 0) > CASES / 100);
    assertTrue(outcomes.toString(), outcomes.getOrDefault("other type", 0) <= CASES / 20);
  }

  private void outcome(String name) {
    outcomes.merge(name, 1, Integer::sum);
  }

  private void compare(Asked asked, HttpForm.Reply java, ReadComputeResponse rust)
      throws IOException {
    String where =
        asked.where
            + "Java "
            + java
            + "\nRust "
            + rust.getErrorCode()
            + " "
            + rust.getErrorMessage()
            + "\n";
    if (java.status() == 200 && rust.getErrorCode() == 200) {
      outcome("answered");
      assertEquals(where, java.header("x-venice-schema-id"), "" + rust.getSchemaId());
      assertEquals(where, java.header("x-venice-rcu"), "" + rust.getResponseRCU());
      assertEquals(
          where, java.header("x-venice-compression-strategy"), "" + rust.getCompressionStrategy());
      assertEquals(
          where,
          java.header("x-venice-streaming-response").equals("1"),
          rust.getIsStreamingResponse());
      same(
          where,
          asked.drawn.result,
          ComputeRecords.decode(java.body()),
          ComputeRecords.decode(rust.getRecords().toByteArray()));
    } else if (rust.getErrorCode() == 200) {
      // Java cannot read a field that is not needed.
      assertEquals(where, 500, java.status());
      outcome("unneeded field");
      same(
          where,
          asked.drawn.result,
          needed(asked),
          ComputeRecords.decode(rust.getRecords().toByteArray()).stream()
              .filter(record -> !missing(asked, record))
              .toList());
    } else if (java.status() == 200) {
      // Java writes a list of integers as one of floats, for example.
      assertTrue(where, rust.getErrorMessage().contains("the value's field of this name"));
      outcome("other type");
    } else {
      assertEquals(where, java.status(), rust.getErrorCode());
      if (java.text().startsWith("The field ") || java.text().startsWith("The result field ")) {
        outcome("refused");
        assertEquals(where, java.text(), rust.getErrorMessage());
      } else {
        outcome("failed");
      }
    }
  }

  /** A streamed answer has the same records, those of missing keys too. */
  private void streamed(
      Asked asked, ReadComputeResponse unary, List<StreamingComputeResponse> streamed) {
    List<ComputeRecords.Result> records = new ArrayList<>();
    for (StreamingComputeResponse response : streamed) {
      records.addAll(ComputeRecords.decode(response.getRecords().toByteArray()));
    }
    StreamingComputeFooter footer = streamed.get(streamed.size() - 1).getFooter();
    if (asked.keys == 0) {
      // Without keys there is nothing that a stream would look at the schemas for.
      assertEquals(asked.where, 0, records.size());
      return;
    }
    assertEquals(asked.where, unary.getErrorCode(), footer.getErrorCode());
    if (unary.getErrorCode() != 200) {
      // Of several keys that fail, another one may be the first.
      return;
    }
    assertEquals(asked.where, unary.getResponseRCU(), footer.getResponseRCU());
    assertEquals(asked.where, records.size(), footer.getFoundKeys() + footer.getMissingKeys());
    if (!asked.streaming) {
      records.removeIf(record -> record.value().length == 0 && missing(asked, record));
    }
    Comparator<ComputeRecords.Result> byKey =
        Comparator.comparingInt(record -> Math.abs(record.keyIndex()));
    records.sort(byKey);
    List<ComputeRecords.Result> expected = ComputeRecords.decode(unary.getRecords().toByteArray());
    expected.sort(byKey);
    assertEquals(asked.where, expected.size(), records.size());
    for (int i = 0; i < records.size(); i++) {
      assertEquals(asked.where, expected.get(i).keyIndex(), records.get(i).keyIndex());
      assertArrayEquals(asked.where, expected.get(i).value(), records.get(i).value());
    }
  }

  private static boolean missing(Asked asked, ComputeRecords.Result record) {
    return !asked.written.containsKey(Math.abs(record.keyIndex()));
  }

  /** What comes out if only the fields are read that are needed. */
  private static List<ComputeRecords.Result> needed(Asked asked) throws IOException {
    Schema needed = asked.drawn.needed(asked.reader());
    ComputeUtils.checkResultSchema(asked.drawn.result, needed, asked.drawn.operations);
    List<ComputeRecords.Result> results = new ArrayList<>();
    for (int index : new TreeSet<>(asked.written.keySet())) {
      Written value = asked.written.get(index);
      ValueReader reader =
          new ValueReader(
              value.schemaId == WRITER ? asked.drawn.writer : asked.drawn.reader, needed);
      GenericRecord result = new GenericData.Record(asked.drawn.result);
      ComputeUtils.computeResult(
          asked.drawn.operations, reader.read(value.bytes, 0, value.bytes.length), result);
      results.add(
          new ComputeRecords.Result(index, JavaAvro.write(asked.drawn.result, result, false)));
    }
    return results;
  }

  private void same(
      String where,
      Schema result,
      List<ComputeRecords.Result> java,
      List<ComputeRecords.Result> rust)
      throws IOException {
    assertEquals(where, java.size(), rust.size());
    for (int i = 0; i < java.size(); i++) {
      assertEquals(where, java.get(i).keyIndex(), rust.get(i).keyIndex());
      if (java.get(i).value().length == 0 || rust.get(i).value().length == 0) {
        assertEquals(where, java.get(i).value().length, rust.get(i).value().length);
        continue;
      }
      byte[] expected = RandomRequest.comparable(result, java.get(i).value());
      byte[] actual = RandomRequest.comparable(result, rust.get(i).value());
      if (!Arrays.equals(expected, actual)) {
        JavaAvro.Reader reader = new JavaAvro.Reader(result, result);
        assertEquals(
            where + "key " + java.get(i).keyIndex(),
            reader.read(expected).toString(),
            reader.read(actual).toString());
      }
      assertArrayEquals(where, expected, actual);
      computed++;
      withErrors += new String(expected, StandardCharsets.ISO_8859_1).contains("Failed") ? 1 : 0;
    }
  }
}
