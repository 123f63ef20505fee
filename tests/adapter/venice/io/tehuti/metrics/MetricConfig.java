package io.tehuti.metrics;

/** Stand-in for Tehuti's class of this name. */
public class MetricConfig {}
