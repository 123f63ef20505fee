package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceMessageException;
import com.linkedin.venice.rust.testing.StoreVersionStates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/**
 * Decodes store-version states of every protocol version; {@code InternalAvroSpecificSerializer} in
 * Venice. Avro's schema resolution fills in what older versions lack.
 */
final class StoreVersionStateSerializer {
  /** The number of fields in protocol versions 1 to 7. */
  private static final int[] FIELDS = {2, 3, 4, 5, 6, 8, 9};

  private static final int PAYLOAD_OFFSET = 2;
  private static final List<Schema> WRITER_SCHEMAS = writerSchemas();

  private StoreVersionStateSerializer() {}

  /** Returns a stored state as a record of the newest version. */
  static GenericRecord deserialize(byte[] stored) {
    if (stored.length < PAYLOAD_OFFSET) {
      throw new IllegalArgumentException("Invalid byte array for serialization - no bytes to read");
    }
    if (stored[0] != StoreVersionStates.MAGIC) {
      throw new VeniceMessageException(
          "Received Magic Byte '"
              + stored[0]
              + "' which is not supported by InternalAvroSpecificSerializer. The only supported"
              + " Magic Byte for this implementation is '"
              + StoreVersionStates.MAGIC
              + "'.");
    }
    int version = stored[1];
    if (version < 1 || version > WRITER_SCHEMAS.size()) {
      throw new VeniceMessageException(
          "Received Protocol Version '"
              + version
              + "' which is not supported by InternalAvroSpecificSerializer. Protocol forward"
              + " compatibility is not enabled.");
    }
    try {
      return new GenericDatumReader<GenericRecord>(
              WRITER_SCHEMAS.get(version - 1), StoreVersionStates.SCHEMA)
          .read(
              null,
              DecoderFactory.get()
                  .binaryDecoder(stored, PAYLOAD_OFFSET, stored.length - PAYLOAD_OFFSET, null));
    } catch (IOException e) {
      throw new VeniceMessageException(
          "InternalAvroSpecificSerializer failed to decode message from: "
              + HexFormat.of().withUpperCase().formatHex(stored),
          e);
    }
  }

  private static List<Schema> writerSchemas() {
    Schema newest = StoreVersionStates.SCHEMA;
    List<Schema> schemas = new ArrayList<>();
    for (int count : FIELDS) {
      List<Schema.Field> fields = new ArrayList<>();
      for (Schema.Field field : newest.getFields().subList(0, count)) {
        fields.add(new Schema.Field(field, field.schema()));
      }
      schemas.add(
          Schema.createRecord(newest.getName(), null, newest.getNamespace(), false, fields));
    }
    return schemas;
  }
}
