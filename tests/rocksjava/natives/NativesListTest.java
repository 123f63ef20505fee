package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.BeforeClass;
import org.junit.Test;

/**
 * Compares {@code natives.csv} with what it must agree with: the class files of the rocksdbjni jar
 * as published, and the list by which rustc checks ours and the build renames upstream's.
 *
 * <p>The rule of the names and types that a native has in C is the JNI specification's, chapters 2
 * and 3.
 */
public class NativesListTest {
  /** The Rust types that stand for a Java type among a native's arguments. */
  private static final Map<String, Set<String>> RUST_ARGUMENTS =
      Map.ofEntries(
          Map.entry("Z", Set.of("jboolean")),
          Map.entry("B", Set.of("jbyte")),
          Map.entry("S", Set.of("jshort")),
          Map.entry("C", Set.of("jchar")),
          Map.entry("I", Set.of("jint")),
          Map.entry("J", Set.of("jlong")),
          Map.entry("F", Set.of("jfloat")),
          Map.entry("D", Set.of("jdouble")),
          Map.entry("[B", Set.of("JByteArray", "jbyteArray")),
          Map.entry("[I", Set.of("JIntArray", "jintArray")),
          Map.entry("[J", Set.of("JLongArray", "jlongArray")),
          Map.entry("Ljava/lang/String;", Set.of("JString", "jstring")),
          Map.entry("Ljava/nio/ByteBuffer;", Set.of("JByteBuffer", "JObject", "jobject")));

  /** Any other array of objects, and any other object. */
  private static final Set<String> RUST_ARRAYS = Set.of("JObjectArray", "jobjectArray");

  private static final Set<String> RUST_OBJECTS = Set.of("JObject", "jobject");

  private static List<NativesList.Entry> listed;
  private static List<NativeMethod> declared;
  private static Set<String> renamed;
  private static Set<String> leased;

  @BeforeClass
  public static void readAll() throws Exception {
    listed = NativesList.read(Path.of(required("natives.csv")));
    declared = NativeMethod.ofJar(new File(required("natives.jar")));
    renamed = NativesList.symbols(Path.of(required("natives.renamed")));
    leased = NativesList.symbols(Path.of(required("natives.leased")));
  }

  @Test
  public void theListHasWhatTheClassFilesDeclare() {
    Map<String, NativeMethod> here = byDeclaration(listed.stream().map(e -> e.method()).toList());
    Map<String, NativeMethod> jar = byDeclaration(declared);
    StringBuilder changes = new StringBuilder();
    jar.keySet().stream()
        .filter(name -> !here.containsKey(name))
        .forEach(name -> changes.append("\n  only in the jar:  ").append(name));
    here.keySet().stream()
        .filter(name -> !jar.containsKey(name))
        .forEach(name -> changes.append("\n  only in the list: ").append(name));
    here.forEach(
        (name, method) -> {
          if (jar.containsKey(name) && !jar.get(name).equals(method)) {
            changes.append("\n  other symbol:     ").append(name);
          }
        });
    assertTrue(
        "the natives of rocksdbjni changed; see that each has its right owner, then run "
            + NativesList.COMMAND
            + changes,
        changes.isEmpty());
    assertEquals(1524, listed.size());
  }

  @Test
  public void theListIsAsTheProgramWritesIt() {
    List<String> written = lines(NativesList.of(declared, renamed, leased));
    List<String> here = lines(listed);
    List<String> stale = here.stream().filter(line -> !written.contains(line)).toList();
    assertEquals("stale lines; run " + NativesList.COMMAND, List.of(), stale);
    assertEquals("the order of the lines; run " + NativesList.COMMAND, written, here);
  }

  @Test
  public void theBuildRenamesWhatIsOursAndDeclared() {
    Set<String> ours =
        listed.stream()
            .filter(entry -> entry.owner() == NativesList.Owner.OURS)
            .map(entry -> entry.method().symbol())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(
        "rust/rocksjava/src/natives.rs against natives.csv",
        String.join("\n", new TreeSet<>(renamed)),
        String.join("\n", ours));
  }

  /** rustc compares each function with this list, so that both together check every signature. */
  @Test
  public void rustDeclaresOursWithTheTypesOfTheClassFiles() throws Exception {
    Map<String, String> rust = rustSignatures(Files.readString(Path.of(required("natives.rs"))));
    assertEquals(new TreeSet<>(renamed), new TreeSet<>(rust.keySet()));
    StringBuilder wrong = new StringBuilder();
    for (NativesList.Entry entry : listed) {
      String signature = rust.get(entry.method().symbol());
      if (signature != null && !matches(entry.method(), signature)) {
        wrong.append("\n  ").append(entry.method().declaration()).append(" is ").append(signature);
      }
    }
    assertTrue("types in rust/rocksjava/src/natives.rs:" + wrong, wrong.isEmpty());
  }

