package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.release.Elf;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a library or program for Linux may need of the machine that it runs on. */
final class OldGlibc {
  /** The newest glibc that any symbol may want: what the toolchain aims at. */
  private static final int MINOR = 17;

  private static final Set<String> ITS_LIBRARIES =
      Set.of(
          "libc.so.6",
          "libm.so.6",
          "libdl.so.2",
          "libpthread.so.0",
          "librt.so.1",
          "ld-linux-x86-64.so.2",
          "ld-linux-aarch64.so.1");

  private OldGlibc() {}

  /** It needs no other library. */
  static void assertNeedsNothingElse(Elf file) {
    for (String needed : file.needed()) {
      assertTrue(needed, ITS_LIBRARIES.contains(needed));
    }
  }

  /** It loads where glibc is as old as that, and where code may not be changed. */
  static void assertLoads(Elf file) {
    Map<String, TreeSet<String>> wanted = file.wantedVersions();
    assertTrue(wanted.toString(), wanted.containsKey("libc.so.6"));
    wanted.forEach(
        (from, versions) -> {
          for (String version : versions) {
            assertTrue(from + " " + version, version.matches("GLIBC_2\\.\\d+(\\.\\d+)?"));
            int minor = Integer.parseInt(version.split("[._]")[2]);
            assertTrue(from + " " + version, minor <= MINOR);
          }
        });
    assertFalse(file.hasTextRelocations());
  }
}
