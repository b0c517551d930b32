package io.gatehouse.auth;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** URLs without their secrets, for logs, errors and listings. */
public final class RedactedUrl {

  private static final String HIDDEN = "***";

  /**
   * A password with unescaped characters can contain '/', '?' or {@code @}, so everything up to the
   * last {@code @} is hidden.
   */
  private static final Pattern URL =
      Pattern.compile(
          "(?<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?<user>.*@)?(?<place>[^?#]*)(?<rest>[?#].*)?",
          Pattern.DOTALL);

  private RedactedUrl() {}

  /**
   * The URL without user info, query and fragment, which may be secrets. Texts that are not URLs
   * are returned unchanged.
   */
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

  public static String of(URI url) {
    return of(url.toString());
  }
}
