package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.Tenancy;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads {@code virtualClusters}: how clients come into virtual clusters. */
final class TenancyBinder {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,100}");
  private static final Pattern SEPARATOR = Pattern.compile("[a-zA-Z0-9._-]{0,20}");

  private TenancyBinder() {}

  /**
   * @param byListener the virtual clusters that listeners name
   */
  static Tenancy read(Section section, Map<String, String> byListener) {
    boolean required = section.flag("required", false);
    String separator = section.value("separator", "", TenancyBinder::separator, text -> text);
    return section.make(() -> new Tenancy(required, separator, byListener), () -> Tenancy.OPTIONAL);
  }

  static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no name of a virtual cluster: it has up to 100 letters, digits, dots, dashes and underscores"
              .formatted(text));
    }
    return text;
  }

  private static String separator(String text) {
    if (!SEPARATOR.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'%s' cannot stand in names of topics: it may have up to 20 letters, digits, dots, dashes and underscores"
              .formatted(text));
    }
    return text;
  }
}
