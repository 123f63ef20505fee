package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The files of the release under test, whose paths BUILD.bazel passes as system properties. */
final class ReleaseFiles {
  static final String LINUX_X86_64 = "librocksdbjni-linux64.so";
  static final String LINUX_AARCH64 = "librocksdbjni-linux-aarch64.so";
  static final String MACOS_X86_64 = "librocksdbjni-osx-x86_64.jnilib";
  static final String MACOS_AARCH64 = "librocksdbjni-osx-arm64.jnilib";
  static final List<String> LIBRARIES =
      List.of(LINUX_X86_64, LINUX_AARCH64, MACOS_X86_64, MACOS_AARCH64);

  private ReleaseFiles() {}

  /** The file behind a property. */
  static Path path(String property) {
    return Path.of(System.getProperty(property));
  }

  /** The names of a jar's entries, in the order in which they stand there. */
  static List<String> entries(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      List<String> names = new ArrayList<>();
      for (ZipEntry entry : Collections.list(file.entries())) {
        names.add(entry.getName());
      }
      return names;
    }
  }

  /** The content of a jar's entry. */
  static byte[] entry(Path jar, String name) throws IOException {
    try (JarFile file = new JarFile(jar.toFile());
        InputStream content = file.getInputStream(file.getEntry(name))) {
      return content.readAllBytes();
    }
  }

  /**
   * How many natives of {@code org.rocksdb} a library exports: all of the list that anyone defines.
   */
  static long rocksJavaNatives() throws IOException {
    try (Stream<String> lines = Files.lines(path("release.natives"))) {
      return lines.skip(1).filter(line -> !line.endsWith(",nobody")).count();
    }
  }

  /**
   * A library exports what the JVM looks up, and nothing else.
   *
   * @param before what its system puts before each name
   */
  static void assertExportsNatives(Set<String> exported, String before) throws IOException {
    long natives = 0;
    for (String symbol : exported) {
      assertTrue(
          symbol, symbol.startsWith(before + "Java_") || symbol.startsWith(before + "JNI_On"));
      natives += symbol.startsWith(before + "Java_org_rocksdb_") ? 1 : 0;
    }
    assertEquals(rocksJavaNatives(), natives);
    assertTrue(exported.contains(before + "JNI_OnLoad"));
    assertTrue(exported.contains(before + "JNI_OnUnload"));
    String ours = "Java_com_linkedin_venice_rust_ReadServerNatives_start0";
    assertTrue(exported.contains(before + ours));
  }

  /** A library of the release, as it is shipped. */
  static byte[] library(String name) throws IOException {
    return entry(path("release.jar"), name);
  }

  /** The library with the symbols of one that is shipped. */
  static byte[] debug(String name) throws IOException {
    for (String path : System.getenv("DEBUG_SYMBOLS").split(" ")) {
      if (path.endsWith("/" + name + ".debug")) {
        return Files.readAllBytes(Path.of(path));
      }
    }
    throw new AssertionError("no debug file of " + name);
  }
}
