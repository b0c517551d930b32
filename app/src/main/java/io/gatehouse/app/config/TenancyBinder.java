package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.Tenancy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads {@code virtualClusters}: how clients come into virtual clusters. */
final class TenancyBinder {

  private static final String USER = "User:";
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,100}");
  private static final Pattern SEPARATOR = Pattern.compile("[a-zA-Z0-9._-]{0,20}");

  private TenancyBinder() {}

  /**
   * @param byListener the virtual clusters that listeners name
   */
  static Tenancy read(Section section, Map<String, String> byListener) {
    boolean required = section.flag("required", false);
    String separator = section.value("separator", "", TenancyBinder::separator, text -> text);
    Tenancy.PassthroughAccess passthrough = passthrough(section.section("passthrough"));
    return section.make(
        () -> new Tenancy(required, separator, byListener, passthrough), () -> Tenancy.OPTIONAL);
  }

  private static Tenancy.PassthroughAccess passthrough(Section section) {
    boolean enabled = section.flag("aclEnabled", false);
    List<String> superUsers =
        section.list("superUsers", "nobody", TenancyBinder::user, Function.identity());
    section.close();
    return new Tenancy.PassthroughAccess(enabled, Set.copyOf(superUsers));
  }

  /** As in {@code super.users} of brokers, too. */
  private static String user(String text) {
    return SettingsBinder.accountName(text.startsWith(USER) ? text.substring(USER.length()) : text);
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
