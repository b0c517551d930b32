package io.gatehouse.auth.login.kafka;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Joins the messages of an exception and its causes in one line. */
final class CauseMessages {

  private static final int MOST = 4;

  private CauseMessages() {}

  static String of(Throwable thrown) {
    Set<String> said = new LinkedHashSet<>();
    Throwable cause = thrown;
    while (cause != null && said.size() < MOST) {
      String message = cause.getMessage();
      said.add(message == null ? cause.getClass().getSimpleName() : message);
      cause = cause.getCause();
    }
    // An exception made from its cause alone repeats the cause's message.
    List<String> kept = new ArrayList<>();
    for (String message : said) {
      if (kept.stream().noneMatch(earlier -> earlier.contains(message))) {
        kept.add(message);
      }
    }
    return String.join(": ", kept).replaceAll("\\s+", " ");
  }
}
