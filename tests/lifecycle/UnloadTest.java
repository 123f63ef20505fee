package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Class loaders that loaded the library come and go, as the applications of a web container do: each
 * can be collected once its application is gone, with all that the library did for it.
 */
public class UnloadTest {
  private static final int ROUNDS = 10;
  private static final long HANG_GUARD_NANOS = 120_000_000_000L;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  /** A loader of its own, with all of the class path, and nothing that refers to it but the result. */
  private static URLClassLoader loader() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  private static Object call(ClassLoader loader, String method, Object... arguments)
      throws Exception {
    Class<?> use = loader.loadClass(LoadedUse.class.getName());
    for (java.lang.reflect.Method candidate : use.getMethods()) {
      if (candidate.getName().equals(method)) {
        return candidate.invoke(null, arguments);
      }
    }
    throw new NoSuchMethodException(method);
  }

  /** A thread that has used the library and goes on when the library's loader is gone. */
  private static final class Outliving {
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final CountDownLatch used = new CountDownLatch(1);
    private volatile ClassLoader loader;
    private volatile Throwable failure;
    private final Thread thread = new Thread(this::run, "outliving");

    Outliving(ClassLoader loader, String folder) throws Exception {
      this.loader = loader;
      thread.setContextClassLoader(null);
      this.folder = folder;
      thread.start();
      used.await();
      if (failure != null) {
        throw new AssertionError(failure);
      }
    }

    private final String folder;

    private void run() {
      use();
      used.countDown();
      try {
        mayEnd.await();
      } catch (InterruptedException e) {
        failure = e;
      }
    }

    /** A frame of its own, so that no variable of the waiting one refers to the loader. */
    private void use() {
      try {
        call(loader, "use", folder);
      } catch (Throwable e) {
        failure = e;
      }
      loader = null;
    }

    void end() throws Exception {
      mayEnd.countDown();
      thread.join();
    }
  }

  private WeakReference<ClassLoader> useAndForget(List<Outliving> threads) throws Exception {
    try (URLClassLoader loader = loader()) {
      String folder = temporary.getRoot().getPath();
      threads.add(new Outliving(loader, folder));
      call(loader, "use", folder);
      return new WeakReference<>(loader);
    }
  }

  private static void collect(List<WeakReference<ClassLoader>> loaders) throws Exception {
    long end = System.nanoTime() + HANG_GUARD_NANOS;
    long alive;
    do {
      assertTrue("loaders stay alive", System.nanoTime() < end);
      System.gc();
      Thread.sleep(10);
      alive = loaders.stream().filter(loader -> loader.get() != null).count();
    } while (alive > 0);
  }

  /** Threads of RocksDB's pools in this process, by the names that RocksDB gives them. */
  private static int rocksThreads() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        try {
          if (Files.readString(task.resolve("comm")).startsWith("rocksdb:")) {
            count++;
          }
        } catch (IOException e) {
          // Ended meanwhile.
        }
      }
    }
    return count;
  }

  @Test
  public void loadersAreCollectedWithTheLibrarysThreads() throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    List<Outliving> threads = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      loaders.add(useAndForget(threads));
    }
    assertTrue("RocksDB names its threads otherwise", rocksThreads() > 0);
    collect(loaders);
    long end = System.nanoTime() + HANG_GUARD_NANOS;
    while (rocksThreads() > 0) {
      assertTrue(rocksThreads() + " threads of RocksDB stay", System.nanoTime() < end);
      Thread.sleep(10);
    }
    // Destructors of the library's, which nobody loads any more, run at the end of each.
    for (Outliving thread : threads) {
      thread.end();
    }
  }

  private WeakReference<ClassLoader> serveAndForget(int[] port) throws Exception {
    URLClassLoader loader = loader();
    port[0] = (Integer) call(loader, "serve");
    return new WeakReference<>(loader);
  }

  @Test
  public void aRunningServerKeepsItsLoaderUntilItIsStopped() throws Exception {
    int[] port = new int[1];
    WeakReference<ClassLoader> loader = serveAndForget(port);
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    assertNotNull(loader.get());
    new Socket("127.0.0.1", port[0]).close();
    call(loader.get(), "stop");
    collect(List.of(loader));
    assertEquals(null, loader.get());
  }
}
