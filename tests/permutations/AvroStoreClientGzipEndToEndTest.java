package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import org.junit.runners.Parameterized.Parameters;

/** The same on a store that is compressed with gzip. */
public class AvroStoreClientGzipEndToEndTest extends AvroStoreClientEndToEndTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).withCompressions(CompressionStrategy.GZIP).permutations();
  }
}
