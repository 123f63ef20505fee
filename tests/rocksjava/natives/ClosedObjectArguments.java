package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static com.linkedin.venice.rust.tests.RocksFolder.direct;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.rocksdb.*;

/** Open objects of every class of {@code org.rocksdb}, as arguments for any of its methods. */
final class ClosedObjectArguments implements AutoCloseable {
  static {
    RocksDB.loadLibrary();
  }

  /** The classes whose closed objects are given to open ones. */
  static final List<Class<?>> CLOSABLE_ARGUMENTS =
      List.of(
          ColumnFamilyHandle.class,
          ReadOptions.class,
          WriteOptions.class,
          WriteBatch.class,
          WriteBatchWithIndex.class,
          Statistics.class,
          Slice.class);

  final RocksDB db;
  final ColumnFamilyHandle family;
  final ReadOptions read = new ReadOptions();
  final WriteOptions write = new WriteOptions();
  private final Options options =
      new Options().setCreateIfMissing(true).setMergeOperatorName("stringappend");
  private final List<AutoCloseable> made = new ArrayList<>();
  private final Map<Class<?>, Object> objects = new HashMap<>();
  private int families;

  ClosedObjectArguments(String path) throws RocksDBException {
    db = RocksDB.open(options, path);
    db.put(b("key"), b("value"));
    family = newFamily();
    add(db, family, read, write, options);
    objects.put(Snapshot.class, db.getSnapshot());
    for (AutoCloseable object : newObjects()) {
      made.add(object);
      objects.putIfAbsent(object.getClass(), object);
    }
  }

  private void add(Object... all) {
    for (Object one : all) {
      objects.put(one.getClass(), one);
    }
  }

  ColumnFamilyHandle newFamily() throws RocksDBException {
    return db.createColumnFamily(new ColumnFamilyDescriptor(b("family" + families++)));
  }

  TransactionDB newTransactionDb(String path) throws RocksDBException {
    TransactionDBOptions transactions = new TransactionDBOptions();
    made.add(transactions);
    return TransactionDB.open(options, transactions, path);
  }

  /** New objects of the classes that have no test of their own. */
  List<AutoCloseable> newObjects() throws RocksDBException {
    WriteBatchWithIndex indexed = new WriteBatchWithIndex(true);
    made.add(indexed);
    return List.of(
        new ReadOptions(),
        new WriteOptions(),
        new WriteBatch(),
        new WriteBatchWithIndex(true),
        indexed.newIterator(),
        new Statistics(),
        new Options(),
        new DBOptions(),
        new ColumnFamilyOptions(),
        new EnvOptions(),
        new FlushOptions(),
        new IngestExternalFileOptions(),
        new CompactRangeOptions(),
        new CompactionOptions(),
        new CompactionOptionsFIFO(),
        new CompactionOptionsUniversal(),
        new CompressionOptions(),
        new CompactionJobInfo(),
        new CompactionJobStats(),
        new ComparatorOptions(),
        new ConfigOptions(),
        new ImportColumnFamilyOptions(),
        new OptimisticTransactionOptions(),
        new TransactionOptions(),
        new TransactionDBOptions(),
        new BackupEngineOptions(System.getProperty("java.io.tmpdir")),
        new ConcurrentTaskLimiterImpl("limiter", 1),
        new RateLimiter(1 << 20),
        new SstFileManager(Env.getDefault()),
        new LRUCache(1 << 20),
        new HyperClockCache(1 << 20, 0, 4, false),
        new BloomFilter(),
        new StringAppendOperator(),
        new UInt64AddOperator(),
        new Slice("slice"),
        new DirectSlice("slice"),
        db.getUpdatesSince(0));
  }

  AutoCloseable newOne(Class<?> type) throws RocksDBException {
    if (type == ColumnFamilyHandle.class) {
      return newFamily();
    }
    return newObjects().stream().filter(type::isInstance).findFirst().orElseThrow();
  }

  /** What takes closable arguments. */
  List<Object> targets() {
    return List.of(
        db,
        objects.get(WriteBatch.class),
        objects.get(WriteBatchWithIndex.class),
        objects.get(Options.class),
        objects.get(DBOptions.class),
        objects.get(ReadOptions.class));
  }

  private static Set<String> keptInJava(Class<?> type) {
    return KEPT_IN_JAVA.getOrDefault(type, Set.of());
  }

  /** Whether a method only looks at fields of Java, or sets them. */
  static boolean keepsInJava(Object object, Method method) {
    return keptInJava(object.getClass()).contains(method.getName())
        || keptInJava(method.getDeclaringClass()).contains(method.getName());
  }

  private static final Set<String> OF_DATABASES =
      Set.of("getEnv", "rowCache", "walFilter", "writeBufferManager");

