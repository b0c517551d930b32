package io.gatehouse.gateway.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters with one writing thread and any number of readers. */
final class Counters {

  private final AtomicLongArray values;

  Counters(int length) {
    values = new AtomicLongArray(length);
  }

  /** To be called by the one writer only: a plain read and an opaque write, no locked bus. */
  void add(int index, long amount) {
    values.setOpaque(index, values.getPlain(index) + amount);
  }

  void max(int index, long value) {
    if (value > values.getPlain(index)) {
      values.setOpaque(index, value);
    }
  }

  long get(int index) {
    return values.getOpaque(index);
  }

  int length() {
    return values.length();
  }
}
