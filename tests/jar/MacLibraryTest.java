package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.release.CodeSignature;
import com.linkedin.venice.rust.release.MachO;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameter;
import org.junit.runners.Parameterized.Parameters;

/**
 * The macOS libraries of the jar, by their structure: all that can be seen of them on another
 * system. On a Mac, the tests that load the library run as well.
 */
@RunWith(Parameterized.class)
public class MacLibraryTest {
  @Parameters(name = "{0}")
  public static Object[][] libraries() {
    return new Object[][] {
      {ReleaseFiles.MACOS_X86_64, MachO.CPU_X86_64}, {ReleaseFiles.MACOS_AARCH64, MachO.CPU_ARM64},
    };
  }

  @Parameter(0)
  public String name;

  @Parameter(1)
  public int cpu;

  private MachO library() throws IOException {
    return MachO.read(ReleaseFiles.library(name));
  }

  @Test
  public void isOfItsCpuAndSystem() throws IOException {
    assertEquals(cpu, library().cpu());
    assertEquals("11.0", library().minimumSystem());
  }

  @Test
  public void exportsWhatTheJvmLooksUpAndNothingElse() throws IOException {
    ReleaseFiles.assertExportsNatives(library().exported(), "_");
    assertEquals(library().exported(), library().definedGlobals());
  }

  @Test
  public void takesNothingOfItsOwnFromOtherLibraries() throws IOException {
    assertEquals(Set.of(), library().coalesced());
    // So the finishing did something.
    assertFalse(MachO.read(ReleaseFiles.debug(name)).coalesced().isEmpty());
  }

  @Test
  public void needsTheSystemLibraryOnly() throws IOException {
    assertEquals(List.of("/usr/lib/libSystem.B.dylib"), library().needed());
  }

  @Test
  public void hasTheInstallNameOfARelocatableLibrary() throws IOException {
    assertEquals("@rpath/librocksdbjni.jnilib", library().installName());
  }

  @Test
  public void isSignedByNobodyAndWhole() throws IOException {
    CodeSignature signature = library().signature().orElseThrow();
    assertTrue(signature.isAdHoc());
    assertTrue(signature.isRight());
  }

  @Test
  public void aChangedByteBreaksTheSignature() throws IOException {
    byte[] changed = ReleaseFiles.library(name);
    changed[changed.length / 2] ^= 1;
    assertFalse(MachO.read(changed).signature().orElseThrow().isRight());
  }

  @Test
  public void symbolsStandInTheDebugFile() throws IOException {
    TreeSet<String> symbols = MachO.read(ReleaseFiles.debug(name)).definedGlobals();
    assertTrue(symbols.containsAll(library().definedGlobals()));
  }

  @Test
  public void tellsNothingOfTheMachineThatBuiltIt() throws IOException {
    String text = new String(ReleaseFiles.library(name), StandardCharsets.ISO_8859_1);
    for (String trace : List.of("/_bazel_", "/sandbox/", "/home/", "bazel-out/")) {
      assertFalse(trace, text.contains(trace));
    }
  }
}
