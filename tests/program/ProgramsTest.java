package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.release.CodeSignature;
import com.linkedin.venice.rust.release.Elf;
import com.linkedin.venice.rust.release.MachO;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** The program for four platforms, by its structure: what can be seen of it on another machine. */
public class ProgramsTest {
  private static byte[] program(String platform) throws IOException {
    return file(System.getenv("PROGRAMS"), "-" + platform);
  }

  private static byte[] file(String paths, String end) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String path : paths.split(" ")) {
      if (path.endsWith(end)) {
        found.add(Path.of(path));
      }
    }
    assertEquals(paths, 1, found.size());
    return Files.readAllBytes(found.get(0));
  }

  @Test
  public void thereIsOneForEachPlatform() {
    assertEquals(4, System.getenv("PROGRAMS").split(" ").length);
  }

  @Test
  public void thoseOfLinuxNeedAnOldGlibcAndNothingElse() throws IOException {
    for (Map.Entry<String, Integer> platform :
        Map.of("linux-x86_64", Elf.EM_X86_64, "linux-aarch64", Elf.EM_AARCH64).entrySet()) {
      Elf program = Elf.read(program(platform.getKey()));
      assertEquals((int) platform.getValue(), program.machine());
      OldGlibc.assertNeedsNothingElse(program);
      OldGlibc.assertLoads(program);
    }
  }

  @Test
  public void symbolsStandInTheDebugFiles() throws IOException {
    for (String platform : List.of("linux-x86_64", "linux-aarch64")) {
      byte[] shipped = program(platform);
      Elf debug = Elf.read(file(System.getenv("DEBUG_SYMBOLS"), platform + ".debug"));
      assertFalse(Elf.read(shipped).hasSymbolTable());
      assertTrue(debug.hasSymbolTable());
      assertEquals(40, debug.buildId().length());
      assertEquals(debug.buildId(), Elf.read(shipped).buildId());
      assertArrayEquals(shipped, debug.stripped());
    }
  }

  @Test
  public void thoseOfMacNeedTheSystemLibraryOnly() throws IOException {
    for (Map.Entry<String, Integer> platform :
        Map.of("macos-x86_64", MachO.CPU_X86_64, "macos-aarch64", MachO.CPU_ARM64).entrySet()) {
      MachO program = MachO.readProgram(program(platform.getKey()));
      assertEquals((int) platform.getValue(), program.cpu());
      assertEquals("11.0", program.minimumSystem());
      assertEquals(List.of("/usr/lib/libSystem.B.dylib"), program.needed());
    }
  }

  @Test
  public void thatOfArmMacsIsSignedByNobodyAndWhole() throws IOException {
    // Apple's kernel runs no other there.
    byte[] program = program("macos-aarch64");
    CodeSignature signature = MachO.readProgram(program).signature().orElseThrow();
    assertTrue(signature.isAdHoc());
    assertTrue(signature.isRight());
    program[program.length / 2] ^= 1;
    assertFalse(MachO.readProgram(program).signature().orElseThrow().isRight());
  }

  @Test
  public void theyTellNothingOfTheMachineThatBuiltThem() throws IOException {
    for (String platform :
        List.of("linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-aarch64")) {
      String text = new String(program(platform), StandardCharsets.ISO_8859_1);
      for (String trace : List.of("/_bazel_", "/sandbox/", "/home/", "bazel-out/")) {
        assertFalse(platform + ": " + trace, text.contains(trace));
      }
    }
  }
}
