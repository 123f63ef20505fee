package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.tests.avro.JavaAvro;
import com.linkedin.venice.rust.tests.compute.CountedRecords;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Counts of values by the Rust server against those of the Java server: random fields, values that
 * occur often, null, missing keys, keys that are named twice, and requests that are refused. The
 * server finds the partitions by itself.
 */
public class CountByValueParityTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void randomRequests() throws Exception {
    Map<String, Integer> outcomes = new TreeMap<>();
    try (DescribedServers servers = new DescribedServers()) {
      ComputeForms forms = new ComputeForms(servers, temporary.getRoot().toPath());
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        Random random = new Random(seed);
        Schema schema = schema(random);
        int form = random.nextInt(forms.count());
        forms.describe(form, Map.of(1, schema), Store.NO_SCHEMA);
        CountByValueRequest request = request(seed, random, schema, forms.get(form));
        CountByValueResponse java = servers.countInJava(request);
        CountByValueResponse rust = servers.countInRust(request);
        String where =
            "seed "
                + seed
                + "\n"
                + schema
                + "\n"
                + request.getFieldNamesList()
                + " top "
                + request.getTopK();
        assertEquals(where, java, rust);
        outcomes.merge(Integer.toString(rust.getErrorCode()), 1, Integer::sum);
      }
    }
    System.out.println(CASES + " requests: " + outcomes);
    assertTrue(outcomes.toString(), outcomes.getOrDefault("200", 0) > CASES / 2);
    assertTrue(outcomes.toString(), outcomes.getOrDefault("400", 0) > CASES / 20);
  }

  private static Schema schema(Random random) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      // One of nine cannot be counted.
      boolean counted = random.nextInt(9) != 0;
      fields.add(
          CountedRecords.field(
              i,
              counted ? CountedRecords.type(random, i) : "{'type':'array','items':'float'}"));
    }
    return CountedRecords.schema(fields);
  }

  private static CountByValueRequest request(
      long seed, Random random, Schema schema, StoreVersion version) throws Exception {
    CountByValueRequest.Builder request =
        CountByValueRequest.newBuilder()
            .setResourceName(version.resource())
            .setTopK(random.nextInt(15) == 0 ? -random.nextInt(2) : 1 + random.nextInt(6));
    int keys = random.nextInt(60);
    for (int i = 0; i < keys; i++) {
      byte[] key = ("count" + seed + "-" + i).getBytes(StandardCharsets.UTF_8);
      if (random.nextInt(10) != 0) {
        GenericRecord value = CountedRecords.record(random, schema);
        version.put(key, 1, JavaAvro.write(schema, value, false));
      }
      for (int times = random.nextInt(8) == 0 ? 2 : 1; times > 0; times--) {
        request.addKeys(ByteString.copyFrom(key));
      }
    }
    for (Schema.Field field : schema.getFields()) {
      // A field that cannot be counted spoils the request: not too often.
      boolean counted = field.schema().getType() != Schema.Type.ARRAY || random.nextInt(4) == 0;
      if (counted && random.nextInt(4) != 0) {
        request.addFieldNames(field.name());
      }
    }
    if (random.nextInt(20) == 0) {
      request.addFieldNames(random.nextBoolean() ? "nowhere" : "");
    }
    boolean sound = request.getFieldNamesCount() > 0;
    for (String name : request.getFieldNamesList()) {
      Schema.Field field = schema.getField(name);
      sound &= field != null && field.schema().getType() != Schema.Type.ARRAY;
    }
    // Of two things that are wrong, either may be told.
    return sound ? request.build() : request.setTopK(1).build();
  }
}
