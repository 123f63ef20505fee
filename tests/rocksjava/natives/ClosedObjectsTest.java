package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.AbstractSlice;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Every public method of a closed object, found by reflection, throws what names its class; and so
 * does every public method of an open database that is given a closed object, or a column family of
 * another database.
 */
public class ClosedObjectsTest {
  /** What touches no object of C++, or ends one. */
  private static final Set<String> JAVA_ONLY =
      Set.of(
          "close",
          "closeE",
          "destroyColumnFamilyHandle",
          "isClosed",
          "isOwningHandle",
          "getNativeHandle",
          "equals",
          "hashCode",
          "toString",
          "getClass",
          "notify",
          "notifyAll",
          "wait");

  @Rule public final RocksFolder folder = new RocksFolder();

  private ClosedObjectArguments open;

  @Before
  public void openAll() throws Exception {
    open = new ClosedObjectArguments(folder.newPath());
  }

  @After
  public void closeAll() {
    open.close();
  }

  @Test
  public void assertionsOfRocksJavaAreOff() {
    assertTrue("the flags of this test", !RocksDB.class.desiredAssertionStatus());
  }

  @Test
  public void aDatabase() throws Exception {
    RocksDB db = RocksDB.open(folder.newPath());
    db.close();
    refusesAll(db);
  }

  @Test
  public void aColumnFamilyHandle() throws Exception {
    ColumnFamilyHandle family = open.newFamily();
    family.close();
    refusesAll(family);
    // And those of a closed database.
    ClosedObjectArguments other = new ClosedObjectArguments(folder.newPath());
    ColumnFamilyHandle left = other.newFamily();
    ColumnFamilyHandle standard = other.db.getDefaultColumnFamily();
    other.db.close();
    refusesAll(left);
    refusesAll(standard);
    other.close();
  }

  @Test
  public void anIterator() throws Exception {
    RocksIterator iterator = open.db.newIterator();
    iterator.close();
    refusesAll(iterator);
    ClosedObjectArguments other = new ClosedObjectArguments(folder.newPath());
    RocksIterator left = other.db.newIterator();
    left.seekToFirst();
    other.db.close();
    refusesAll(left);
    left.close();
    other.close();
  }

  @Test
  public void everyOtherClass() throws Exception {
    List<AutoCloseable> objects = open.newObjects();
    for (AutoCloseable object : objects) {
      object.close();
    }
    // Java sets the handle of a slice to 0: a NullPointerException.
    refusesAll(objects.stream().filter(one -> !(one instanceof AbstractSlice)).toArray());
  }

  @Test
  public void aSnapshot() throws Exception {
    Snapshot released = open.db.getSnapshot();
    open.db.releaseSnapshot(released);
    refusesAll(released);
    refused("Snapshot", () -> open.db.releaseSnapshot(released));
    try (ReadOptions read = new ReadOptions()) {
      refused("Snapshot", () -> read.setSnapshot(released));
    }
    ClosedObjectArguments other = new ClosedObjectArguments(folder.newPath());
    Snapshot left = other.db.getSnapshot();
    assertThrows(Exception.class, () -> open.db.releaseSnapshot(left));
    assertEquals(other.db.getLatestSequenceNumber(), left.getSequenceNumber());
    other.db.close();
    refusesAll(left);
    other.close();
  }

  @Test
  public void transactions() throws Exception {
    TransactionDB db = open.newTransactionDb(folder.newPath());
    Transaction ended = db.beginTransaction(open.write);
    ended.close();
    refusesAll(ended);
    Transaction left = db.beginTransaction(open.write);
    left.put(b("key"), b("value"));
    RocksIterator iterator = left.getIterator(open.read);
    iterator.seekToFirst();
    assertArrayEquals(b("value"), iterator.value());
    db.close();
    refusesAll(left);
    refusesAll(iterator);
    refusesAll(db);
    iterator.close();
    left.close();
  }

