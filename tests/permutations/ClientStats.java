package com.linkedin.venice.rust.tests.permutations;

import java.util.concurrent.atomic.AtomicInteger;

/** What a client counts; the sensors of Venice's {@code FastClientStats} that its tests look at. */
final class ClientStats {
  /** Calls of the client. */
  final AtomicInteger requests = new AtomicInteger();

  /** Calls that were answered. */
  final AtomicInteger healthyRequests = new AtomicInteger();

  /** Keys asked for. */
  final AtomicInteger requestKeys = new AtomicInteger();

  /** Keys that have a value. */
  final AtomicInteger foundKeys = new AtomicInteger();

  /** Second requests, because the first one took long. */
  final AtomicInteger longTailRetries = new AtomicInteger();

  /** Second requests, because the first one failed. */
  final AtomicInteger errorRetries = new AtomicInteger();

  /** Second requests that brought something which the first one had not. */
  final AtomicInteger retryWins = new AtomicInteger();

  /** Requests that a server refused for want of quota. */
  final AtomicInteger rateExceeded = new AtomicInteger();

  /** Calls that the client did not pass on. */
  final AtomicInteger rejectedByLoadController = new AtomicInteger();

  /** The largest number of servers that one batch went to. */
  final AtomicInteger largestFanout = new AtomicInteger();
}
