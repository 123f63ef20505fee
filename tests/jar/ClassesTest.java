package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameter;
import org.junit.runners.Parameterized.Parameters;

/** The class files that ship: what Java loads them, and what they are called. */
@RunWith(Parameterized.class)
public class ClassesTest {
  /** The class file version of Java 8 (JVMS, table 4.1-A). */
  private static final int JAVA_8 = 52;

  private static final int MAGIC = 0xCAFEBABE;

  /**
   * Names of Venice's classes ({@code com.linkedin.venice} and {@code com.linkedin.davinci}) that
   * stand in the adapters of docs/, or are near what ours do.
   */
  private static final Set<String> VENICE_NAMES =
      Set.of(
          "AccessController",
          "AccessResult",
          "AclException",
          "AggServerQuotaUsageStats",
          "DynamicAccessController",
          "ListenerService",
          "ReadQuotaEnforcementHandler",
          "SSLConfig",
          "SSLFactory",
          "StaticAccessController",
          "StorageEngineRepository",
          "Store",
          "VeniceServer",
          "VeniceServerConfig",
          "Version");

  @Parameters(name = "{0}")
  public static Object[][] jars() {
    return new Object[][] {{"release.jar"}, {"release.classes"}};
  }

  @Parameter(0)
  public String property;

  private List<String> classes() throws IOException {
    List<String> classes = new ArrayList<>(ReleaseFiles.entries(jar()));
    classes.removeIf(entry -> !entry.endsWith(".class"));
    return classes;
  }

  private Path jar() {
    return ReleaseFiles.path(property);
  }

  @Test
  public void loadOnJava8() throws IOException {
    int checked = 0;
    for (String name : classes()) {
      ByteBuffer file = ByteBuffer.wrap(ReleaseFiles.entry(jar(), name));
      assertEquals(name, MAGIC, file.getInt());
      int minor = file.getShort();
      int major = file.getShort();
      assertTrue(name + " is of version " + major + "." + minor, major <= JAVA_8 && minor == 0);
      checked++;
    }
    assertTrue(checked + " classes", checked >= 9);
  }

  @Test
  public void haveNamesOfTheirOwn() throws IOException {
    for (String name : classes()) {
      String simple = name.substring(name.lastIndexOf('/') + 1).replace(".class", "");
      assertTrue(name, !VENICE_NAMES.contains(simple));
    }
  }
}
