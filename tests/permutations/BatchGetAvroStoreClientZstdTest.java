package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import org.junit.runners.Parameterized.Parameters;

/** The same on a store that is compressed with the zstd dictionary of its version. */
public class BatchGetAvroStoreClientZstdTest extends BatchGetAvroStoreClientTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.BATCH_GET, Read.STREAMING_BATCH_GET)
        .withCompressions(CompressionStrategy.ZSTD_WITH_DICT)
        .permutations();
  }
}
