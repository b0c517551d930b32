package io.gatehouse.gateway.tenant;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Removes {@code ^} from a pattern where a name begins, since a prefix comes before it then: at the
 * beginning of alternatives, also of those in groups that begin an alternative. Where it is unsure
 * that the pattern then means the same, there is no result.
 */
final class BeginningsOfNames {

  /** Maximum nesting of groups, for which the library needs a stack. */
  private static final int MAX_DEPTH = 100;

  /** Maximum size of a pattern with its repetitions written out, as the library compiles it. */
  private static final long MAX_WRITTEN_OUT = 100_000;

  private static final String REPETITIONS = "*+?{";

  private final String pattern;

  /** Whether the character before the name is one of a word (\w). */
  private final boolean afterWord;

  private final StringBuilder kept = new StringBuilder();

  /** Whether the enclosing groups are at the beginning of a name, by their nesting. */
  private final BitSet atBeginning = new BitSet();

  /** Whether they could be, because what is before them can match nothing. */
  private final BitSet perhapsAtBeginning = new BitSet();

  /** Whether one of their alternatives can match nothing there. */
  private final BitSet perhapsEmpty = new BitSet();

  /** Whether a {@code ^} was removed from them. */
  private final BitSet changed = new BitSet();

  private int depth;
  private boolean begins = true;
  private boolean mayBegin = true;
  private long writtenOut;

  BeginningsOfNames(String pattern, boolean afterWord) {
    this.pattern = pattern;
    this.afterWord = afterWord;
    this.writtenOut = pattern.length();
  }

  @Nullable String removed() {
    atBeginning.set(0);
    perhapsAtBeginning.set(0);
    int at = 0;
    while (at < pattern.length()) {
      int next = end(at);
      String part = pattern.substring(at, next);
      if (!accept(part, next)) {
        return null;
      }
      at = next;
    }
    return kept.toString();
  }

  private boolean accept(String part, int next) {
    boolean matchesNothing = part.equals("\\Q\\E") || (part.startsWith("(?") && part.endsWith(")"));
    if (matchesNothing && isFollowedBy(next, REPETITIONS)) {
      return false; // the library repeats what is before it
    }
    switch (part) {
      case "^", "\\A" -> {
        changed.set(depth);
        return begins && !isFollowedBy(next, REPETITIONS);
      }
      case "\\b", "\\B" -> {
        kept.append(part);
        return !(afterWord && mayBegin); // the prefix would be what is before it
      }
      case "|" -> {
        perhapsEmpty.set(depth, mayBegin || perhapsEmpty.get(depth));
        begins = atBeginning.get(depth);
        mayBegin = perhapsAtBeginning.get(depth);
      }
      case ")" -> {
        kept.append(part);
        return endGroup(next);
      }
      default -> {
        if (part.startsWith("(")) {
          kept.append(part);
          return matchesNothing || beginGroup();
        }
        if (part.startsWith("{") && part.endsWith("}")) {
          writtenOut *= repetitions(part);
        } else if (isCharacter(part) && !isFollowedBy(next, "*?{")) {
          mayBegin = false;
        }
        begins = false;
        if (part.startsWith("\\Q") && !part.endsWith("\\E")) {
          part += "\\E"; // it would quote the parenthesis that follows
        }
      }
    }
    kept.append(part);
    return writtenOut <= MAX_WRITTEN_OUT;
  }

  private boolean beginGroup() {
    depth++;
    atBeginning.set(depth, begins);
    perhapsAtBeginning.set(depth, mayBegin);
    perhapsEmpty.clear(depth);
    changed.clear(depth);
    return depth <= MAX_DEPTH;
  }

  private boolean endGroup(int next) {
    if (depth == 0) {
      return false;
    }
    // Repeated, it would begin where no name does.
    boolean repeated = changed.get(depth) && isFollowedBy(next, "*+{");
    begins = false;
    mayBegin =
        perhapsAtBeginning.get(depth)
            && (mayBegin || perhapsEmpty.get(depth) || isFollowedBy(next, "*?{"));
    depth--;
    changed.set(depth, changed.get(depth) || changed.get(depth + 1));
    return !repeated;
  }

  private boolean isFollowedBy(int next, String one) {
    return next < pattern.length() && one.indexOf(pattern.charAt(next)) >= 0;
  }

  /** Whether a part certainly matches a character. */
  private static boolean isCharacter(String part) {
    char last = part.charAt(part.length() - 1);
    if (part.length() == 1) {
      return Character.isLetterOrDigit(last) || "._-".indexOf(last) >= 0;
    }
    return part.startsWith("[") || (part.length() == 2 && "._-dDsSwW".indexOf(last) >= 0);
  }

  /** How often <code>{n,m}</code> has what is before it written out. */
  private static long repetitions(String part) {
    long most = 1;
    for (String number : part.substring(1, part.length() - 1).split(",", -1)) {
      // The library refuses more than four digits.
      most = Math.max(most, number.length() > 4 ? MAX_WRITTEN_OUT : Long.parseLong("0" + number));
    }
    return most;
  }

  /** The end of the part of the pattern that begins at an index. */
  private int end(int at) {
    return switch (pattern.charAt(at)) {
      case '\\' -> endOfEscape(at);
      case '[' -> endOfClass(at + 1);
      case '(' -> pattern.startsWith("(?", at) ? endOfGroupHead(at + 2) : at + 1;
      case '{' -> endOfRepetition(at + 1);
      default -> at + 1;
    };
  }

  private int endOfEscape(int at) {
    int to = Math.min(at + 2, pattern.length());
    return switch (pattern.substring(at + 1, to)) {
      case "Q" -> {
        int quoted = pattern.indexOf("\\E", to);
        yield quoted < 0 ? pattern.length() : quoted + 2;
      }
      case "p", "P", "x" -> {
        int width = pattern.startsWith("x", to - 1) ? 2 : 1;
        int brace = pattern.startsWith("{", to) ? pattern.indexOf('}', to) : -1;
        yield brace < 0 ? Math.min(to + width, pattern.length()) : brace + 1;
      }
      default -> Character.isDigit(pattern.charAt(to - 1)) ? skipDigits(to) : to;
    };
  }

  private int endOfClass(int from) {
    int at = from;
    if (pattern.startsWith("^", at)) {
      at++;
    }
    if (pattern.startsWith("]", at)) {
      at++; // as the first it is one of the characters
    }
    while (at < pattern.length() && pattern.charAt(at) != ']') {
      int named = pattern.startsWith("[:", at) ? pattern.indexOf(":]", at + 1) : -1;
      at = named >= 0 ? named + 2 : pattern.charAt(at) == '\\' ? at + 2 : at + 1;
    }
    return Math.min(at + 1, pattern.length());
  }

  /** The end of flags, or of what makes a group have a name or not capture. */
  private int endOfGroupHead(int from) {
    int at = from;
    while (at < pattern.length() && "):>".indexOf(pattern.charAt(at)) < 0) {
      at++;
    }
    return Math.min(at + 1, pattern.length());
  }

  /** The end of <code>{n,m}</code>; of the character if it is not that. */
  private int endOfRepetition(int from) {
    int at = skipDigits(from);
    if (at > from && pattern.startsWith(",", at)) {
      at = skipDigits(at + 1);
    }
    return at > from && pattern.startsWith("}", at) ? at + 1 : from;
  }

  private int skipDigits(int from) {
    int at = from;
    while (at < pattern.length() && Character.isDigit(pattern.charAt(at))) {
      at++;
    }
    return at;
  }
}
