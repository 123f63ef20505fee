package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.release.Elf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameter;
import org.junit.runners.Parameterized.Parameters;

/** The Linux libraries of the jar, by their structure. */
@RunWith(Parameterized.class)
public class LinuxLibraryTest {
  /** The newest glibc that any symbol may want: what the toolchain aims at. */
  private static final int GLIBC_MINOR = 17;

  @Parameters(name = "{0}")
  public static Object[][] libraries() {
    return new Object[][] {
      {ReleaseFiles.LINUX_X86_64, Elf.EM_X86_64}, {ReleaseFiles.LINUX_AARCH64, Elf.EM_AARCH64},
    };
  }

  @Parameter(0)
  public String name;

  @Parameter(1)
  public int machine;

  private Elf library() throws IOException {
    return Elf.read(ReleaseFiles.library(name));
  }

  @Test
  public void isOfItsCpu() throws IOException {
    assertEquals(machine, library().machine());
  }

  @Test
  public void exportsWhatTheJvmLooksUpAndNothingElse() throws IOException {
    TreeSet<String> exported = library().exported();
    long natives = 0;
    for (String symbol : exported) {
      assertTrue(symbol, symbol.startsWith("Java_") || symbol.startsWith("JNI_On"));
      natives += symbol.startsWith("Java_org_rocksdb_") ? 1 : 0;
    }
    assertEquals(ReleaseFiles.rocksJavaNatives(), natives);
    assertTrue(exported.contains("JNI_OnLoad"));
    assertTrue(exported.contains("JNI_OnUnload"));
    assertTrue(exported.contains("Java_com_linkedin_venice_rust_ReadServerNatives_start0"));
  }

  @Test
  public void needsNothingButGlibc() throws IOException {
    Set<String> allowed =
        Set.of(
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "ld-linux-x86-64.so.2",
            "ld-linux-aarch64.so.1");
    for (String needed : library().needed()) {
      assertTrue(needed, allowed.contains(needed));
    }
  }

  @Test
  public void loadsOnOldGlibc() throws IOException {
    Map<String, TreeSet<String>> wanted = library().wantedVersions();
    assertTrue(wanted.toString(), wanted.containsKey("libc.so.6"));
    wanted.forEach(
        (from, versions) -> {
          for (String version : versions) {
            assertTrue(from + " " + version, version.matches("GLIBC_2\\.\\d+(\\.\\d+)?"));
            int minor = Integer.parseInt(version.split("[._]")[2]);
            assertTrue(from + " " + version, minor <= GLIBC_MINOR);
          }
        });
  }

  @Test
  public void hasNoTextRelocations() throws IOException {
    assertFalse(library().hasTextRelocations());
  }

  @Test
  public void symbolsStandInTheDebugFile() throws IOException {
    Elf shipped = library();
    Elf debug = Elf.read(ReleaseFiles.debug(name));
    assertFalse(shipped.hasSymbolTable());
    assertTrue(debug.hasSymbolTable());
    assertEquals(40, shipped.buildId().length());
    assertEquals(debug.buildId(), shipped.buildId());
    assertArrayEquals(ReleaseFiles.library(name), debug.stripped());
  }

  @Test
  public void tellsNothingOfTheMachineThatBuiltIt() throws IOException {
    String text = new String(ReleaseFiles.library(name), StandardCharsets.ISO_8859_1);
    for (String trace : List.of("/_bazel_", "/sandbox/", "/home/", "bazel-out/")) {
      assertFalse(trace, text.contains(trace));
    }
  }
}
