package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.HostPort;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Broker configurations whose values contain addresses. DescribeConfigs would otherwise disclose
 * {@code advertised.listeners} and similar settings.
 */
public final class BrokerConfigs {

  /** The resource type of brokers and of the defaults of all brokers. */
  public static final int BROKER = 4;

  private static final Set<String> ADDRESSES =
      Set.of(
          "listeners",
          "advertised.listeners",
          "controller.quorum.voters",
          "controller.quorum.bootstrap.servers",
          "host.name",
          "advertised.host.name",
          "zookeeper.connect");

  /** A host and port, with an optional listener name or voter id before them. */
  private static final Pattern ADDRESS =
      Pattern.compile("(\\w+://|\\d+@)?(\\[[^\\]]*]|[^,:@/\\[\\]]*):(\\d+)");

  private BrokerConfigs() {}

  /** Whether the values of this configuration contain addresses. */
  public static boolean holdsAddresses(String name) {
    return ADDRESSES.contains(name);
  }

  /** The value with every address in it replaced by {@code address}. */
  public static String replaceAddresses(String value, HostPort address) {
    return value.indexOf(':') < 0
        ? address.host()
        : ADDRESS
            .matcher(value)
            .replaceAll(match ->
                Matcher.quoteReplacement((match.group(1) == null ? "" : match.group(1)) + address));
  }
}
