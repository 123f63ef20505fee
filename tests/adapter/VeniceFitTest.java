package com.linkedin.venice.rust.adapter;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Versions of Venice that lack something the adapter uses are told apart, by one sentence. */
public class VeniceFitTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void theVersionThatTheAdapterIsMadeForFits() {
    assertNull(VeniceFit.missing());
    assertNull(VeniceFit.missingForDescriptions());
  }

  @Test
  public void aMissingClassIsNamed() {
    String sentence = VeniceFit.missing(ClassLoader.getPlatformClassLoader());
    assertTrue(sentence, sentence.contains("no class com.linkedin.venice.acl.AclException"));
    assertTrue(sentence, sentence.contains("77ea837f"));
    assertFalse(sentence, sentence.contains("\n"));
  }

  @Test
  public void aMissingMethodIsNamed() throws Exception {
    String sentence = VeniceFit.missing(withStore("String getName();"));
    assertTrue(
        sentence,
        sentence.contains("no method long com.linkedin.venice.meta.Store#getReadQuotaInCU()"));
  }

  @Test
  public void aMethodOfAnotherTypeIsNamed() throws Exception {
    String sentence = VeniceFit.missing(withStore("String getName(); int getReadQuotaInCU();"));
    assertTrue(
        sentence,
        sentence.contains("no method long com.linkedin.venice.meta.Store#getReadQuotaInCU()"));
  }

  /** A Venice whose Store has other methods. */
  private ClassLoader withStore(String methods) throws Exception {
    Path folder = temporary.newFolder().toPath();
    Path source = Files.createDirectories(folder.resolve("com/linkedin/venice/meta"));
    Path file = source.resolve("Store.java");
    Files.writeString(file, "package com.linkedin.venice.meta; public interface Store {" + methods + "}");
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), file.toString());
    assertTrue("javac", result == 0);
    return new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader()) {
      @Override
      protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.equals("com.linkedin.venice.meta.Store")) {
          return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    };
  }
}
