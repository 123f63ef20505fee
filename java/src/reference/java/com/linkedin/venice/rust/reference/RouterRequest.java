package com.linkedin.venice.rust.reference;

/** A parsed request. */
interface RouterRequest {
  /** Returns {@code <store>_v<N>}, or whatever the client sent. */
  String resourceName();

  /** Returns the number of keys, which is the cost of the request in read capacity units. */
  int keyCount();

  /** Returns whether missing keys are reported. */
  boolean isStreamingRequest();
}
