package com.linkedin.venice.rust.tests.differential;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Runs sequences in a JVM of its own, with the RocksDB library that is on its class path.
 *
 * <p>It reads lines {@code <seed> [<step to leave out>,...]} and answers each with the lines of the
 * sequence, each after "= ", and {@code end}. The first line it writes names the library.
 */
public final class SequenceProgram {
  private SequenceProgram() {}

  /** Takes the folder to work in. */
  public static void main(String[] args) throws Exception {
    RocksDB.loadLibrary();
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    String name = Environment.getJniLibraryFileName("rocksdb");
    out.println(
        SequenceProgram.class.getClassLoader().getResource(name) + " " + RocksDB.rocksdbVersion());
    out.flush();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Path directory = Files.createTempDirectory(Path.of(args[0]), "sequence");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      List<String> answer =
          new Sequence(Long.parseLong(words[0]))
              .run(directory, words.length > 1 ? steps(words[1]) : Set.of());
      answer.forEach(result -> out.println("= " + result));
      out.println("end");
      out.flush();
    }
  }

  private static Set<Integer> steps(String list) {
    Set<Integer> steps = new HashSet<>();
    Arrays.stream(list.split(",")).map(Integer::valueOf).forEach(steps::add);
    return steps;
  }
}