  /** Upstream's C++ is called by these signatures, which the linker does not compare. */
  @Test
  public void leasedNativesHaveTheTypesOfTheClassFiles() throws Exception {
    Map<String, String> signatures = new TreeMap<>();
    for (String file : System.getenv("LEASED_SOURCES").split(" ")) {
      Matcher found =
          Pattern.compile("fn (Java_\\w+)\\(([^()]*)\\)(?: -> (\\w+|\\[[^\\]]*\\]))?(?: throws)?;")
              .matcher(Files.readString(Path.of(file)));
      while (found.find()) {
        signatures.put(
            found.group(1),
            "fn(Env, JObject"
                + found.group(2).strip().replaceAll("\\s*\\w+: (\\[[^\\]]*\\]|\\w+),?", ", $1")
                + (found.group(3) == null ? ")" : ") -> " + found.group(3)));
      }
    }
    StringBuilder wrong = new StringBuilder();
    int compared = 0;
    for (NativesList.Entry entry : listed) {
      String signature = signatures.get(entry.method().symbol());
      if (signature != null) {
        compared++;
        if (!leasedMatches(entry.method(), signature)) {
          wrong.append("\n  ").append(entry.method().declaration()).append(": ").append(signature);
        }
      }
    }
    assertEquals("types in rust/rocksjava/src/leased:" + wrong, 0, wrong.length());
    assertEquals(signatures.size(), compared);
    assertTrue("natives in the lists: " + compared, compared > 1100);
  }

  private static boolean leasedMatches(NativeMethod method, String signature) {
    int end = signature.lastIndexOf(')');
    List<String> arguments =
        Pattern.compile("\\[[^\\]]*\\]|\\w+")
            .matcher(signature.substring("fn(Env, JObject".length(), end))
            .results()
            .map(found -> found.group())
            .toList();
    List<String> types = types(method.descriptor());
    String result = signature.substring(end + 1).replace(" -> ", "");
    String javaResult = method.descriptor().substring(method.descriptor().indexOf(')') + 1);
    boolean right = types.size() == arguments.size() && leasedAccepts(javaResult, result);
    for (int i = 0; right && i < types.size(); i++) {
      right = leasedAccepts(types.get(i), arguments.get(i));
    }
    return right;
  }

  /** Handles are {@code long}, many of them {@code long[]}; so are new databases. */
  private static boolean leasedAccepts(String javaType, String type) {
    if (type.startsWith("[")) {
      boolean many =
          type.endsWith("; many]")
              || type.startsWith("[open families")
              || type.startsWith("[all ");
      return javaType.equals(many ? "[J" : "J");
    }
    return switch (javaType) {
      case "V" -> type.isEmpty();
      case "Z", "B", "C", "S", "I", "J", "F", "D" ->
          RUST_ARGUMENTS.get(javaType).contains(type);
      default -> type.equals("object");
    };
  }

  /** The sentences of ARCHITECTURE.md and docs/ownership.md about leases are these numbers. */
  @Test
  public void theDocumentsSayWhichNativesHaveNoLeases() throws Exception {
    Set<String> withHandles = new TreeSet<>();
    long withoutHandles = 0;
    for (NativesList.Entry entry : listed) {
      if (entry.owner() == NativesList.Owner.UPSTREAM) {
        NativeMethod method = entry.method();
        if (types(method.descriptor()).stream().noneMatch(type -> type.endsWith("J"))
            || NativesList.NUMBERS.contains(method.symbol())) {
          withoutHandles++;
        } else {
          withHandles.add(method.className() + "." + method.name());
        }
      }
    }
    Set<String> known = new TreeSet<>(NativesList.WITHOUT_LEASES);
    listed.stream()
        .filter(entry -> entry.method().className().equals("org.rocksdb.PerfContext"))
        .forEach(entry -> known.add("org.rocksdb.PerfContext." + entry.method().name()));
    assertEquals(known, withHandles);
    String text = Files.readString(Path.of(required("natives.ownership"))).replaceAll("\\s+", " ");
    long leasedCount = count(NativesList.Owner.LEASED);
    long oursCount = count(NativesList.Owner.OURS);
    String sentence =
        String.format(
            "Of the 1,524 natives %d are ours and %,d are upstream's behind leases; %d are upstream's"
                + " alone: %d that take no handle, and %d that do.",
            oursCount,
            leasedCount,
            withoutHandles + count(withHandles),
            withoutHandles,
            count(withHandles));
    assertTrue("docs/ownership.md should say: " + sentence, text.contains(sentence));
  }

