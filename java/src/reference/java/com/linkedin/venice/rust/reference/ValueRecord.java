package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;

/**
 * A value as it is answered.
 *
 * @param schemaId the writer schema's id
 * @param data the payload, without the header of the stored record
 */
record ValueRecord(int schemaId, ByteString data) {
  /** Bytes of the schema id in front of every stored record, big-endian. */
  static final int SCHEMA_HEADER_LENGTH = 4;

  /**
   * Returns the schema id of a stored record; one too short for it is an {@code
   * ArrayIndexOutOfBoundsException}, as in Venice's {@code ByteUtils#readInt}.
   */
  static int parseSchemaId(byte[] stored) {
    return (stored[0] & 0xff) << 24
        | (stored[1] & 0xff) << 16
        | (stored[2] & 0xff) << 8
        | stored[3] & 0xff;
  }
}
