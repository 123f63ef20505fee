/**
 * What Venice's server computes of values, on Java Avro: read compute, and the counts of VIP-5. The
 * reference server and the tests of {@code rust/compute} have it in common.
 *
 * <p>Classes are called as in Venice, where they are in {@code com.linkedin.venice.compute}. No
 * schema of a value or a result is known here; callers bring them.
 */
package com.linkedin.venice.rust.reference.compute;
