package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.release.Elf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameter;
import org.junit.runners.Parameterized.Parameters;

/** The Linux libraries of the jar, by their structure. */
@RunWith(Parameterized.class)
public class LinuxLibraryTest {
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
    ReleaseFiles.assertExportsNatives(library().exported(), "");
  }

  @Test
  public void needsNothingButGlibc() throws IOException {
    OldGlibc.assertNeedsNothingElse(library());
  }

  @Test
  public void loadsOnOldGlibc() throws IOException {
    OldGlibc.assertLoads(library());
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
