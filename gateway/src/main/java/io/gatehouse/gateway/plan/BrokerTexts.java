package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.HostPort;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What error messages of brokers say of listeners. */
public final class BrokerTexts {

  /**
   * {@code host:port}, or a host and port as Kafka's classes print their fields. The time to find
   * all grows with the text only: no part can match in two ways, and none begins within a name.
   */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?<![\\w.-])([\\w.-]++|\\[[0-9A-Fa-f:.%]++\\]):(\\d{1,5})(?!\\d)"
              + "|(\\bhost='?)([^'\",()\\s]{1,255}+)('?, ?port=)(\\d{1,5})(?!\\d)");

  private BrokerTexts() {}

  /**
   * The text with other addresses in place of those that have one.
   *
   * @param instead what an address is called instead, null to leave it
   */
  public static String mended(String text, Function<HostPort, @Nullable HostPort> instead) {
    return text.indexOf(':') < 0 && !text.contains("port=")
        ? text
        : ADDRESS
            .matcher(text)
            .replaceAll(match -> Matcher.quoteReplacement(mended(match, instead)));
  }

  private static String mended(MatchResult match, Function<HostPort, @Nullable HostPort> instead) {
    boolean pair = match.group(1) != null;
    int port = Integer.parseInt(match.group(pair ? 2 : 6));
    if (port > 65_535) {
      return match.group();
    }
    HostPort address = instead.apply(new HostPort(match.group(pair ? 1 : 4), port));
    if (address == null) {
      return match.group();
    }
    return pair
        ? address.toString()
        : match.group(3) + address.host() + match.group(5) + address.port();
  }
}
