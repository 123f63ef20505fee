package com.linkedin.venice.rust;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The event {@code venice.SlowRead} of the JDK's Flight Recorder, by reflection: these classes are
 * for Java 8, which does not have it everywhere.
 */
final class SlowReadEvents {
  private static final String PACKAGE = "jdk.jfr.";

  /** Names and meanings of the fields that stand before those of the phases. */
  private static final String[][] TEXTS = {
    {"why", "Why it was kept: slow, or by chance disk or sampled"},
    {"method", "RPC"},
    {"storeVersion", "Store version"},
    {"status", "Venice's code, or the gRPC status"},
  };

  private final Method isInitialized;
  private final Object factory;
  private final Object type;
  private final Method isEnabled;
  private final Method newEvent;
  private final Method set;
  private final Method commit;
  private final Method unregister;

  private SlowReadEvents(Method isInitialized) throws ReflectiveOperationException {
    this.isInitialized = isInitialized;
    Class<?> factoryClass = Class.forName(PACKAGE + "EventFactory");
    Class<?> event = Class.forName(PACKAGE + "Event");
    factory =
        factoryClass
            .getMethod("create", List.class, List.class)
            .invoke(
                null,
                Arrays.asList(
                    annotation("Name", "venice.SlowRead"),
                    annotation("Label", "Slow Read"),
                    annotation(
                        "Description",
                        "A request that the Rust read server kept: a slow one, or one by chance"),
                    annotation("Category", new String[] {"Venice"}),
                    annotation("StackTrace", false)),
                fields());
    type = factoryClass.getMethod("getEventType").invoke(factory);
    isEnabled = type.getClass().getMethod("isEnabled");
    newEvent = factoryClass.getMethod("newEvent");
    unregister = factoryClass.getMethod("unregister");
    set = event.getMethod("set", int.class, Object.class);
    commit = event.getMethod("commit");
  }

  /** The Flight Recorder's method that tells whether it runs; null if this JDK has none. */
  static Method recorder() {
    try {
      return Class.forName(PACKAGE + "FlightRecorder").getMethod("isInitialized");
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  /** Whether there was a recording in this JVM. Does not begin to record by itself. */
  static boolean isRunning(Method recorder) throws ReflectiveOperationException {
    return (Boolean) recorder.invoke(null);
  }

  /** Makes the event known to the Flight Recorder, which has to run. */
  static SlowReadEvents register(Method recorder) throws ReflectiveOperationException {
    return new SlowReadEvents(recorder);
  }

  /** Whether a recording wants the event now. */
  boolean isRecorded() throws ReflectiveOperationException {
    return isRunning(isInitialized) && (Boolean) isEnabled.invoke(type);
  }

  /** Puts the event into the recordings that run. */
  void commit(SlowRead read) throws ReflectiveOperationException {
    Object event = newEvent.invoke(factory);
    int at = 0;
    for (Object value :
        new Object[] {
          read.why(),
          read.method(),
          read.storeVersion(),
          read.status(),
          read.start().toEpochMilli(),
          read.keys(),
          read.requestBytes(),
          read.responseBytes(),
          read.totalMicros()
        }) {
      set.invoke(event, at++, value);
    }
    for (long micros : read.phasesMicros().values()) {
      set.invoke(event, at++, micros);
    }
    commit.invoke(event);
  }

  /** Takes the event back. */
  void unregister() throws ReflectiveOperationException {
    unregister.invoke(factory);
  }

  private static List<Object> fields() throws ReflectiveOperationException {
    List<Object> fields = new ArrayList<>();
    for (String[] text : TEXTS) {
      fields.add(field(String.class, text[0], annotation("Label", text[1])));
    }
    fields.add(
        field(
            long.class,
            "begun",
            annotation("Label", "Begun"),
            annotation("Timestamp", "MILLISECONDS_SINCE_EPOCH")));
    fields.add(field(int.class, "keys", annotation("Label", "Keys")));
    for (String bytes : new String[] {"requestBytes", "responseBytes"}) {
      fields.add(field(long.class, bytes, annotation("DataAmount", "BYTES")));
    }
    fields.add(time("total"));
    for (String phase : SlowRead.PHASES) {
      fields.add(time(phase));
    }
    return fields;
  }

  private static Object time(String name) throws ReflectiveOperationException {
    return field(long.class, name, annotation("Timespan", "MICROSECONDS"));
  }

  private static Object field(Class<?> type, String name, Object... annotations)
      throws ReflectiveOperationException {
    return Class.forName(PACKAGE + "ValueDescriptor")
        .getConstructor(Class.class, String.class, List.class)
        .newInstance(type, name, Arrays.asList(annotations));
  }

  private static Object annotation(String name, Object value) throws ReflectiveOperationException {
    Class<? extends Annotation> type =
        Class.forName(PACKAGE + name).asSubclass(Annotation.class);
    return Class.forName(PACKAGE + "AnnotationElement")
        .getConstructor(Class.class, Object.class)
        .newInstance(type, value);
  }
}
