package io.gatehouse.control.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Those who wait until a log is read to where it ended when they began to wait. */
final class ReadToEnd {

  private static final Duration LIMIT = Duration.ofSeconds(8);

  private final List<CompletableFuture<Void>> asked = new ArrayList<>();

  /** Those whose end is known. */
  private final List<CompletableFuture<Void>> begun = new ArrayList<>();

  /**
   * @return whether it is read; false if the log cannot be read now
   */
  boolean await() throws InterruptedException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (this) {
      asked.add(done);
    }
    try {
      done.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (CancellationException | ExecutionException | TimeoutException e) {
      return false;
    } finally {
      var _ = done.cancel(false);
      synchronized (this) {
        asked.removeIf(CompletableFuture::isDone);
        begun.removeIf(CompletableFuture::isDone);
      }
    }
  }

  /** Whether somebody waits for an end that the reader has not asked for. */
  synchronized boolean isAsked() {
    return !asked.isEmpty();
  }

  /** Called before the reader asks for the end. */
  synchronized void begin() {
    begun.addAll(asked);
    asked.clear();
  }

  /** Called when the log is read to the end that was asked for last. */
  synchronized void complete() {
    begun.forEach(one -> one.complete(null));
    begun.clear();
  }

  synchronized void fail() {
    begin();
    begun.forEach(one -> one.cancel(false));
    begun.clear();
  }
}
