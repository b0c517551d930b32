package io.gatehouse.wire.tree;

import java.util.List;
import java.util.Locale;

/** Finds what somebody who misspelled a name probably meant. */
final class Names {

  private Names() {}

  /** The known name that the fewest edits turn {@code name} into, whatever its case. */
  static String nearest(String name, List<String> known) {
    String nearest = known.getFirst();
    int fewest = Integer.MAX_VALUE;
    for (String candidate : known) {
      int edits = edits(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < fewest) {
        fewest = edits;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Levenshtein's distance, one row at a time. */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
