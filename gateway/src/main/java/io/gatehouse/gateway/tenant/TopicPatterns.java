package io.gatehouse.gateway.tenant;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of topic names that brokers evaluate (KIP-848), confined to a tenant's topics. Brokers
 * match whole names, with the same library as this class, which matches in linear time.
 */
final class TopicPatterns {

  /** Maximum number of characters of a client's pattern, which is compiled on the event loop. */
  static final int MAX_LENGTH = 8_192;

  private TopicPatterns() {}

  /**
   * The pattern for the broker; null if it is invalid, too large, or asks for the beginning of a
   * line where a name cannot begin. The end of a line stays: nothing follows the pattern.
   */
  static @Nullable String toBroker(Tenant tenant, String pattern) {
    if (pattern.length() > MAX_LENGTH) {
      return null;
    }
    String inner = new BeginningsOfNames(pattern, endsWord(tenant.prefix())).removed();
    if (inner == null) {
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

  private static boolean endsWord(String prefix) {
    char last = prefix.charAt(prefix.length() - 1);
    return last != '.' && last != '-';
  }

  /** A prefix has no other characters with a meaning in patterns. */
  private static String head(Tenant tenant) {
    return tenant.prefix().replace(".", "\\.") + "(?:";
  }
}