  private static final Set<String> OF_FAMILIES =
      Set.of(
          "bottommostCompressionOptions",
          "compactionFilter",
          "compactionFilterFactory",
          "compactionOptionsFIFO",
          "compactionOptionsUniversal",
          "compactionThreadLimiter",
          "compressionOptions",
          "memTableConfig",
          "sstPartitionerFactory",
          "tableFormatConfig");

  private static final Map<Class<?>, Set<String>> KEPT_IN_JAVA =
      Map.of(
          // The level is the calling thread's.
          RocksDB.class,
          Set.of("getPerfLevel", "setPerfLevel", "getPerfContext", "getDefaultColumnFamily"),
          WriteBatch.class,
          Set.of("getWriteBatch"),
          EnvOptions.class,
          Set.of("rateLimiter"),
          BackupEngineOptions.class,
          Set.of("backupEnv", "backupRateLimiter", "infoLog", "restoreRateLimiter"),
          // Upstream's C++ has no refresh() for it.
          WBWIRocksIterator.class,
          Set.of("refresh"),
          DBOptions.class,
          OF_DATABASES,
          ColumnFamilyOptions.class,
          OF_FAMILIES,
          Options.class,
          Stream.concat(OF_DATABASES.stream(), OF_FAMILIES.stream())
              .collect(Collectors.toUnmodifiableSet()));

  static boolean isListOfFamilies(Method method, int index) {
    return element(method.getGenericParameterTypes()[index]) == ColumnFamilyHandle.class;
  }

  private static Type element(Type type) {
    return type instanceof ParameterizedType list && list.getRawType() == List.class
        ? list.getActualTypeArguments()[0]
        : null;
  }

  /** Whether there are arguments for a method: for what calls back into Java there are none. */
  boolean hasArguments(Method method) {
    return Arrays.stream(arguments(method)).allMatch(argument -> argument != null);
  }

  /** Arguments for a method, all open. */
  Object[] arguments(Method method) {
    return Arrays.stream(method.getGenericParameterTypes()).map(this::argument).toArray();
  }

  private Object argument(Type type) {
    if (type instanceof ParameterizedType generic) {
      Class<?> raw = (Class<?>) generic.getRawType();
      Object element = element(type) == null ? null : argument(element(type));
      return raw.isAssignableFrom(ArrayList.class)
          ? new ArrayList<>(element == null ? List.of() : List.of(element, element))
          : raw == Map.class ? new HashMap<>() : raw == Set.class ? Set.of() : object(raw);
    }
    if (!(type instanceof Class<?> known)) {
      return null;
    }
    if (known.isEnum()) {
      return known.getEnumConstants()[0];
    }
    return basic(known).orElseGet(() -> object(known));
  }

  private static Optional<Object> basic(Class<?> type) {
    return Optional.ofNullable(
        switch (type.getName()) {
          case "int", "java.lang.Integer" -> 0;
          case "long", "java.lang.Long" -> 0L;
          case "short" -> (short) 0;
          case "float" -> 0.0f;
          case "[Ljava.lang.String;" -> new String[0];
          case "java.time.Duration" -> java.time.Duration.ZERO;
          case "byte", "java.lang.Byte" -> (byte) 0;
          case "boolean", "java.lang.Boolean" -> false;
          case "double", "java.lang.Double" -> 0.0;
          case "char" -> 'c';
          case "[B" -> b("key");
          case "[[B" -> new byte[][] {b("key"), b("key")};
          case "[J" -> new long[0];
          case "[I" -> new int[0];
          case "java.lang.String" -> "text";
          default -> null;
        });
  }

  private Object object(Class<?> type) {
    if (type == ByteBuffer.class) {
      return direct("key");
    }
    if (type == Range.class) {
      return new Range((Slice) objects.get(Slice.class), (Slice) objects.get(Slice.class));
    }
    if (type == ColumnFamilyDescriptor.class) {
      return new ColumnFamilyDescriptor(b("another"));
    }
    if (type == MutableColumnFamilyOptions.class) {
      return MutableColumnFamilyOptions.builder().setWriteBufferSize(1 << 20).build();
    }
    if (type == MutableDBOptions.class) {
      return MutableDBOptions.builder().setMaxBackgroundJobs(2).build();
    }
    if (type == Env.class) {
      return Env.getDefault();
    }
    if (type == Holder.class) {
      return new Holder<byte[]>();
    }
    if (objects.containsKey(type)) {
      return objects.get(type);
    }
    return objects.values().stream().filter(type::isInstance).findFirst().orElse(null);
  }

  @Override
  public void close() {
    try {
      for (AutoCloseable one : made) {
        one.close();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    family.close();
    db.close();
    read.close();
    write.close();
    options.close();
  }
}
