package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import org.junit.runners.Parameterized.Parameters;

/** The same on a store that is compressed with the zstd dictionary of its version. */
public class AvroStoreClientZstdEndToEndTest extends AvroStoreClientEndToEndTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).withCompressions(CompressionStrategy.ZSTD_WITH_DICT).permutations();
  }
}