  private static long count(NativesList.Owner owner) {
    return listed.stream().filter(entry -> entry.owner() == owner).count();
  }

  private static long count(Set<String> names) {
    return listed.stream()
        .filter(entry -> entry.owner() == NativesList.Owner.UPSTREAM)
        .filter(entry -> !NativesList.NUMBERS.contains(entry.method().symbol()))
        .filter(entry -> types(entry.method().descriptor()).stream().anyMatch(t -> t.endsWith("J")))
        .filter(entry -> names.contains(entry.method().className() + "." + entry.method().name()))
        .count();
  }

  @Test
  public void whatNobodyDefinesIsDeclared() {
    Set<String> symbols =
        declared.stream().map(NativeMethod::symbol).collect(Collectors.toCollection(TreeSet::new));
    assertTrue(symbols.containsAll(NativesList.UNDEFINED_UPSTREAM.keySet()));
  }

  @Test
  public void symbolsAreMangledAsTheJvmDoes() {
    assertEquals(
        "Java_org_rocksdb_RocksDB_deprecated_1deleteFile",
        NativeMethod.symbol("org.rocksdb.RocksDB", "deprecated_deleteFile", "(J)V", false));
    assertEquals(
        "Java_a_B_00024C_d__J_3_3BLjava_lang_String_2",
        NativeMethod.symbol("a.B$C", "d", "(J[[BLjava/lang/String;)V", true));
  }

  /**
   * Reads {@code symbol: fn(arguments) -> result,} of the list's macro call, with what the file
   * calls by another name, {@code type Strings<'l> = JObjectArray<'l, JString<'l>>}, put back.
   */
  private static Map<String, String> rustSignatures(String source) {
    Map<String, String> names = new TreeMap<>();
    Matcher alias = Pattern.compile("(?m)^type (\\w+)<'l> = (\\w+)<").matcher(source);
    while (alias.find()) {
      names.put(alias.group(1), alias.group(2));
    }
    Map<String, String> signatures = new TreeMap<>();
    Matcher found =
        Pattern.compile("(Java_\\w+):\\s*(fn\\([^)]*\\)(?:\\s*->\\s*[\\w<>']+)?)").matcher(source);
    while (found.find()) {
      String signature = found.group(2).replaceAll("\\s+", " ");
      for (Map.Entry<String, String> name : names.entrySet()) {
        signature = signature.replaceAll("\\b" + name.getKey() + "\\b", name.getValue());
      }
      signatures.put(found.group(1), signature);
    }
    return signatures;
  }

  private static boolean matches(NativeMethod method, String signature) {
    String bare = withoutGenerics(signature);
    int end = bare.indexOf(')');
    List<String> arguments =
        List.of(bare.substring("fn(".length(), end).replaceAll("\\s|,\\s*$", "").split(","));
    int arrow = bare.indexOf("->");
    String result = arrow < 0 ? "V" : bare.substring(arrow + 2).strip();
    List<String> types = types(method.descriptor());
    String javaResult = method.descriptor().substring(method.descriptor().indexOf(')') + 1);
    if (arguments.size() != types.size() + 2
        || !arguments.get(1).equals(method.isStatic() ? "JClass" : "JObject")
        || !(javaResult.equals("V") ? result.equals("V") : accepts(javaResult, result))) {
      return false;
    }
    for (int i = 0; i < types.size(); i++) {
      if (!accepts(types.get(i), arguments.get(i + 2))) {
        return false;
      }
    }
    return true;
  }

  private static String withoutGenerics(String signature) {
    String bare = signature;
    for (String last = ""; !last.equals(bare); ) {
      last = bare;
      bare = bare.replaceAll("<[^<>]*>", "");
    }
    return bare;
  }

  private static boolean accepts(String javaType, String rustType) {
    Set<String> otherwise = javaType.startsWith("[") ? RUST_ARRAYS : RUST_OBJECTS;
    return RUST_ARGUMENTS.getOrDefault(javaType, otherwise).contains(rustType);
  }

  private static List<String> types(String descriptor) {
    return Pattern.compile("\\[*(?:L[^;]*;|[A-Z])")
        .matcher(descriptor.substring(1, descriptor.indexOf(')')))
        .results()
        .map(found -> found.group())
        .toList();
  }

  private static Map<String, NativeMethod> byDeclaration(List<NativeMethod> methods) {
    return methods.stream()
        .collect(
            Collectors.toMap(
                NativeMethod::declaration, Function.identity(), (a, b) -> b, TreeMap::new));
  }

  private static List<String> lines(List<NativesList.Entry> entries) {
    return entries.stream().map(NativesList.Entry::line).toList();
  }

  private static String required(String property) {
    return Objects.requireNonNull(
        System.getProperty(property), () -> "the system property " + property + " is not set");
  }
}
