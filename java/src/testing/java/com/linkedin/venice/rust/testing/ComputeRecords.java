package com.linkedin.venice.rust.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * The answer to a compute request: {@code ComputeResponseRecordV1}, one after the other. The keys
 * of a request are as {@link MultiGetRecords} has them.
 */
public final class ComputeRecords {
  private ComputeRecords() {}

  /**
   * One record.
   *
   * @param keyIndex the request's number; negated for a missing key
   * @param value a record of the result schema; empty for a missing key
   */
  public record Result(int keyIndex, byte[] value) {}

  /**
   * Returns the records of an answer, in its order.
   *
   * @throws VeniceClientException if the bytes do not end at the end of a record
   */
  public static List<Result> decode(byte[] data) {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(data, null);
    List<Result> results = new ArrayList<>();
    try {
      while (!decoder.isEnd()) {
        int keyIndex = decoder.readInt();
        ByteBuffer value = decoder.readBytes(null);
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        results.add(new Result(keyIndex, bytes));
      }
    } catch (IOException | RuntimeException e) {
      throw new VeniceClientException(
          "record " + results.size() + " of a compute answer cannot be decoded", e);
    }
    return results;
  }
}
