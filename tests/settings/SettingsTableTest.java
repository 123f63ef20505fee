package com.linkedin.venice.rust;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.Test;

/**
 * What Java says of settings, and takes for them, is what the server does: {@code settings.tsv} is
 * printed from the server's own tables.
 */
public class SettingsTableTest {
  private static final Path TABLE = Path.of("tests/settings/settings.tsv");

  /** A line of the table. */
  private static final class Row {
    final String name;
    final String kind;
    final String unit;
    final String defaultValue;
    final String min;
    final String max;
    final List<String> words;

    Row(String line) {
      String[] fields = line.split("\t", -1);
      assertEquals(line, 7, fields.length);
      name = fields[0];
      kind = fields[1];
      unit = fields[2];
      defaultValue = fields[3].isEmpty() ? null : fields[3];
      min = fields[4];
      max = fields[5];
      words = fields[6].isEmpty() ? List.of() : Arrays.asList(fields[6].split(","));
    }

    boolean isNumber() {
      return kind.equals("number");
    }
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      if (!line.startsWith("#")) {
        rows.add(new Row(line));
      }
    }
    assertTrue("settings: " + rows.size(), rows.size() > 40);
    return rows;
  }

  @Test
  public void everySettingHasTheServersNameDefaultUnitAndBounds() throws Exception {
    List<Row> rows = rows();
    assertEquals(
        rows.stream().map(row -> row.name).collect(Collectors.toList()),
        Arrays.stream(ReadServerSetting.values())
            .map(ReadServerSetting::settingName)
            .collect(Collectors.toList()));
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      SettingValues values = ReadServerSetting.values()[i].allowed();
      assertEquals(row.name, row.defaultValue, values.defaultValue());
      assertEquals(row.name, row.unit, values.unit());
      assertEquals(row.name, row.words, values.words());
      if (row.isNumber()) {
        assertEquals(row.name, row.min, Long.toString(values.min()));
        assertEquals(row.name, row.max, Long.toString(values.max()));
      }
    }
  }

  @Test
  public void everyNumberIsTakenWithinItsBoundsAndRefusedBeyond() throws Exception {
    for (Row row : rows()) {
      if (!row.isNumber()) {
        continue;
      }
      for (String value : List.of(row.min, row.max)) {
        assertEquals(List.of(row.name, value), settings(row.name, value));
      }
      refuses(row.name, Long.toString(Long.parseLong(row.min) - 1));
      refuses(row.name, Long.toString(Long.parseLong(row.max) + 1));
      refuses(row.name, "");
    }
  }

  @Test
  public void everyWordIsTakenAndNoOther() throws Exception {
    for (Row row : rows()) {
      for (String word : row.words) {
        assertEquals(List.of(row.name, word), settings(row.name, word));
      }
      if (row.kind.equals("choice")) {
        refuses(row.name, "?");
      }
    }
  }

  @Test
  public void everyDefaultIsThere() throws Exception {
    ReadServerConfig config = ReadServerConfig.defaults();
    assertEquals(0, config.toSettings().length);
    List<Row> rows = rows();
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(rows.get(i).defaultValue, config.text(ReadServerSetting.values()[i]));
    }
    assertNull(config.text(ReadServerSetting.WORKER_THREADS));
  }

  @Test
  public void everySettingHasABuilderMethodThatSetsIt() throws Exception {
    Map<String, List<String>> byMethod = new HashMap<>();
    for (Method method : SettingSetters.class.getDeclaredMethods()) {
      if (method.getName().equals("put") || method.isSynthetic()) {
        continue;
      }
      ReadServerConfig.Builder builder = ReadServerConfig.builder();
      ReadServerSetting setting = setBy(builder, method);
      byMethod.computeIfAbsent(setting.settingName(), name -> new ArrayList<>());
      byMethod.get(setting.settingName()).add(method.getName());
    }
    for (Row row : rows()) {
      List<String> methods = byMethod.get(row.name);
      assertTrue(row.name + " is set by " + methods, methods != null && methods.size() == 1);
    }
  }

  /** Calls a method with some value that its setting takes, and returns the setting. */
  private static ReadServerSetting setBy(ReadServerConfig.Builder builder, Method method)
      throws Exception {
    for (Object value : VALUES.getOrDefault(method.getParameterTypes()[0], List.of())) {
      try {
        method.invoke(builder, value);
      } catch (java.lang.reflect.InvocationTargetException e) {
        continue;
      }
      String[] set = builder.build().toSettings();
      assertEquals(method.getName(), 2, set.length);
      return Arrays.stream(ReadServerSetting.values())
          .filter(setting -> setting.settingName().equals(set[0]))
          .findFirst()
          .get();
    }
    throw new AssertionError(method + " takes no value of this test");
  }

  private static final Map<Class<?>, List<Object>> VALUES =
      Map.of(
          int.class, List.of(1, 100, 1 << 16),
          long.class, List.of(1L, 1L << 20, 1L << 30),
          boolean.class, List.of(true),
          java.time.Duration.class, List.of(java.time.Duration.ofSeconds(1)),
          Path.class, List.of(Path.of("a")),
          String.class, List.of("a", "none", "1.3", "delta", "own", "off"));

  private static List<String> settings(String name, String value) {
    return Arrays.asList(ReadServerConfig.builder().set(name, value).build().toSettings());
  }

  private static void refuses(String name, String value) {
    IllegalArgumentException refusal =
        assertThrows(
            name + " takes " + value,
            IllegalArgumentException.class,
            () -> ReadServerConfig.builder().set(name, value));
    assertTrue(refusal.getMessage(), refusal.getMessage().startsWith(name + " is "));
  }
}
