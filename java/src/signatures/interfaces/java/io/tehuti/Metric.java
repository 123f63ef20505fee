package io.tehuti;

/** Signature of Tehuti's interface of this name; compiled against only. */
public interface Metric {
  String name();

  double value();
}
