package com.linkedin.venice.rust.tests.compute;

import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.rust.reference.compute.ComputeUtils;
import com.linkedin.venice.rust.reference.compute.ValueReader;
import com.linkedin.venice.rust.tests.avro.JavaAvro;
import com.linkedin.venice.rust.tests.avro.RustProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;

/**
 * Results of rust/compute against those of Venice's operators, byte by byte: random values, schemas
 * that have changed, operations on fields of any type, vectors of any size, parameters of the wrong
 * one, and requests that are refused. Two things are put into one form first: NaN, whose bits are
 * nobody's choice, and the text about a vector that is no list, which in Java has the whole record
 * in it.
 */
public class ComputeTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);

  /** What Java answers: a record for each value, or a text. */
  private static List<byte[]> expected(RandomRequest drawn, Schema readAs) throws IOException {
    ComputeUtils.checkResultSchema(drawn.result, drawn.reader, drawn.operations);
    ValueReader reader = new ValueReader(drawn.writer, readAs);
    List<byte[]> results = new ArrayList<>();
    for (byte[] value : drawn.values) {
      GenericRecord result = new GenericData.Record(drawn.result);
      ComputeUtils.computeResult(drawn.operations, reader.read(value, 0, value.length), result);
      results.add(JavaAvro.write(drawn.result, result, false));
    }
    return results;
  }

  @Test
  public void resultsAreVenices() throws IOException {
    int computed = 0;
    int failed = 0;
    int refused = 0;
    int withErrors = 0;
    int otherTypes = 0;
    int unneeded = 0;
    try (RustProgram rust = new RustProgram(System.getProperty("program"))) {
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        RandomRequest drawn = new RandomRequest(seed);
        rust.send(
            new RustProgram.Case()
                .text(drawn.writer.toString())
                .text(drawn.reader.toString())
                .bytes(drawn.request())
                .all(drawn.values));
        String where =
            "seed "
                + seed
                + "\nwriter "
                + drawn.writer
                + "\nreader "
                + drawn.reader
                + "\nresult "
                + drawn.result;
        List<byte[]> expected = null;
        RuntimeException exception = null;
        try {
          expected = expected(drawn, drawn.reader);
        } catch (RuntimeException e) {
          exception = e;
        }
        boolean answered = rust.isAnswer();
        if (answered && exception instanceof AvroTypeException) {
          // Java cannot read a field that is not needed.
          unneeded++;
          expected = expected(drawn, drawn.needed(drawn.reader));
          exception = null;
        }
        if (!answered) {
          String text = rust.text();
          if (exception == null && text.contains("the value's field of this name")) {
            // Java writes a list of integers as one of floats, for example.
            otherTypes++;
            continue;
          }
          if (exception == null) {
            fail(where + "\nJava answers, and Rust says " + text);
          }
          if (exception instanceof VeniceException) {
            refused++;
            if (!text.equals(exception.getMessage())) {
              fail(where + "\nJava " + exception.getMessage() + "\nRust " + text);
            }
          } else {
            failed++;
          }
          continue;
        }
        List<byte[]> results = new ArrayList<>();
        for (int i = 0; i < drawn.values.size(); i++) {
          results.add(rust.bytes());
        }
        if (exception != null) {
          fail(where + "\nRust answers, and Java says " + exception);
        }
        for (int i = 0; i < results.size(); i++) {
          byte[] java = RandomRequest.comparable(drawn.result, expected.get(i));
          byte[] ours = RandomRequest.comparable(drawn.result, results.get(i));
          if (!Arrays.equals(java, ours)) {
            fail(
                where
                    + "\nvalue "
                    + i
                    + "\nJava "
                    + new JavaAvro.Reader(drawn.result, drawn.result).read(java)
                    + "\nRust "
                    + new JavaAvro.Reader(drawn.result, drawn.result).read(ours));
          }
          computed++;
          withErrors += new String(java, StandardCharsets.ISO_8859_1).contains("Failed") ? 1 : 0;
        }
      }
    }
    System.out.println(
        CASES
            + " requests: "
            + computed
            + " values computed, "
            + withErrors
            + " with errors; "
            + refused
            + " requests refused, "
            + failed
            + " failed, "
            + otherTypes
            + " would take a field of another type, "
            + unneeded
            + " have fields that Java cannot read and nobody needs");
    assertTrue("most requests are answered", computed > 3 * CASES);
    assertTrue("few take fields of another type", otherTypes <= CASES / 20);
    assertTrue("some have errors", withErrors > CASES / 4);
    assertTrue("some are refused", refused > CASES / 100);
  }
}
