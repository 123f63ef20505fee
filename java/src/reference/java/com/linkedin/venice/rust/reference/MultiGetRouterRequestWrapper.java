package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.protocols.VeniceClientRequest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** A batch get. */
record MultiGetRouterRequestWrapper(
    String resourceName, List<MultiGetRouterRequestKeyV1> keys, boolean isStreamingRequest)
    implements RouterRequest {

  /** One key; the Avro record of this name. */
  record MultiGetRouterRequestKeyV1(int keyIndex, ByteBuffer keyBytes, int partitionId) {}

  static MultiGetRouterRequestWrapper parseMultiGetGrpcRequest(VeniceClientRequest request) {
    return new MultiGetRouterRequestWrapper(
        request.getResourceName(),
        parseKeys(request.getKeyBytes().toByteArray()),
        request.getIsStreamingRequest());
  }

  @Override
  public int keyCount() {
    return keys.size();
  }

  static List<MultiGetRouterRequestKeyV1> parseKeys(byte[] content) {
    return parseKeys(DecoderFactory.get().binaryDecoder(content, null), content);
  }

  /** Decodes the keys from where the decoder is to the end of its bytes. */
  static List<MultiGetRouterRequestKeyV1> parseKeys(BinaryDecoder decoder, byte[] content) {
    List<MultiGetRouterRequestKeyV1> keys = new ArrayList<>();
    try {
      while (!decoder.isEnd()) {
        int keyIndex = decoder.readInt();
        ByteBuffer keyBytes = readBytes(decoder, content);
        keys.add(new MultiGetRouterRequestKeyV1(keyIndex, keyBytes, decoder.readInt()));
      }
    } catch (IOException e) {
      throw new VeniceException("Could not deserialize bytes back into Avro objects", e);
    }
    return keys;
  }

  /**
   * Reads bytes without a copy, as {@code OptimizedBinaryDecoder#readBytes}: their length is an
   * int, where Avro's own decoder takes a long.
   */
  private static ByteBuffer readBytes(BinaryDecoder decoder, byte[] content) throws IOException {
    int length = decoder.readInt();
    int left = decoder.inputStream().available();
    if (length > left) {
      throw new EOFException();
    }
    // A negative length is refused here, with an IndexOutOfBoundsException.
    ByteBuffer bytes = ByteBuffer.wrap(content, content.length - left, length);
    decoder.skipFixed(length);
    return bytes;
  }
}
