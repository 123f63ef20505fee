package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;
import java.util.ArrayList;
import java.util.List;

/**
 * The values that the permutations of a test take: both servers, the library of this JVM, every
 * transport, and what is said here. {@code with...} returns a copy.
 */
record Axes(List<Read> reads, List<CompressionStrategy> compressions, List<Boolean> retries) {

  /** Returns the axes with these calls, values as they are, and no retry. */
  static Axes of(Read... reads) {
    return new Axes(List.of(reads), List.of(CompressionStrategy.NO_OP), List.of(false));
  }

  Axes withCompressions(CompressionStrategy... strategies) {
    return new Axes(reads, List.of(strategies), retries);
  }

  Axes withRetries(Boolean... some) {
    return new Axes(reads, compressions, List.of(some));
  }

  /** Returns every permutation, also those that cannot be: they are reported with their reason. */
  List<Permutation> permutations() {
    Library library = Library.current();
    List<Permutation> all = new ArrayList<>();
    for (CompressionStrategy compression : compressions) {
      for (Read read : reads) {
        for (boolean retry : retries) {
          for (Server server : Server.values()) {
            for (Transport transport : Transport.values()) {
              all.add(new Permutation(server, library, read, compression, transport, retry));
            }
          }
        }
      }
    }
    return all;
  }
}
