package com.linkedin.venice.rust.tests.compute;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.reference.compute.FacetCountingUtils;
import com.linkedin.venice.rust.tests.avro.JavaAvro;
import com.linkedin.venice.rust.tests.avro.RustProgram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;

/** Counts of values by rust/compute against a plain count of what Java Avro reads. */
public class CountByValueTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);

  /** What the reference counts of a field, in its order. */
  private static List<String> expected(
      List<GenericRecord> records, Schema reader, String field, int top) {
    FacetCountingUtils counts = new FacetCountingUtils(List.of(field), reader);
    records.forEach(counts::add);
    return counts.top(field, top).entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.toList());
  }

  @Test
  public void countsAreThoseOfAPlainCount() throws IOException {
    int values = 0;
    int cut = 0;
    try (RustProgram rust = new RustProgram(System.getProperty("program"))) {
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        Random random = new Random(seed);
        List<String> written = new ArrayList<>();
        List<String> read = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(5); i++) {
          String type = CountedRecords.type(random, i);
          written.add(CountedRecords.field(i, type));
          boolean wider = type.equals("'int'") && random.nextInt(2) == 0;
          read.add(CountedRecords.field(i, wider ? "['null','long']" : type));
          if (random.nextInt(3) != 0) {
            names.add(random.nextInt(names.size() + 1), "f" + i);
          }
        }
        read.add("{'name':'added','type':'string','default':'a default'}");
        names.add("added");
        Schema writer = CountedRecords.schema(written);
        Schema reader = CountedRecords.schema(read);
        JavaAvro.Reader java = new JavaAvro.Reader(writer, reader);
        List<byte[]> encoded = new ArrayList<>();
        List<GenericRecord> records = new ArrayList<>();
        for (int i = random.nextInt(100); i > 0; i--) {
          byte[] bytes = JavaAvro.write(writer, CountedRecords.record(random, writer), false);
          encoded.add(bytes);
          records.add(java.read(bytes));
        }
        int top = 1 + random.nextInt(6);
        rust.send(
            new RustProgram.Case()
                .text(writer.toString())
                .text(reader.toString())
                .number(top)
                .texts(names)
                .all(encoded));
        assertTrue("seed " + seed, rust.isAnswer());
        for (String name : names) {
          List<String> counts = new ArrayList<>();
          for (int left = rust.number(); left > 0; left--) {
            counts.add(rust.text() + "=" + rust.number());
          }
          List<String> expected = expected(records, reader, name, top);
          assertEquals("seed " + seed + ", field " + name + " of " + reader, expected, counts);
          values += counts.size();
          cut += expected(records, reader, name, Integer.MAX_VALUE).size() > top ? 1 : 0;
        }
      }
    }
    System.out.println(
        CASES + " requests: " + values + " counts, " + cut + " fields with more values than topK");
    assertTrue("some have more values than are asked for", cut > CASES / 10);
  }
}
