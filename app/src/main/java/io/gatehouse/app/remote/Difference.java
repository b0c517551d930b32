package io.gatehouse.app.remote;

import java.util.ArrayList;
import java.util.List;

/** The lines in which two texts differ, each after a minus or a plus, with the lines around. */
final class Difference {

  /** Above this number of pairs of lines, everything is shown as replaced. */
  private static final long MAX_PAIRS = 4_000_000;

  private Difference() {}

  static List<String> of(String before, String after) {
    List<String> old = before.lines().toList();
    List<String> now = after.lines().toList();
    List<String> lines = new ArrayList<>();
    if ((long) old.size() * now.size() > MAX_PAIRS) {
      old.forEach(line -> lines.add("-" + line));
      now.forEach(line -> lines.add("+" + line));
      return lines;
    }
    int[][] common = common(old, now);
    int i = 0;
    int j = 0;
    while (i < old.size() || j < now.size()) {
      if (i < old.size() && j < now.size() && old.get(i).equals(now.get(j))) {
        lines.add(" " + old.get(i));
        i++;
        j++;
      } else if (j == now.size() || (i < old.size() && common[i + 1][j] >= common[i][j + 1])) {
        lines.add("-" + old.get(i++));
      } else {
        lines.add("+" + now.get(j++));
      }
    }
    return lines;
  }

  /** The length of the longest common subsequence from each pair of lines on. */
  private static int[][] common(List<String> old, List<String> now) {
    int[][] common = new int[old.size() + 1][now.size() + 1];
    for (int i = old.size() - 1; i >= 0; i--) {
      for (int j = now.size() - 1; j >= 0; j--) {
        common[i][j] =
            old.get(i).equals(now.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }
}
