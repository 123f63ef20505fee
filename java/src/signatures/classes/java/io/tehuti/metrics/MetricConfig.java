package io.tehuti.metrics;

/** Signature of Tehuti's class of this name; compiled against only. */
public class MetricConfig {}