  /** Each argument in turn is closed, the database is open. */
  @Test
  public void aClosedArgument() throws Exception {
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Class<?> type : ClosedObjectArguments.CLOSABLE_ARGUMENTS) {
      for (Object target : open.targets()) {
        for (Method method : methods(target)) {
          List<Class<?>> types = List.of(method.getParameterTypes());
          if (types.contains(type)) {
            Object[] arguments = open.arguments(method);
            AutoCloseable closed = open.newOne(type);
            closed.close();
            arguments[types.indexOf(type)] = closed;
            check(method, target, arguments, type.getSimpleName(), wrong);
            tried++;
          }
        }
      }
    }
    assertEquals(String.join("\n", wrong), 0, wrong.size());
    assertTrue("calls: " + tried, tried > 100);
  }

  @Test
  public void aColumnFamilyOfAnotherDatabase() throws Exception {
    ClosedObjectArguments other = new ClosedObjectArguments(folder.newPath());
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Method method : methods(open.db)) {
      Object[] arguments = open.arguments(method);
      boolean takes = false;
      for (int i = 0; i < arguments.length; i++) {
        if (method.getParameterTypes()[i] == ColumnFamilyHandle.class) {
          arguments[i] = other.family;
          takes = true;
        } else if (ClosedObjectArguments.isListOfFamilies(method, i)) {
          arguments[i] = List.of(other.family, other.family);
          takes = true;
        }
      }
      if (!takes) {
        continue;
      }
      tried++;
      Throwable thrown = call(method, open.db, arguments);
      boolean declares = declares(method);
      boolean right =
          declares ? thrown instanceof RocksDBException : thrown instanceof IllegalArgumentException;
      if (!right || !thrown.getMessage().contains("of another RocksDB")) {
        wrong.add(method + ": " + thrown);
      }
    }
    other.close();
    assertEquals(String.join("\n", wrong), 0, wrong.size());
    assertTrue("calls: " + tried, tried > 50);
  }

  @Test
  public void anIteratorAtNoEntryHasNoKeyInAnyForm() throws Exception {
    try (RocksIterator iterator = open.db.newIterator()) {
      iterator.seekToLast();
      iterator.next();
      List<String> wrong = new ArrayList<>();
      for (Method method : methods(iterator)) {
        if (method.getName().equals("key") || method.getName().equals("value")) {
          Throwable thrown = call(method, iterator, open.arguments(method));
          String text = "the iterator is at no entry: it has no " + method.getName();
          if (!(thrown instanceof IllegalStateException) || !text.equals(thrown.getMessage())) {
            wrong.add(method + ": " + thrown);
          }
        }
      }
      assertEquals(List.of(), wrong);
    }
  }

  private void refusesAll(Object... closed) {
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Object object : closed) {
      List<Method> methods = methods(object);
      methods.forEach(method -> check(method, object, open.arguments(method), null, wrong));
      tried += methods.size();
    }
    assertEquals(String.join("\n", wrong), 0, wrong.size());
    System.out.println(tried + " calls of closed objects of " + closed[0].getClass());
    assertTrue("calls: " + tried, tried > 0);
  }

  private static void refused(String type, org.junit.function.ThrowingRunnable use) {
    IllegalStateException refusal = assertThrows(IllegalStateException.class, use);
    assertEquals(type + " is closed, and used after that", refusal.getMessage());
  }

  /** Calls it, and notes what is not the refusal that the documents promise. */
  private static void check(
      Method method, Object target, Object[] arguments, String type, List<String> wrong) {
    Throwable thrown = call(method, target, arguments);
    boolean right =
        declares(method)
            ? thrown instanceof RocksDBException
            : thrown instanceof IllegalStateException;
    String end = (type == null ? "" : type) + " is closed, and used after that";
    if (!right || !String.valueOf(thrown.getMessage()).endsWith(end)) {
      wrong.add(method + ": " + thrown);
    }
  }

  private static boolean declares(Method method) {
    return List.of(method.getExceptionTypes()).contains(RocksDBException.class);
  }

  private static Throwable call(Method method, Object target, Object[] arguments) {
    try {
      method.invoke(target, arguments);
      return null;
    } catch (InvocationTargetException e) {
      return e.getCause();
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private List<Method> methods(Object object) {
    return Arrays.stream(object.getClass().getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !method.isBridge() && !method.isSynthetic())
        .filter(method -> !JAVA_ONLY.contains(method.getName()))
        .filter(method -> !ClosedObjectArguments.keepsInJava(object, method))
        .filter(open::hasArguments)
        .toList();
  }
}
