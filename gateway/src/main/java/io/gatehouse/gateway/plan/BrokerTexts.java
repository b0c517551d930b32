package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.HostPort;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds and replaces broker addresses in error messages. */
public final class BrokerTexts {

  /**
   * Matches {@code host:port}, or a host and port as the {@code toString} of Kafka's classes prints
   * them. The possessive quantifiers and the look-behind keep the matching time linear in the
   * length of the text.
   */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?<![\\w.-])([\\w.-]++|\\[[0-9A-Fa-f:.%]++\\]):(\\d{1,5})(?!\\d)"
              + "|(\\bhost='?)([^'\",()\\s]{1,255}+)('?, ?port=)(\\d{1,5})(?!\\d)");

  private BrokerTexts() {}

  /** Whether the text contains an address that matches the predicate. */
  public static boolean containsAddress(String text, Predicate<HostPort> known) {
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
   * Replaces addresses in a text.
   *
   * @param instead the replacement for an address, or null to keep it
   */
  public static String replaceAddresses(
      String text, Function<HostPort, @Nullable HostPort> instead) {
    return mayName(text)
        ? ADDRESS
            .matcher(text)
            .replaceAll(match -> Matcher.quoteReplacement(replaceAddresses(match, instead)))
        : text;
  }

  /** Null if the port is out of range. */
  private static @Nullable HostPort address(MatchResult match) {
    boolean pair = match.group(1) != null;
    int port = Integer.parseInt(match.group(pair ? 2 : 6));
    return port > 65_535 ? null : new HostPort(match.group(pair ? 1 : 4), port);
  }

  private static String replaceAddresses(
      MatchResult match, Function<HostPort, @Nullable HostPort> instead) {
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
