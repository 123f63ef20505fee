package com.linkedin.venice.rust.release;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Packs a jar whose bytes depend on nothing but what is packed: entries in the order of their
 * names, behind the manifest, all of one date.
 *
 * <pre>pack_jar OUTPUT [--manifest NAME=VALUE] [--entry NAME=FILE] [--classes JAR] ...</pre>
 */
public final class PackJar {
  /** The first moment that every program which reads jars can express. */
  private static final LocalDateTime DATE = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final TreeMap<String, byte[]> entries = new TreeMap<>();
  private final TreeMap<String, String> attributes = new TreeMap<>();

  /** Runs it; see the class. */
  public static void main(String[] arguments) throws IOException {
    PackJar jar = new PackJar();
    for (int index = 1; index + 1 < arguments.length; index += 2) {
      String value = arguments[index + 1];
      int equals = value.indexOf('=');
      switch (arguments[index]) {
        case "--manifest" -> jar.manifest(value.substring(0, equals), value.substring(equals + 1));
        case "--entry" ->
            jar.entry(
                value.substring(0, equals),
                Files.readAllBytes(Path.of(value.substring(equals + 1))));
        case "--classes" -> jar.classes(Path.of(value));
        default -> throw new IllegalArgumentException("unknown option " + arguments[index]);
      }
    }
    Files.write(Path.of(arguments[0]), jar.pack());
  }

  /** Adds an attribute to the manifest's main section. */
  PackJar manifest(String name, String value) {
    attributes.put(name, value);
    return this;
  }

  /**
   * Adds an entry.
   *
   * @throws IllegalArgumentException if there is one of this name: two platforms whose libraries
   *     claim the same name would shadow each other
   */
  PackJar entry(String name, byte[] content) {
    if (entries.putIfAbsent(name, content) != null) {
      throw new IllegalArgumentException(
          "two files claim the entry " + name + " of the jar; give each its own name");
    }
    return this;
  }

  private void classes(Path jar) throws IOException {
    try (ZipFile file = new ZipFile(jar.toFile())) {
      Enumeration<? extends ZipEntry> all = file.entries();
      while (all.hasMoreElements()) {
        ZipEntry entry = all.nextElement();
        if (!entry.isDirectory() && !entry.getName().startsWith("META-INF/")) {
          try (InputStream content = file.getInputStream(entry)) {
            entry(entry.getName(), content.readAllBytes());
          }
        }
      }
    }
  }

  byte[] pack() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
      zip.setLevel(Deflater.BEST_COMPRESSION);
      zip.putNextEntry(dated("META-INF/MANIFEST.MF"));
      writeManifest(zip);
      zip.closeEntry();
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(dated(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return out.toByteArray();
  }

  private void writeManifest(OutputStream out) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    // Attributes are written in the order of insertion; Attributes.write puts the version first.
    attributes.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    manifest.write(out);
  }

  private static ZipEntry dated(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(DATE);
    return entry;
  }
}
