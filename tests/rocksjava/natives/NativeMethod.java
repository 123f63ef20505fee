package com.linkedin.venice.rust.tests;

import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;

/**
 * A native method of a Java class, as its class file declares it.
 *
 * @param className the binary name of the class, such as {@code org.rocksdb.RocksDB}
 * @param name the method's name
 * @param descriptor the types of its arguments and its result, as in the class file
 * @param isStatic whether the JVM passes the class or an object
 * @param symbol the name under which the JVM looks the method up in a library
 */
record NativeMethod(
    String className, String name, String descriptor, boolean isStatic, String symbol) {
  static final Comparator<NativeMethod> ORDER =
      Comparator.comparing(NativeMethod::className)
          .thenComparing(NativeMethod::name)
          .thenComparing(NativeMethod::descriptor);

  /** What makes the method the same for those who call it: all but its symbol. */
  String declaration() {
    return (isStatic ? "static " : "") + className + "." + name + descriptor;
  }

  /** Returns the native methods of all classes of a jar, in {@link #ORDER}; none is initialised. */
  static List<NativeMethod> ofJar(File jar) throws IOException, ClassNotFoundException {
    List<NativeMethod> natives = new ArrayList<>();
    try (JarFile file = new JarFile(jar);
        URLClassLoader loader =
            new URLClassLoader(
                new URL[] {jar.toURI().toURL()}, ClassLoader.getPlatformClassLoader())) {
      for (String entry :
          Collections.list(file.entries()).stream().map(Object::toString).toList()) {
        if (entry.endsWith(".class") && !entry.startsWith("META-INF/")) {
          String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
          natives.addAll(ofClass(Class.forName(name, false, loader)));
        }
      }
    }
    natives.sort(ORDER);
    return natives;
  }

  private static List<NativeMethod> ofClass(Class<?> declaring) {
    List<Method> methods =
        Arrays.stream(declaring.getDeclaredMethods())
            .filter(method -> Modifier.isNative(method.getModifiers()))
            .toList();
    return methods.stream()
        .map(
            method -> {
              String descriptor =
                  MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                      .toMethodDescriptorString();
              boolean overloaded =
                  methods.stream().filter(other -> other.getName().equals(method.getName())).count()
                      > 1;
              return new NativeMethod(
                  declaring.getName(),
                  method.getName(),
                  descriptor,
                  Modifier.isStatic(method.getModifiers()),
                  symbol(declaring.getName(), method.getName(), descriptor, overloaded));
            })
        .toList();
  }

  /** "Resolving Native Method Names" of the JNI specification, chapter 2. */
  static String symbol(String className, String name, String descriptor, boolean overloaded) {
    String symbol = "Java_" + mangled(className.replace('.', '/')) + "_" + mangled(name);
    String arguments = descriptor.substring(1, descriptor.indexOf(')'));
    return overloaded ? symbol + "__" + mangled(arguments) : symbol;
  }

  private static String mangled(String text) {
    StringBuilder mangled = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c < 128 && Character.isLetterOrDigit(c)) {
        mangled.append(c);
      } else {
        switch (c) {
          case '/' -> mangled.append('_');
          case '_' -> mangled.append("_1");
          case ';' -> mangled.append("_2");
          case '[' -> mangled.append("_3");
          default -> mangled.append(String.format("_0%04x", (int) c));
        }
      }
    }
    return mangled.toString();
  }
}
