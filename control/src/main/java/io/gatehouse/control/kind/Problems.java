package io.gatehouse.control.kind;

import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with a document, so that it can be told at once; what is beyond a bound is counted.
 */
final class Problems {

  private static final int MOST = 100;

  private final List<String> texts = new ArrayList<>();
  private int count;

  void add(String text) {
    if (count++ < MOST) {
      texts.add(text);
    }
  }

  int count() {
    return count;
  }

  /**
   * @throws InvalidException where anything is wrong
   */
  void requireNone() throws InvalidException {
    if (count > MOST) {
      texts.add("and " + (count - MOST) + " more");
    }
    if (count > 0) {
      throw new InvalidException(texts);
    }
  }
}
