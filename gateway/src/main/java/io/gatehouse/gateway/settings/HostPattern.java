package io.gatehouse.gateway.settings;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The host names of a cluster's brokers, by node id: {@code broker-{{nodeId}}.kafka.example.com}
 * (docs/conduktor.md).
 */
public record HostPattern(String prefix, String suffix) {

  public static final String NODE_ID = "{{nodeId}}";

  /** More digits than this are no node id. */
  private static final int MAX_DIGITS = 9;

  /** Stands for a digit; no host name holds it. */
  private static final char ANY_DIGIT = '#';

  public HostPattern {
    prefix = normalize(prefix);
    suffix = normalize(suffix);
  }

  /**
   * @throws IllegalArgumentException when the node id does not stand in it exactly once
   */
  public static HostPattern parse(String text) {
    int at = text.indexOf(NODE_ID);
    if (at < 0 || text.indexOf(NODE_ID, at + 1) >= 0) {
      throw new IllegalArgumentException(
          "the host pattern '" + text + "' must hold " + NODE_ID + " once");
    }
    return new HostPattern(text.substring(0, at), text.substring(at + NODE_ID.length()));
  }

  /** Host names are compared in lower case and without the dot at the end. */
  public static String normalize(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  public String host(int nodeId) {
    return prefix + nodeId + suffix;
  }

  /** The node id in a host name, or -1 if it is not of this pattern. */
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

  /** A name that is a broker's by this pattern and by another, or null if there is none. */
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

  /** The name that is most like both: where one leaves a digit open, the other's. */
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
