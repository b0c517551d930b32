package io.gatehouse.gateway.tenant;

import java.util.List;
import java.util.regex.Pattern;

/** Error messages of brokers, which may contain names. */
final class ErrorTexts {

  /**
   * Begins the list of topics that a new one cannot exist beside, because {@code .} and {@code _}
   * are the same in names of metrics. They may belong to others.
   */
  private static final String COLLISION = "collides with existing topics:";

  private static final Pattern WORD = Pattern.compile("[a-zA-Z0-9._-]+");
  private static final Pattern PARTITION_OR_DOT = Pattern.compile("(-[0-9]+)?\\.?$");

  private ErrorTexts() {}

  /** What a message of a broker must be looked at for, besides the prefix. */
  static boolean mayNameOthers(String text) {
    return text.contains(COLLISION);
  }

  /**
   * The text without the prefix in front of names, which stays within longer words, with aliases of
   * topics, and without the names of others.
   */
  static String toClient(Tenant tenant, String text) {
    int collision = text.indexOf(COLLISION);
    return collision < 0
        ? withOwnNames(tenant, text)
        : withOwnNames(tenant, text.substring(0, collision))
            + "collides with an existing topic: '.' and '_' are the same in names of metrics";
  }

  private static String withOwnNames(Tenant tenant, String text) {
    String own = withoutPrefix(tenant.prefix(), text);
    return tenant.aliases().isEmpty() ? own : withAliases(tenant.aliases(), own);
  }

  /**
   * The text with the aliases of topics, also where a partition or the end of a sentence follows.
   */
  private static String withAliases(Aliases aliases, String text) {
    return WORD.matcher(text)
        .replaceAll(word -> {
          String topic = PARTITION_OR_DOT.matcher(word.group()).replaceFirst("");
          for (String name : List.of(word.group(), topic)) {
            String alias = aliases.alias(name);
            if (alias != null) {
              return alias + word.group().substring(name.length());
            }
          }
          return word.group();
        });
  }

  private static String withoutPrefix(String prefix, String text) {
    StringBuilder told = new StringBuilder(text.length());
    int at = 0;
    int found = text.indexOf(prefix);
    while (found >= 0) {
      told.append(text, at, found);
      boolean beginsName = found == 0 || !isOfName(text.charAt(found - 1));
      at = found + prefix.length();
      if (!beginsName) {
        told.append(prefix);
      }
      found = text.indexOf(prefix, at);
    }
    return told.append(text, at, text.length()).toString();
  }

  private static boolean isOfName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }
}
