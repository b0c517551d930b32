package io.gatehouse.gateway.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters with a single writing thread and any number of readers. */
final class Counters {

  private final AtomicLongArray values;

  Counters(int length) {
    values = new AtomicLongArray(length);
  }

  /** Call it on the writing thread only: without an atomic read-modify-write instruction. */
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
