package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.Test;

/** What is in the jar, and how large it is. */
public class JarTest {
  /** Bytes of the jar at its last release, or since; a change of more than a tenth is looked at. */
  private static final long RECORDED_BYTES = 28_700_000;

  /**
   * How much larger than rocksdbjni's the libraries may be, as they are when unpacked. They have a
   * server in them: TLS, HTTP/2, gRPC's services, metrics and their exporters, the admin socket,
   * read compute on Avro records.
   */
  private static final double MAX_TIMES_ROCKSDBJNI = 1.5;

  private static final Pattern OUR_CLASSES =
      Pattern.compile("com/linkedin/venice/rust/(metrics/(opentelemetry/)?)?[A-Za-z0-9$]+\\.class");

  private static final Path JAR = ReleaseFiles.path("release.jar");

  @Test
  public void holdsWhatIsListedAndNothingElse() throws IOException {
    List<String> others = new ArrayList<>();
    for (String entry : ReleaseFiles.entries(JAR)) {
      boolean isClass = OUR_CLASSES.matcher(entry).matches();
      if (!isClass && !ReleaseFiles.LIBRARIES.contains(entry)) {
        others.add(entry);
      }
    }
    assertEquals(
        List.of(
            "META-INF/MANIFEST.MF",
            "META-INF/LICENSE",
            "META-INF/THIRD-PARTY.txt",
            "META-INF/maven/com.linkedin.venice/venice-rust/pom.xml"),
        others);
    assertTrue(ReleaseFiles.entries(JAR).containsAll(ReleaseFiles.LIBRARIES));
    assertTrue(ReleaseFiles.entries(JAR).contains("com/linkedin/venice/rust/RustReadServer.class"));
  }

  @Test
  public void manifestNamesTheModuleAndAsksForNativeAccess() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Attributes attributes = jar.getManifest().getMainAttributes();
      assertEquals("com.linkedin.venice.rust", attributes.getValue("Automatic-Module-Name"));
      assertEquals("ALL-UNNAMED", attributes.getValue("Enable-Native-Access"));
      assertEquals(version(), attributes.getValue("Implementation-Version"));
    }
  }

  @Test
  public void versionIsOneEverywhere() throws IOException {
    String version = version();
    assertTrue(JAR.getFileName().toString().equals("venice-rust-" + version + ".jar"));
    String module = Files.readString(ReleaseFiles.path("release.module"));
    assertTrue(module.contains("version = \"" + version + "\""));
    String cargo = Files.readString(ReleaseFiles.path("release.cargo"));
    assertTrue(cargo.contains("[workspace.package]\nversion = \"" + version + "\""));
    String pom = Files.readString(ReleaseFiles.path("release.pom"));
    assertTrue(pom.contains("<version>" + version + "</version>"));
  }

  private static String version() {
    return JAR.getFileName().toString().replaceAll("venice-rust-|\\.jar", "");
  }

  @Test
  public void namesWhatOthersMade() throws IOException {
    String text =
        new String(ReleaseFiles.entry(JAR, "META-INF/THIRD-PARTY.txt"), StandardCharsets.UTF_8);
    for (String part :
        List.of(
            "rust-librocksdb-sys 0.34.0",
            "lz4-sys",
            "zstd-sys",
            "libz-sys",
            "bzip2-sys",
            "snappy",
            "tokio 1.",
            "hyper 1.",
            "jni 0.22",
            "Rust standard library",
            "libc++")) {
      assertTrue(part, text.contains("  " + part) || text.contains(part));
    }
    // What runs at build time only is not in the libraries.
    assertTrue(!text.contains("  cc 1.") && !text.contains("  bindgen"));
  }

  @Test
  public void sizeIsTheRecordedOne() throws IOException {
    long bytes = Files.size(JAR);
    assertTrue(
        bytes + " bytes, recorded are " + RECORDED_BYTES + "; if that is meant, record it",
        Math.abs(bytes - RECORDED_BYTES) < RECORDED_BYTES / 10);
  }

  @Test
  public void librariesAreHardlyLargerThanRocksdbjnis() throws IOException {
    Path rocksdbjni = ReleaseFiles.path("release.rocksdbjni");
    long ours = 0;
    long theirs = 0;
    for (String library : ReleaseFiles.LIBRARIES) {
      ours += ReleaseFiles.entry(JAR, library).length;
      theirs += ReleaseFiles.entry(rocksdbjni, library).length;
    }
    assertTrue(ours + " bytes against " + theirs, ours <= (long) (theirs * MAX_TIMES_ROCKSDBJNI));
  }
}
