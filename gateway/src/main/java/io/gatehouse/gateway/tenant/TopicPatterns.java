package io.gatehouse.gateway.tenant;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of topic names that brokers evaluate (KIP-848), confined to a tenant's topics. Brokers
 * match whole names, with the same library as this class, which matches in linear time.
 */
final class TopicPatterns {

  private TopicPatterns() {}

  /**
   * The pattern for the broker; null if it is invalid, or begins or ends a line anywhere but at its
   * own beginning and end, which the prefix in front makes impossible to match.
   */
  static @Nullable String toBroker(Tenant tenant, String pattern) {
    int from = pattern.startsWith("^") ? 1 : 0;
    int to = pattern.length() - (endsLine(pattern) ? 1 : 0);
    String inner = pattern.substring(from, Math.max(from, to));
    if (hasAnchor(inner)) {
      return null;
    }
    try {
      // Alone, so that no parenthesis in it can end the group around it.
      var _ = Pattern.compile(inner);
    } catch (PatternSyntaxException e) {
      return null;
    }
    return head(tenant) + inner + ")";
  }

  /** The client's pattern; unchanged if it is not one of {@link #toBroker}. */
  static String toClient(Tenant tenant, String pattern) {
    String head = head(tenant);
    return pattern.startsWith(head) && pattern.endsWith(")")
        ? pattern.substring(head.length(), pattern.length() - 1)
        : pattern;
  }

  /** A prefix has no other characters with a meaning in patterns. */
  private static String head(Tenant tenant) {
    return tenant.prefix().replace(".", "\\.") + "(?:";
  }

  private static boolean endsLine(String pattern) {
    int backslashes = 0;
    while (backslashes < pattern.length() - 1
        && pattern.charAt(pattern.length() - 2 - backslashes) == '\\') {
      backslashes++;
    }
    return pattern.endsWith("$") && backslashes % 2 == 0;
  }

  private static boolean hasAnchor(String pattern) {
    boolean inClass = false;
    for (int i = 0; i < pattern.length(); i++) {
      switch (pattern.charAt(i)) {
        case '\\' -> {
          i++;
          if (i < pattern.length() && !inClass && "AzbB".indexOf(pattern.charAt(i)) >= 0) {
            return true;
          }
        }
        case '[' -> inClass = true;
        case ']' -> inClass = false;
        case '^', '$' -> {
          if (!inClass) {
            return true;
          }
        }
        default -> {}
      }
    }
    return false;
  }
}
