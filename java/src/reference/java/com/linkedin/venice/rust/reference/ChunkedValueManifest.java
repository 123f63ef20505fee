package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceMessageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** What a large value consists of; the Avro record of this name. */
record ChunkedValueManifest(List<ByteBuffer> keysWithChunkIdSuffix, int schemaId, int size) {

  /** Decodes a manifest behind the header of its stored record. */
  static ChunkedValueManifest deserialize(byte[] stored) {
    int header = ValueRecord.SCHEMA_HEADER_LENGTH;
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(stored, header, stored.length - header, null);
    List<ByteBuffer> keys = new ArrayList<>();
    try {
      for (long n = decoder.readArrayStart(); n > 0; n = decoder.arrayNext()) {
        for (long i = 0; i < n; i++) {
          keys.add(decoder.readBytes(null));
        }
      }
      return new ChunkedValueManifest(keys, decoder.readInt(), decoder.readInt());
    } catch (IOException e) {
      throw new VeniceMessageException(
          "ChunkedValueManifestSerializer failed to decode message from: "
              + HexFormat.of().withUpperCase().formatHex(stored),
          e);
    }
  }
}
