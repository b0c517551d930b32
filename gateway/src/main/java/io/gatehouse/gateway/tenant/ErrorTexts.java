package io.gatehouse.gateway.tenant;

/** Error messages of brokers, which may contain names. */
final class ErrorTexts {

  /**
   * Begins the list of topics that a new one cannot exist beside, because {@code .} and {@code _}
   * are the same in names of metrics. They may belong to others.
   */
  private static final String COLLISION = "collides with existing topics:";

  private ErrorTexts() {}

  /** What a message of a broker must be looked at for, besides the prefix. */
  static boolean mayNameOthers(String text) {
    return text.contains(COLLISION);
  }

  /**
   * The text without the prefix in front of names, which stays within longer words, and without the
   * names of others.
   */
  static String toClient(Tenant tenant, String text) {
    int collision = text.indexOf(COLLISION);
    return collision < 0
        ? withoutPrefix(tenant.prefix(), text)
        : withoutPrefix(tenant.prefix(), text.substring(0, collision))
            + "collides with an existing topic: '.' and '_' are the same in names of metrics";
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
