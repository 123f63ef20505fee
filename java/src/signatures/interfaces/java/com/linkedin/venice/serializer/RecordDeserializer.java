package com.linkedin.venice.serializer;

import java.nio.ByteBuffer;

/** Signature of Venice's interface of this name; compiled against only. */
public interface RecordDeserializer<T> {
  T deserialize(ByteBuffer byteBuffer);
}
