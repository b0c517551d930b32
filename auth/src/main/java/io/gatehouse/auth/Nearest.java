package io.gatehouse.auth;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Suggests the valid name that resembles a misspelt one. */
public final class Nearest {

  /** Longer names are no misspelt ones, and the search takes time and memory by their length. */
  private static final int LONGEST = 200;

  private Nearest() {}

  /** The most similar name, or null if none is similar. */
  public static @Nullable String to(String name, Collection<String> valid) {
    if (name.length() > LONGEST) {
      return null;
    }
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String candidate : valid) {
      int distance = distance(simplify(name), simplify(candidate));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return least <= Math.max(2, name.length() / 3) ? best : null;
  }

  /** {@code ", did you mean X?"}, or an empty text. */
  public static String hint(String name, Collection<String> valid) {
    String nearest = to(name, valid);
    return nearest == null ? "" : ", did you mean " + nearest + "?";
  }

  /** Like {@link #hint}, but lists all valid names when none is similar. */
  public static String hintOrAll(String name, Collection<String> valid) {
    String nearest = to(name, valid);
    return nearest == null
        ? ", valid are: " + String.join(", ", valid)
        : ", did you mean " + nearest + "?";
  }

  private static String simplify(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * The number of insertions, deletions, replacements and swaps of neighbours that lead from a to b
   * (Damerau-Levenshtein distance).
   */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = cost[i - 1][j - 1] + (same ? 0 : 1);
        least = Math.min(least, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        cost[i][j] = swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
      }
    }
    return cost[a.length()][b.length()];
  }
}
