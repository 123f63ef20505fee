package com.linkedin.venice.rust.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes who else's work is in the native libraries, and under which licences: from the manifests
 * and licence files of the packages that the build graph links.
 *
 * <pre>third_party OUTPUT FILE...</pre>
 *
 * <p>Each package is a folder, directly under one named {@code external}, that holds a {@code
 * Cargo.toml} or a {@code package.properties} with {@code name}, {@code version} and {@code
 * license}.
 */
public final class ThirdParty {
  /** Licences that a library under BSD-2-Clause may carry inside. */
  private static final Set<String> ALLOWED =
      Set.of(
          "0BSD",
          "Apache-2.0",
          "Apache-2.0 WITH LLVM-exception",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "BSL-1.0",
          "CC0-1.0",
          "CDLA-Permissive-2.0",
          "ISC",
          "MIT",
          "MIT-0",
          "Unicode-3.0",
          "Unlicense",
          "Zlib",
          "bzip2-1.0.6");

  private static final Pattern FIELD =
      Pattern.compile("(?m)^(name|version|license)\\s*=\\s*\"?([^\"\\n]+)\"?\\s*$");
  private static final Pattern PACKAGE_SECTION =
      Pattern.compile("(?s)\\[package\\](.*?)(\\n\\[|\\z)");

  /** One package: its manifest's fields and its licence files' texts by path. */
  private static final class Package {
    final Map<String, String> fields = new TreeMap<>();
    final Map<String, String> texts = new TreeMap<>();
  }

  private ThirdParty() {}

  /** Runs it; see the class. */
  public static void main(String[] arguments) throws IOException {
    Map<String, Package> packages = new TreeMap<>();
    for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
      Path file = Path.of(argument);
      Package owner = packages.computeIfAbsent(folder(file), key -> new Package());
      // Not readString, which refuses the bytes of other encodings.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      String name = file.getFileName().toString();
      boolean isManifest = name.equals("Cargo.toml") || name.equals("package.properties");
      if (isManifest && file.getParent().getFileName().toString().equals(folder(file))) {
        owner.fields.putAll(fields(name, text));
      } else if (!isManifest) {
        owner.texts.put(argument, text.strip());
      }
    }
    Files.writeString(Path.of(arguments[0]), write(packages.values()));
  }

  /** The name of the folder under {@code external} that a file lies in. */
  private static String folder(Path file) {
    for (int part = 0; part + 1 < file.getNameCount(); part++) {
      if (file.getName(part).toString().equals("external")) {
        return file.getName(part + 1).toString();
      }
    }
    return file.getParent().getFileName().toString();
  }

  private static Map<String, String> fields(String file, String text) {
    String section = text;
    if (file.equals("Cargo.toml")) {
      Matcher matcher = PACKAGE_SECTION.matcher(text);
      section = matcher.find() ? matcher.group(1) : "";
    }
    Map<String, String> fields = new TreeMap<>();
    Matcher matcher = FIELD.matcher(section);
    while (matcher.find()) {
      fields.putIfAbsent(matcher.group(1), matcher.group(2).strip());
    }
    return fields;
  }

  /**
   * The text of the file.
   *
   * @throws IllegalArgumentException if a package names no licence, or one that is not allowed
   */
  private static String write(Iterable<Package> packages) {
    Map<String, TreeSet<String>> textOwners = new LinkedHashMap<>();
    TreeSet<String> lines = new TreeSet<>();
    for (Package each : packages) {
      String name = each.fields.getOrDefault("name", "?");
      String title = name + " " + each.fields.getOrDefault("version", "?");
      String licence = each.fields.get("license");
      if (licence == null || !isAllowed(licence)) {
        throw new IllegalArgumentException(
            title + " is under " + licence + ", which is none of " + new TreeSet<>(ALLOWED));
      }
      lines.add(title + ": " + licence);
      for (String text : each.texts.values()) {
        textOwners.computeIfAbsent(text, key -> new TreeSet<>()).add(title);
      }
    }
    StringBuilder out = new StringBuilder();
    out.append("The native libraries of this jar contain work of others, under these licences.\n");
    out.append("Where licences are joined by OR, or by a slash, either may be chosen.\n\n");
    lines.forEach(line -> out.append("  ").append(line).append('\n'));
    out.append("\nThe texts of the licences, as their authors ship them:\n");
    List<Map.Entry<String, TreeSet<String>>> texts = new ArrayList<>(textOwners.entrySet());
    texts.sort((left, right) -> left.getValue().first().compareTo(right.getValue().first()));
    for (Map.Entry<String, TreeSet<String>> text : texts) {
      out.append("\n").append("-".repeat(80)).append("\n");
      out.append(String.join(", ", text.getValue())).append("\n\n");
      out.append(text.getKey()).append("\n");
    }
    return out.toString();
  }

  /** Whether the licence expression (SPDX, or Cargo's older form with slashes) can be met. */
  private static boolean isAllowed(String expression) {
    String plain = expression.replace("(", " ").replace(")", " ");
    for (String conjunct : plain.split("\\s+AND\\s+")) {
      boolean any = false;
      for (String choice : conjunct.split("\\s+OR\\s+|\\s*/\\s*")) {
        any |= ALLOWED.contains(choice.strip());
      }
      if (!any) {
        return false;
      }
    }
    return true;
  }
}
