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
 * as published, the list by which the build renames upstream's natives, and the list by which rustc
 * checks ours.
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

  @BeforeClass
  public static void readAll() throws Exception {
    listed = NativesList.read(Path.of(required("natives.csv")));
    declared = NativeMethod.ofJar(new File(required("natives.jar")));
    renamed = NativesList.rustNatives(Path.of(required("natives.renamed")));
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
    List<String> written = lines(NativesList.of(declared, renamed));
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
        "RUST_NATIVES of toolchains/rocksdb/rocksdb_sources.bzl against natives.csv",
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
