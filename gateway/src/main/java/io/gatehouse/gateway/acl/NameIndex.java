package io.gatehouse.gateway.acl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values by patterns of names. Those that contain a name are found by one hash lookup, one binary
 * search and a step for each prefix, without allocating.
 *
 * <p>The prefixes are sorted, and each knows the longest other one that it begins with. Everything
 * between a prefix of a name and that name begins with the prefix, too; so the last prefix that is
 * not greater than the name leads to all that the name begins with.
 */
final class NameIndex<T> {

  private final @Nullable T any;
  private final Map<String, T> literals;
  private final String[] prefixes;
  private final List<T> prefixed;
  private final int[] parents;

  /** An index of patterns, whose types of resources do not matter. */
  NameIndex(Map<ResourcePattern, T> values) {
    @Nullable T any = null;
    Map<String, T> literals = new HashMap<>();
    SortedMap<String, T> sorted = new TreeMap<>();
    for (Map.Entry<ResourcePattern, T> entry : values.entrySet()) {
      ResourcePattern pattern = entry.getKey();
      if (pattern.isAnyName()) {
        any = entry.getValue();
      } else if (pattern.match() == PatternType.LITERAL) {
        literals.put(pattern.name(), entry.getValue());
      } else {
        sorted.put(pattern.name(), entry.getValue());
      }
    }
    this.any = any;
    this.literals = literals;
    this.prefixes = sorted.keySet().toArray(String[]::new);
    this.prefixed = new ArrayList<>(sorted.values());
    this.parents = new int[prefixes.length];
    for (int i = 0; i < parents.length; i++) {
      int parent = i - 1;
      while (parent >= 0 && !prefixes[i].startsWith(prefixes[parent])) {
        parent = parents[parent];
      }
      parents[i] = parent;
    }
  }

  /** The value of the pattern that contains all names. */
  @Nullable T any() {
    return any;
  }

  /** The value of the literal pattern that is this name. */
  @Nullable T literal(String name) {
    return name.equals(ResourcePattern.ANY_NAME) ? any : literals.get(name);
  }

  /** The longest prefix that a name begins with, or -1. */
  int longestPrefix(String name) {
    int found = Arrays.binarySearch(prefixes, name);
    if (found >= 0) {
      return found;
    }
    int last = -found - 2;
    if (last < 0) {
      return -1;
    }
    int common = common(prefixes[last], name);
    while (last >= 0 && prefixes[last].length() > common) {
      last = parents[last];
    }
    return last;
  }

  /** The next shorter prefix, or -1. */
  int shorterPrefix(int prefix) {
    return parents[prefix];
  }

  /** The value of a prefix. */
  T prefixed(int prefix) {
    return prefixed.get(prefix);
  }

  /** Whether a pattern contains the name. */
  boolean contains(String name) {
    return any != null || literals.containsKey(name) || longestPrefix(name) >= 0;
  }

  /** The name and value of each literal pattern except that of all names. */
  Map<String, T> literals() {
    return literals;
  }

  int prefixes() {
    return prefixes.length;
  }

  String prefix(int prefix) {
    return prefixes[prefix];
  }

  private static int common(String a, String b) {
    int end = Math.min(a.length(), b.length());
    int i = 0;
    while (i < end && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    return i;
  }
}
