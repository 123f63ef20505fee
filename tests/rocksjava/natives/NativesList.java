package com.linkedin.venice.rust.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code natives.csv}: every native method of rocksdbjni, with its owner in our library.
 *
 * <p>One line for each: class, method, descriptor, {@code static} or {@code instance}, symbol,
 * owner.
 */
final class NativesList {
  /** How to write the list anew. */
  static final String COMMAND = "./bazelw run //tests/rocksjava/natives:write_natives";

  private static final String HEADER = "class,method,descriptor,kind,symbol,owner";

  /** Who defines a native. */
  enum Owner {
    /** {@code rust/rocksjava}: {@code src/natives.rs} names it. */
    OURS,
    /** {@code rust/rocksjava/src/leased}: takes leases, then calls upstream's, or ends the object. */
    LEASED,
    /** RocksDB's {@code java/rocksjni}. */
    UPSTREAM,
    /** Nobody, neither here nor in upstream's own library: see {@link #UNDEFINED_UPSTREAM}. */
    NOBODY
  }

  /** The natives that upstream declares and does not define, each with the reason. */
  static final Map<String, String> UNDEFINED_UPSTREAM =
      Map.of(
          "Java_org_rocksdb_LiveFileMetaData_newLiveFileMetaDataHandle",
          "there is no C++ for it, and nothing calls it",
          "Java_org_rocksdb_RocksEnv_disposeInternalJni",
          "the C++ function has no Jni at the end of its name; the default Env is never disposed"
              + " of",
          "Java_org_rocksdb_WBWIRocksIterator_refresh0Jni",
          "the C++ function has no Jni at the end of its name; refresh() of this class throws");

  /** Natives of upstream whose {@code long}s are numbers and no handles. */
  static final Set<String> NUMBERS =
      Set.of(
          "Java_org_rocksdb_AbstractEventListener_createNewEventListener",
          "Java_org_rocksdb_HashLinkedListMemTableConfig_newMemTableFactoryHandle",
          "Java_org_rocksdb_HashSkipListMemTableConfig_newMemTableFactoryHandle",
          "Java_org_rocksdb_HyperClockCache_newHyperClockCache",
          "Java_org_rocksdb_Logger_newLogger",
          "Java_org_rocksdb_SkipListMemTableConfig_newMemTableFactoryHandle0",
          "Java_org_rocksdb_SstPartitionerFixedPrefixFactory_newSstPartitionerFixedPrefixFactory0",
          "Java_org_rocksdb_TablePropertiesCollectorFactory_newCompactOnDeletionCollectorFactory",
          "Java_org_rocksdb_ThreadStatus_interpretOperationProperties",
          "Java_org_rocksdb_ThreadStatus_microsToStringNative",
          "Java_org_rocksdb_VectorMemTableConfig_newMemTableFactoryHandle");

  /**
   * Natives of upstream that take handles and no leases on them: what calls back into Java, and is
   * kept by RocksDB as a plain pointer; beside all of {@code PerfContext}, which is the thread's own
   * and never closed.
   */
  static final Set<String> WITHOUT_LEASES =
      Set.of(
          "org.rocksdb.AbstractComparator.usingDirectBuffers",
          "org.rocksdb.AbstractTransactionNotifier.disposeInternalJni",
          "org.rocksdb.NativeComparatorWrapper.disposeInternal",
          "org.rocksdb.RocksCallbackObject.disposeInternal",
          "org.rocksdb.TablePropertiesCollectorFactory.deleteCompactOnDeletionCollectorFactory",
          "org.rocksdb.WriteBatchWithIndex.newWriteBatchWithIndex");

  /** One line. */
  record Entry(NativeMethod method, Owner owner) {
    String line() {
      return String.join(
          ",",
          method.className(),
          method.name(),
          method.descriptor(),
          method.isStatic() ? "static" : "instance",
          method.symbol(),
          owner.name().toLowerCase());
    }
  }

  private NativesList() {}

  /** Gives each method its owner. */
  static List<Entry> of(List<NativeMethod> methods, Set<String> rustNatives, Set<String> leased) {
    return methods.stream().map(m -> new Entry(m, owner(m.symbol(), rustNatives, leased))).toList();
  }

  private static Owner owner(String symbol, Set<String> rustNatives, Set<String> leased) {
    if (rustNatives.contains(symbol)) {
      return Owner.OURS;
    }
    if (leased.contains(symbol)) {
      return Owner.LEASED;
    }
    return UNDEFINED_UPSTREAM.containsKey(symbol) ? Owner.NOBODY : Owner.UPSTREAM;
  }

  static void write(Path file, List<Entry> entries) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    entries.forEach(entry -> lines.add(entry.line()));
    Files.write(file, lines);
  }

  static List<Entry> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (!lines.get(0).equals(HEADER)) {
      throw new IOException(file + " begins with " + lines.get(0) + ", not with " + HEADER);
    }
    return lines.stream().skip(1).map(NativesList::parse).toList();
  }

  private static Entry parse(String line) {
    String[] fields = line.split(",", -1);
    if (fields.length != 6) {
      throw new IllegalArgumentException("six fields expected in the line " + line);
    }
    return new Entry(
        new NativeMethod(fields[0], fields[1], fields[2], fields[3].equals("static"), fields[4]),
        Owner.valueOf(fields[5].toUpperCase()));
  }

  /** Reads symbols, one a line. */
  static Set<String> symbols(Path file) throws IOException {
    return Set.copyOf(Files.readAllLines(file));
  }
}
