package com.linkedin.venice.serializer;

/** Signature of Venice's interface of this name; compiled against only. */
public interface RecordSerializer<T> {
  byte[] serialize(T object);
}
