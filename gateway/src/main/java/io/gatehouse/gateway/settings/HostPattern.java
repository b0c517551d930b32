package io.gatehouse.gateway.settings;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The host names of a cluster's brokers, by node id: {@code broker-{{nodeId}}.kafka.example.com}
 * (docs/conduktor.md).
 */
public record HostPattern(String prefix, String suffix) {

  public static final String NODE_ID = "{{nodeId}}";

  /** Maximum number of digits of a node id. */
  private static final int MAX_DIGITS = 9;

  /** Placeholder for a digit; it occurs in no host name. */
  private static final char ANY_DIGIT = '#';

  public HostPattern {
    prefix = normalize(prefix);
    suffix = normalize(suffix);
  }

  /**
   * Parses a pattern.
   *
   * @throws IllegalArgumentException if {@link #NODE_ID} does not occur exactly once
   */
  public static HostPattern parse(String text) {
    int at = text.indexOf(NODE_ID);
    if (at < 0 || text.indexOf(NODE_ID, at + 1) >= 0) {
      throw new IllegalArgumentException(
          "the host pattern '" + text + "' must hold " + NODE_ID + " once");
    }
    return new HostPattern(text.substring(0, at), text.substring(at + NODE_ID.length()));
  }

  /** Normalizes a host name for comparison: lower case, without a trailing dot. */
  public static String normalize(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /** The host name of a node. */
  public String host(int nodeId) {
    return prefix + nodeId + suffix;
  }

  /** The node id in a normalized host name, or -1 if it does not match the pattern. */
  public int nodeId(String host) {
    int digits = host.length() - prefix.length() - suffix.length();
    if (digits < 1 || digits > MAX_DIGITS || !host.startsWith(prefix) || !host.endsWith(suffix)) {
      return -1;
    }
    String id = host.substring(prefix.length(), prefix.length() + digits);
    boolean plain =
        id.chars().allMatch(c -> c >= '0' && c <= '9') && (digits == 1 || id.charAt(0) != '0');
    return plain ? Integer.parseInt(id) : -1;
  }

  /** A host name that matches both patterns, or null if there is none. */
  @Nullable String common(HostPattern other) {
    for (int digits = 1; digits <= MAX_DIGITS; digits++) {
      int length = prefix.length() + digits + suffix.length();
      int otherDigits = length - other.prefix.length() - other.suffix.length();
      if (otherDigits >= 1 && otherDigits <= MAX_DIGITS) {
        String name = common(template(digits), other.template(otherDigits));
        if (nodeId(name) >= 0 && other.nodeId(name) >= 0) {
          return name;
        }
      }
    }
    return null;
  }

  private String template(int digits) {
    return prefix + String.valueOf(ANY_DIGIT).repeat(digits) + suffix;
  }

  /** Merges two templates: a placeholder in one takes the character of the other. */
  private static String common(String one, String other) {
    StringBuilder name = new StringBuilder(one);
    for (int i = 0; i < name.length(); i++) {
      if (one.charAt(i) == ANY_DIGIT) {
        name.setCharAt(i, other.charAt(i) == ANY_DIGIT ? '1' : other.charAt(i));
      }
    }
    return name.toString();
  }

  @Override
  public String toString() {
    return prefix + NODE_ID + suffix;
  }
}
