package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import java.util.Optional;

/**
 * What a test runs with.
 *
 * @param server which server answers
 * @param library on which native library; that of this JVM
 * @param read how keys are asked for
 * @param compression how values are stored
 * @param transport how clients connect
 * @param retry whether the client asks a second replica when the first one takes long
 */
public record Permutation(
    Server server,
    Library library,
    Read read,
    CompressionStrategy compression,
    Transport transport,
    boolean retry) {

  /** A kind of server. */
  public enum Server {
    /** Venice's, as {@code java/src/reference} has it. */
    JAVA("Java"),
    /** Ours. */
    RUST("Rust");

    private final String text;

    Server(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A call that reads. */
  public enum Read {
    /** {@code VeniceReadService/get}, one call for each key. */
    SINGLE_GET("single get"),
    /** {@code VeniceReadService/batchGet}. */
    BATCH_GET("batch get"),
    /** {@code StreamingReadService/batchGet}. */
    STREAMING_BATCH_GET("streaming batch get"),
    /** Java: {@code POST /compute}. Rust: {@code ReadComputeService/compute}. */
    COMPUTE("read compute"),
    /** The same, streaming; in Rust {@code ReadComputeService/streamingCompute}. */
    STREAMING_COMPUTE("streaming read compute"),
    /** Java: {@code GET /metadata} and its like. Rust: {@code StoreMetadataService}. */
    METADATA("metadata");

    /** The calls that read values as they are. */
    static final Read[] GETS = {SINGLE_GET, BATCH_GET, STREAMING_BATCH_GET};

    /** The calls that compute. */
    static final Read[] COMPUTES = {COMPUTE, STREAMING_COMPUTE};

    private final String text;

    Read(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Returns why there can be no such server, or such a call; empty if there can. */
  Optional<String> notApplicable() {
    if (server == Server.RUST && library == Library.STOCK) {
      return Optional.of("the Rust server is a part of our library");
    }
    if (server == Server.JAVA && read == Read.STREAMING_BATCH_GET) {
      return Optional.of("Venice's VeniceReadService, all that the Java server has, cannot stream");
    }
    boolean overHttp = read.ordinal() >= Read.COMPUTE.ordinal();
    if (server == Server.JAVA && overHttp && transport != Transport.PLAIN) {
      return Optional.of("the reference server's HTTP port, where Java answers this, has no TLS");
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return String.join(
        ", ",
        server + " server",
        library + " library",
        read.toString(),
        compression.toString(),
        transport.toString(),
        retry ? "retry" : "no retry");
  }
}
