package io.gatehouse.gateway.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Advertised addresses with {@code {{.brokerId}}} or {@code {{nodeId}}} standing for the id. */
public final class Templates {

  private static final Pattern VARIABLE = Pattern.compile("\\{\\{\\s*\\.?([^}\\s]*)\\s*}}");

  private Templates() {}

  static String fill(String template, int nodeId) {
    return VARIABLE.matcher(template).replaceAll(Integer.toString(nodeId));
  }

  /**
   * Checks a template before it is used.
   *
   * @throws IllegalArgumentException naming the first variable that is none
   */
  public static void check(String template) {
    Matcher variables = VARIABLE.matcher(template);
    while (variables.find()) {
      String name = variables.group(1);
      if (!name.equals("brokerId") && !name.equals("brokerID") && !name.equals("nodeId")) {
        throw new IllegalArgumentException(
            "'" + template + "' uses {{" + name + "}}: only {{.brokerId}} is known");
      }
    }
  }
}
