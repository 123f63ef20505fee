package com.linkedin.venice.rust.tests.avro;

import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;

/**
 * Fields that rust/avro copies against those of Java Avro, byte by byte: random schemas, changes of them for the reader,
 * values, blocks with and without sizes, and records that are cut off.
 */
public class FieldsTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);
  private static final int RECORDS = 8;

  /** What Java makes of a record, or null if it cannot read it. */
  private static GenericRecord read(JavaAvro.Reader reader, byte[] bytes) {
    try {
      return reader.read(bytes);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static byte[] fields(GenericRecord record, List<String> names) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String name : names) {
      Schema schema = record.getSchema().getField(name).schema();
      out.write(JavaAvro.write(schema, record.get(name), false));
    }
    return out.toByteArray();
  }

  @Test
  public void fieldsAreJavas() throws IOException {
    int read = 0;
    int unread = 0;
    int changed = 0;
    try (RustProgram rust = new RustProgram(System.getProperty("program"))) {
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        Random random = new Random(seed);
        RandomSchemas schemas = new RandomSchemas(random);
        RandomSchemas.Type type = schemas.record(3);
        Schema writer = new Schema.Parser().parse(RandomSchemas.json(type));
        String readerText = RandomSchemas.json(random.nextInt(5) == 0 ? type : schemas.changed(type));
        Schema reader;
        JavaAvro.Reader java;
        try {
          reader = new Schema.Parser().parse(readerText);
          java = new JavaAvro.Reader(writer, reader);
        } catch (RuntimeException e) {
          // A change has made a name stand before its type, for example.
          continue;
        }
        if (reader.getType() != Schema.Type.RECORD) {
          continue;
        }
        changed += writer.equals(reader) ? 0 : 1;
        List<byte[]> records = new ArrayList<>();
        Set<byte[]> cut = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < RECORDS; i++) {
          Object value = schemas.value(writer, 8);
          byte[] bytes = JavaAvro.write(writer, value, random.nextBoolean());
          records.add(bytes);
          if (i % 4 == 3) {
            byte[] half = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            records.add(half);
            cut.add(half);
          }
        }
        List<String> all =
            reader.getFields().stream().map(Schema.Field::name).collect(Collectors.toList());
        List<String> some = new ArrayList<>(all);
        Collections.shuffle(some, random);
        some = some.subList(0, random.nextInt(some.size() + 1));
        for (List<String> names : Arrays.asList(all, some)) {
          RustProgram.Case sent = new RustProgram.Case();
          rust.send(
              sent.text(writer.toString()).text(reader.toString()).texts(names).all(records));
          String where = "seed " + seed + ", fields " + names + "\nwriter " + writer + "\nreader " + reader;
          if (!rust.isAnswer()) {
            fail(where + "\nno program: " + rust.text());
          }
          for (byte[] bytes : records) {
            GenericRecord expected = read(java, bytes);
            boolean answered = rust.isAnswer();
            byte[] answer = rust.bytes();
            String record = where + "\nrecord " + Arrays.toString(bytes);
            if (expected == null) {
              // Fields that nobody asked for may be anything, and what lies behind the last one too.
              if (answered && names == all && !cut.contains(bytes)) {
                fail(record + "\nJava cannot read it, and Rust does");
              }
              unread++;
              continue;
            }
            read++;
            if (!answered) {
              fail(record + "\nRust: " + new String(answer));
            }
            byte[] wanted = fields(expected, names);
            if (!Arrays.equals(wanted, answer)) {
              fail(record + "\nJava " + Arrays.toString(wanted) + "\nRust " + Arrays.toString(answer));
            }
          }
        }
      }
    }
    System.out.println(
        CASES + " cases, " + changed + " with two schemas: " + read + " records read, " + unread + " not");
    assertTrue("most records can be read", read > unread);
    assertTrue("readers have other schemas", changed > CASES / 3);
    assertTrue("some records cannot be read", unread > CASES / 10);
  }
}
