package io.gatehouse.gateway.tenant;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of topic names that brokers evaluate (KIP-848), confined to a tenant's topics. Brokers
 * match whole names, with the same library as this class, which matches in linear time.
 */
final class TopicPatterns {

  private TopicPatterns() {}

  /**
   * The pattern for the broker; null if it is invalid, too long, or asks for the beginning of a
   * line where a name cannot begin. The end of a line stays: nothing follows the pattern.
   */
  static @Nullable String toBroker(Tenant tenant, String pattern) {
    String inner = new BeginningsOfLines(pattern).removed();
    if (inner == null) {
      return null;
    }
    try {
      // Alone, so that no parenthesis in it can end the group around it.
      var _ = Pattern.compile(inner);
    } catch (PatternSyntaxException e) {
      return null;
    }
    String confined = head(tenant) + inner + ")";
    boolean fits = confined.getBytes(StandardCharsets.UTF_8).length <= NameText.MAX_BYTES;
    return fits ? confined : null;
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

  /**
   * Removes {@code ^} where a name begins, since the prefix comes before it then: at the beginning
   * of alternatives, also of those in groups that begin an alternative.
   */
  private static final class BeginningsOfLines {

    private final String pattern;
    private final StringBuilder kept = new StringBuilder();

    /** Whether the enclosing groups are at the beginning of a name, innermost last. */
    private final BitSet groups = new BitSet();

    private int depth;
    private boolean begins = true;

    BeginningsOfLines(String pattern) {
      this.pattern = pattern;
    }

    @Nullable String removed() {
      groups.set(0);
      int at = 0;
      while (at < pattern.length()) {
        int next = end(at);
        String part = pattern.substring(at, next);
        switch (part) {
          case "^", "\\A" -> {
            if (!begins) {
              return null;
            }
          }
          case "\\b", "\\B" -> {
            if (begins) { // the prefix would be what is before it
              return null;
            }
            kept.append(part);
          }
          case "|" -> {
            begins = groups.get(depth);
            kept.append(part);
          }
          case "(", "(?:" -> {
            groups.set(++depth, begins);
            kept.append(part);
          }
          case ")" -> {
            depth = Math.max(0, depth - 1);
            begins = false;
            kept.append(part);
          }
          default -> {
            begins = false;
            kept.append(part);
          }
        }
        at = next;
      }
      return kept.toString();
    }

    /** The end of the character, escaped character, class, or beginning of a group at an index. */
    private int end(int at) {
      return switch (pattern.charAt(at)) {
        case '\\' -> {
          boolean quotes = pattern.startsWith("\\Q", at);
          int quoted = pattern.indexOf("\\E", at);
          yield quotes
              ? (quoted < 0 ? pattern.length() : quoted + 2)
              : Math.min(at + 2, pattern.length());
        }
        case '[' -> endOfClass(at + 1);
        case '(' -> pattern.startsWith("(?:", at) ? at + 3 : at + 1;
        default -> at + 1;
      };
    }

    private int endOfClass(int from) {
      int at = from;
      if (at < pattern.length() && pattern.charAt(at) == '^') {
        at++;
      }
      if (at < pattern.length() && pattern.charAt(at) == ']') {
        at++; // as the first it is one of the characters
      }
      while (at < pattern.length() && pattern.charAt(at) != ']') {
        at += pattern.charAt(at) == '\\' ? 2 : 1;
      }
      return Math.min(at + 1, pattern.length());
    }
  }
}
