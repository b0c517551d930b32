package io.gatehouse.gateway.cluster;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Asks a cluster about many things at once: one question at a time, while the things of the next
 * one are collected. Thread-safe.
 */
final class Questions<T> {

  /** Maximum number of things in one question. */
  private static final int MAX_ASKED = 10_000;

  private final Function<List<T>, Future<?>> how;

  // Guarded by this.
  private Set<T> waiting = new HashSet<>();
  private Promise<Void> next = promise();
  private boolean asking;

  /**
   * @param how asks; what it returns completes in any case, after the answer was noted
   */
  Questions(Function<List<T>, Future<?>> how) {
    this.how = how;
  }

  /**
   * Asks about things, unless too many others wait: who asks for them asks again.
   *
   * @return completes in any case
   */
  Future<Void> ask(Collection<T> things) {
    Promise<Void> done;
    synchronized (this) {
      for (T thing : things) {
        if (waiting.size() < MAX_ASKED) {
          waiting.add(thing);
        }
      }
      done = next;
      if (asking) {
        return done;
      }
      asking = true;
    }
    askNext();
    return done;
  }

  private void askNext() {
    List<T> asked;
    Promise<Void> done;
    synchronized (this) {
      asked = List.copyOf(waiting);
      waiting = new HashSet<>();
      done = next;
      next = promise();
      asking = !asked.isEmpty();
    }
    if (asked.isEmpty()) {
      done.trySuccess(null);
      return;
    }
    how.apply(asked)
        .addListener(_ -> {
          done.trySuccess(null);
          askNext();
        });
  }

  private static Promise<Void> promise() {
    return ImmediateEventExecutor.INSTANCE.newPromise();
  }
}
