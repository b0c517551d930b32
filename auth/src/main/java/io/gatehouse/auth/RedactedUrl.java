package io.gatehouse.auth;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** URLs as logs, errors and listings show them. */
public final class RedactedUrl {

  private static final String HIDDEN = "***";

  /**
   * Passwords with characters that should have been escaped end up anywhere before the last
   * {@code @}, so all of it is left out.
   */
  private static final Pattern URL =
      Pattern.compile(
          "(?<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?<user>.*@)?(?<place>[^?#]*)(?<rest>[?#].*)?",
          Pattern.DOTALL);

  private RedactedUrl() {}

  /** Without user info, query and fragment, which may be secrets. Other texts stay as they are. */
  public static String of(String text) {
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      return text;
    }
    String rest = url.group("rest");
    return url.group("scheme")
        + (url.group("user") == null ? "" : HIDDEN + "@")
        + url.group("place")
        + (rest == null || rest.length() < 2 ? "" : rest.charAt(0) + HIDDEN);
  }

  /** The same of a URL that was read. */
  public static String of(URI url) {
    return of(url.toString());
  }
}
