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
    assertNull(VeniceFit.missingForProperties());
    assertNull(VeniceFit.missingForUsage());
  }

  @Test
  public void aVeniceThatCannotBeToldOfReadsIsToldApart() throws Exception {
    String tracker = "com.linkedin.venice.cleaner.ResourceReadUsageTracker";
    String sentence = VeniceFit.missingForUsage(withInterface(tracker, "void recordReadUsage();"));
    assertTrue(
        sentence, sentence.contains("no method void " + tracker + "#recordReadUsage(java.lang.String)"));
  }

  @Test
  public void aVeniceWithoutStorePropertiesIsToldApart() throws Exception {
    String retriever = "com.linkedin.davinci.storage.ReadMetadataRetriever";
    String sentence = VeniceFit.missingForProperties(withInterface(retriever, "void getMetadata();"));
    assertTrue(
        sentence,
        sentence.contains(
            "no method com.linkedin.davinci.listener.response.StorePropertiesPayload "
                + retriever
                + "#getStoreProperties(java.lang.String, java.util.Optional)"));
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
    return withInterface("com.linkedin.venice.meta.Store", methods);
  }

  /** A Venice of which one interface has other methods. */
  private ClassLoader withInterface(String interfaceName, String methods) throws Exception {
    int dot = interfaceName.lastIndexOf('.');
    String packageName = interfaceName.substring(0, dot);
    String simpleName = interfaceName.substring(dot + 1);
    Path folder = temporary.newFolder().toPath();
    Path source = Files.createDirectories(folder.resolve(packageName.replace('.', '/')));
    Path file = source.resolve(simpleName + ".java");
    Files.writeString(
        file, "package " + packageName + "; public interface " + simpleName + " {" + methods + "}");
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), file.toString());
    assertTrue("javac", result == 0);
    return new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader()) {
      @Override
      protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.equals(interfaceName)) {
          return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    };
  }
}
