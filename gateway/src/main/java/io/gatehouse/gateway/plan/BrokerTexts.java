package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.HostPort;
import java.util.function.Function;
import java.util.function.Predicate;
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

  /** Whether the text names an address that is one of these. */
  public static boolean names(String text, Predicate<HostPort> known) {
    return mayName(text)
        && ADDRESS
            .matcher(text)
            .results()
            .map(BrokerTexts::address)
            .anyMatch(address -> address != null && known.test(address));
  }

  private static boolean mayName(String text) {
    return text.indexOf(':') >= 0 || text.contains("port=");
  }

  /**
   * The text with other addresses in place of those that have one.
   *
   * @param instead what an address is called instead, null to leave it
   */
  public static String mended(String text, Function<HostPort, @Nullable HostPort> instead) {
    return mayName(text)
        ? ADDRESS
            .matcher(text)
            .replaceAll(match -> Matcher.quoteReplacement(mended(match, instead)))
        : text;
  }

  /** Null where the port is none. */
  private static @Nullable HostPort address(MatchResult match) {
    boolean pair = match.group(1) != null;
    int port = Integer.parseInt(match.group(pair ? 2 : 6));
    return port > 65_535 ? null : new HostPort(match.group(pair ? 1 : 4), port);
  }

  private static String mended(MatchResult match, Function<HostPort, @Nullable HostPort> instead) {
    HostPort named = address(match);
    HostPort address = named == null ? null : instead.apply(named);
    if (address == null) {
      return match.group();
    }
    return match.group(1) != null
        ? address.toString()
        : match.group(3) + address.host() + match.group(5) + address.port();
  }
}
