package com.linkedin.venice.rust.demo;

/**
 * One row of the input.
 *
 * @param key the key as Avro binary, with its own schema
 * @param value the value as Avro binary, with its own schema
 */
record Row(byte[] key, byte[] value) {}
