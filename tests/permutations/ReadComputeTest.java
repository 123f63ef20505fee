package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.NON_EXISTING_KEY;
import static com.linkedin.venice.rust.tests.permutations.TestStores.RECORDS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.ComputeRecords;
import com.linkedin.venice.rust.testing.ComputeRequestBuilder;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A field of every record of a store, by projection; Venice's client has it as a request type. */
@Original("AvroStoreClientEndToEndTest")
public class ReadComputeTest extends PermutationTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.COMPUTES).withCompressions(CompressionStrategy.values()).permutations();
  }

  @Test
  public void testFastClientGetWithReadCompute() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    ReadServer server = Cluster.shared().server(permutation, 0);
    server.describe(TestStores.described(store).build());
    Map<String, Integer> values = new TreeMap<>();
    List<String> wanted = new ArrayList<>(keys(0, RECORDS));
    wanted.add(NON_EXISTING_KEY);
    try (StoreService service = server.storeService(permutation.transport().client())) {
      project(service, permutation.read() == Read.STREAMING_COMPUTE, store, wanted)
          .forEach((key, value) -> values.put(key, (Integer) value.get("int_field")));
    }
    assertEquals(keys(0, RECORDS), values.keySet());
    values.forEach((key, value) -> assertEquals(key, "key_" + value));
  }

  /** Returns the one field of the records of those keys that exist. */
  static Map<String, GenericRecord> project(
      StoreService service, boolean streaming, TestStores.Store store, List<String> wanted) {
    ComputeRequestBuilder request =
        new ComputeRequestBuilder(store.valueSchemas().get(1)).project("int_field");
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (String key : wanted) {
      byte[] bytes = SampleRows.avroString(key);
      int partition = VenicePartitioner.partition(bytes, store.config().partitionCount());
      keys.add(new MultiGetRecords.Key(keys.size(), bytes, partition));
    }
    byte[] answer =
        service.compute(store.config().resource(), request.body(keys), streaming).orThrow();
    Map<String, GenericRecord> records = new TreeMap<>();
    int missing = 0;
    for (ComputeRecords.Result result : ComputeRecords.decode(answer)) {
      if (result.value().length == 0) {
        missing++;
      } else {
        records.put(wanted.get(result.keyIndex()), request.result(result));
      }
    }
    assertEquals(streaming ? wanted.size() - records.size() : 0, missing);
    return records;
  }
}
