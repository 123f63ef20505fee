package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;

import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.Test;

/**
 * Every JUnit class among RocksJava's test sources is in {@code classes.csv}, and every group there
 * is a target of the BUILD file.
 */
public class EveryClassRunsTest {
  @Test
  public void everyTestClassIsListed() throws Exception {
    Set<String> listed =
        SuiteClass.all().stream()
            .map(SuiteClass::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> compiled = new TreeSet<>();
    try (JarFile jar = new JarFile(new File(SuiteClass.required("suite.jar")))) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (entry.getName().endsWith(".class")) {
          String name = entry.getName().substring(0, entry.getName().length() - ".class".length());
          Class<?> type = Class.forName(name.replace('/', '.'), false, getClass().getClassLoader());
          if (!Modifier.isAbstract(type.getModifiers()) && hasTests(type)) {
            compiled.add(type.getName());
          }
        }
      }
    }
    assertEquals(String.join("\n", compiled), String.join("\n", listed));
  }

  @Test
  public void everyGroupIsATarget() throws Exception {
    Set<String> listed =
        SuiteClass.all().stream()
            .map(SuiteClass::group)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(List.of(SuiteClass.required("suite.groups").split(","))), listed);
  }

  /** The numbers of RocksJava 9.11.2. */
  @Test
  public void noneIsLost() throws Exception {
    assertEquals(105, SuiteClass.all().size());
    assertEquals(1270, SuiteClass.all().stream().mapToInt(SuiteClass::executed).sum());
  }

  private static boolean hasTests(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (Arrays.stream(c.getDeclaredMethods()).anyMatch(EveryClassRunsTest::isTest)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class);
  }
}
