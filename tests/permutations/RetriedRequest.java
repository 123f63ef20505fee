package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A request to one replica, and to a second one when the first takes long or fails: the rules of
 * Venice's {@code RetriableAvroGenericStoreClient}. The first answer counts. A refusal for want of
 * quota is not retried: it would only double the load.
 *
 * @param <T> the answer
 */
final class RetriedRequest<T> {
  private final Supplier<CompletableFuture<T>> second;
  private final ClientStats stats;
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final AtomicInteger inFlight = new AtomicInteger(1);
  private boolean noMoreRetries;

  RetriedRequest(
      Supplier<CompletableFuture<T>> first,
      Supplier<CompletableFuture<T>> second,
      ClientStats stats) {
    this.second = second;
    this.stats = stats;
    first
        .get()
        .whenComplete(
            (value, failure) -> {
              if (failure == null) {
                answer.complete(value);
              } else {
                boolean quota = cause(failure) instanceof VeniceClientRateExceededException;
                if (quota) {
                  forbidRetry();
                } else {
                  retry(stats.errorRetries);
                }
                failed(failure);
              }
            });
  }

  /** Returns the answer. */
  CompletableFuture<T> answer() {
    return answer;
  }

  /** Asks the second replica if there is no answer yet. */
  void longTail() {
    if (!answer.isDone()) {
      retry(stats.longTailRetries);
    }
  }

  /** Asks the second replica, even if the first one has answered. */
  void atOnce() {
    retry(stats.longTailRetries);
  }

  /** Returns what failed, without what futures wrap it in. */
  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private synchronized void forbidRetry() {
    noMoreRetries = true;
  }

  private void retry(AtomicInteger reason) {
    synchronized (this) {
      if (noMoreRetries) {
        return;
      }
      noMoreRetries = true;
      inFlight.incrementAndGet();
    }
    reason.incrementAndGet();
    second
        .get()
        .whenComplete(
            (value, failure) -> {
              if (failure == null) {
                // Counted first: who waits for the answer may look at once.
                stats.retryWins.incrementAndGet();
                if (!answer.complete(value)) {
                  stats.retryWins.decrementAndGet();
                }
              } else {
                failed(failure);
              }
            });
  }

  private void failed(Throwable failure) {
    if (inFlight.decrementAndGet() == 0) {
      answer.completeExceptionally(failure);
    }
  }
}
