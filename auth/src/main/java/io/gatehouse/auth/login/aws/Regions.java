package io.gatehouse.auth.login.aws;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Conversions between AWS regions and host names. */
final class Regions {

  private static final Pattern IN_HOST =
      Pattern.compile(
          "\\.([a-z]{2}(?:-[a-z]+)+-[0-9]+)\\.(?:[a-z0-9.-]*\\.)?(?:amazonaws\\.com(?:\\.cn)?|api\\.aws|c2s\\.ic\\.gov|sc2s\\.sgov\\.gov)\\.?$");

  private Regions() {}

  /**
   * The region in a broker's host name such as b-1.x.y.kafka.eu-west-1.amazonaws.com, else null.
   */
  static @Nullable String ofHost(String host) {
    Matcher matcher = IN_HOST.matcher(host.toLowerCase(Locale.ROOT));
    return matcher.find() ? matcher.group(1) : null;
  }

  /** The domain of a region's service endpoints. */
  static String domain(String region) {
    if (region.startsWith("cn-")) {
      return "amazonaws.com.cn";
    }
    if (region.startsWith("us-isob-")) {
      return "sc2s.sgov.gov";
    }
    return region.startsWith("us-iso-") ? "c2s.ic.gov" : "amazonaws.com";
  }
}
