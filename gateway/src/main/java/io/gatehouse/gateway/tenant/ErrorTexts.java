package io.gatehouse.gateway.tenant;

/** Error messages of brokers, which may contain names. */
final class ErrorTexts {

  private ErrorTexts() {}

  /** The text without the prefix in front of names; it stays within longer words. */
  static String toClient(Tenant tenant, String text) {
    String prefix = tenant.prefix();
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
