package io.gatehouse.app.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The advertised address of dynamic listeners: a host or host:port that may contain the broker id,
 * in kafka-proxy's syntax (docs/kafka-proxy.md).
 */
public final class AdvertisedTemplate {

  private static final Pattern VARIABLE = Pattern.compile("\\{\\{-?\\s*(.*?)\\s*-?}}");
  private static final String BROKER_ID = "{{.brokerId}}";

  private AdvertisedTemplate() {}

  /**
   * Returns the template with every variable normalized to {@code {{.brokerId}}}.
   *
   * @throws IllegalArgumentException for another variable, a wildcard or an invalid address
   */
  public static String check(String text) {
    Matcher variable = VARIABLE.matcher(text);
    StringBuilder result = new StringBuilder();
    while (variable.find()) {
      if (!variable.group(1).equalsIgnoreCase(".brokerId")) {
        throw new IllegalArgumentException(
            "'" + variable.group() + "' is not known; the only variable is " + BROKER_ID);
      }
      variable.appendReplacement(result, Matcher.quoteReplacement(BROKER_ID));
    }
    String template = variable.appendTail(result).toString();
    String example = template.replace(BROKER_ID, "0");
    if (example.contains("{{") || example.contains("}}")) {
      throw new IllegalArgumentException("'" + text + "' has unbalanced {{ and }}");
    }
    if (hasPort(example)) {
      Parse.advertisedAddress(example);
    } else {
      Parse.advertisedHost(example);
    }
    return template;
  }

  private static boolean hasPort(String address) {
    int colon = address.lastIndexOf(':');
    boolean onlyColon = colon >= 0 && colon == address.indexOf(':');
    return address.startsWith("[") ? address.contains("]:") : onlyColon;
  }
}
