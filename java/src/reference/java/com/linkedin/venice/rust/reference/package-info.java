/**
 * A read server in Java that answers a Fast Client over gRPC as Venice's own does: grpc-java on
 * {@code org.rocksdb}. The Rust server is compared with it, in what it answers and in its speed.
 *
 * <p>Classes are called as in Venice, where they are in {@code com.linkedin.venice.listener.grpc}
 * and below, and in {@code com.linkedin.davinci.storage}. Start at {@link
 * com.linkedin.venice.rust.reference.VeniceServerGrpcRequestProcessor}, which names the steps of a
 * request. Metrics and access control are not here.
 */
package com.linkedin.venice.rust.reference;
