package com.linkedin.venice.rust.tests.differential;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Random sequences of what Venice calls of RocksJava, on the native library of stock rocksdbjni and
 * on ours, in two JVMs: results, exceptions and files on disk agree.
 *
 * <p>System properties: {@code stock.rocksdbjni.jar}, the jar as published; {@code our.library},
 * our library under the name that RocksJava looks for; {@code program.jar}, {@link SequenceProgram}
 * with the Java classes of RocksJava; {@code sequences}, how many. Environment: {@code
 * DIFFERENTIAL_SEED}, the first seed (default 1) alone; {@code DIFFERENTIAL_SEQUENCES}, another
 * number of seeds from there.
 */
public class DifferentialTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void bothLibrariesDoTheSame() throws Exception {
    String first = System.getenv("DIFFERENTIAL_SEED");
    String count = System.getenv("DIFFERENTIAL_SEQUENCES");
    long from = first == null ? 1 : Long.parseLong(first);
    long sequences =
        count != null
            ? Long.parseLong(count)
            : first != null ? 1 : Long.parseLong(required("sequences"));
    String program = required("program.jar");
    Path folder = Files.createTempDirectory(memory(), "differential");
    File stockJar = new File(required("stock.rocksdbjni.jar"));
    try (RunningProgram stock =
            new RunningProgram(
                stockJar + File.pathSeparator + program, folder.resolve("stock"), List.of());
        RunningProgram ours =
            new RunningProgram(
                new File(required("our.library")).getParent() + File.pathSeparator + program,
                folder.resolve("ours"),
                List.of("-Xcheck:jni"))) {
      assertTrue(stock.library(), stock.library().contains(stockJar.getName() + "!/"));
      assertTrue(ours.library(), ours.library().startsWith("file:"));
      Comparison comparison = new Comparison(stock, ours);
      for (long seed = from; seed < from + sequences; seed++) {
        String difference = comparison.difference(seed);
        if (difference != null) {
          throw new AssertionError(
              difference
                  + "\nrepeat it with ./bazelw test //tests/rocksjava/differential:DifferentialTest"
                  + " --test_env=DIFFERENTIAL_SEED="
                  + seed);
        }
        if (seed % 500 == 0) {
          System.out.println(seed + " sequences agree");
        }
      }
      assertEquals("what -Xcheck:jni reports of ours", "", ours.errors());
    }
    World.delete(folder);
    System.out.println(sequences + " sequences from seed " + from + " agree");
  }

  /** A folder in memory where there is one: databases that nobody keeps need no disk. */
  private Path memory() {
    Path shared = Path.of("/dev/shm");
    return Files.isWritable(shared) ? shared : temporary.getRoot().toPath();
  }

  private static String required(String property) {
    return Objects.requireNonNull(
        System.getProperty(property), () -> "the system property " + property + " is not set");
  }
}
