package com.linkedin.venice.rust.reference.compute;

import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.rust.reference.compute.ComputeOperation.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * What is computed of each key's value; the Avro record {@code ComputeRequestV3}.
 *
 * @param resultSchema the result's schema, as JSON
 */
public record ComputeRequest(List<ComputeOperation> operations, String resultSchema) {
  private static final Type[] BRANCHES = Type.values();

  /**
   * Decodes a request; the keys stand behind it.
   *
   * @throws VeniceException if there is none
   */
  public static ComputeRequest deserialize(BinaryDecoder decoder) {
    List<ComputeOperation> operations = new ArrayList<>();
    try {
      for (long n = decoder.readArrayStart(); n > 0; n = decoder.arrayNext()) {
        for (long i = 0; i < n; i++) {
          operations.add(operation(decoder));
        }
      }
      return new ComputeRequest(operations, decoder.readString());
    } catch (IOException | RuntimeException e) {
      throw new VeniceException("Could not deserialize bytes back into Avro object", e);
    }
  }

  private static ComputeOperation operation(BinaryDecoder decoder) throws IOException {
    // The items are a union of one branch.
    int item = decoder.readIndex();
    if (item != 0) {
      throw new IndexOutOfBoundsException("Index " + item + " out of bounds for length 1");
    }
    int type = decoder.readInt();
    Type operation = BRANCHES[decoder.readIndex()];
    String field = decoder.readString();
    List<Float> parameter = new ArrayList<>();
    if (operation != Type.COUNT) {
      for (long n = decoder.readArrayStart(); n > 0; n = decoder.arrayNext()) {
        for (long i = 0; i < n; i++) {
          parameter.add(decoder.readFloat());
        }
      }
    }
    return new ComputeOperation(type, operation, field, parameter, decoder.readString());
  }

  /** Returns the bytes of the request; those of its keys go behind them. */
  public byte[] serialize() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      encoder.writeArrayStart();
      encoder.setItemCount(operations.size());
      for (ComputeOperation operation : operations) {
        encoder.startItem();
        encoder.writeIndex(0);
        encoder.writeInt(operation.operationType());
        encoder.writeIndex(operation.operation().ordinal());
        encoder.writeString(operation.field());
        if (operation.operation() != Type.COUNT) {
          encoder.writeArrayStart();
          encoder.setItemCount(operation.parameter().size());
          for (float element : operation.parameter()) {
            encoder.startItem();
            encoder.writeFloat(element);
          }
          encoder.writeArrayEnd();
        }
        encoder.writeString(operation.resultFieldName());
      }
      encoder.writeArrayEnd();
      encoder.writeString(resultSchema);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
