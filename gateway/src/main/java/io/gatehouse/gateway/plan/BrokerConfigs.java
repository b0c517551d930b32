package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.HostPort;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What broker configurations say of addresses: {@code advertised.listeners} and its like tell what
 * Metadata must not.
 */
public final class BrokerConfigs {

  /** The resource type of a broker, and of the defaults of all brokers. */
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

  /** A host and port, with what may stand before them: a listener's name or a voter's id. */
  private static final Pattern ADDRESS =
      Pattern.compile("(\\w+://|\\d+@)?(\\[[^\\]]*]|[^,:@/\\[\\]]*):(\\d+)");

  private BrokerConfigs() {}

  /** Whether the values of this configuration hold addresses. */
  public static boolean holdsAddresses(String name) {
    return ADDRESSES.contains(name);
  }

  /** The value with {@code address} in place of all that it names. */
  public static String mended(String value, HostPort address) {
    return value.indexOf(':') < 0
        ? address.host()
        : ADDRESS
            .matcher(value)
            .replaceAll(match ->
                Matcher.quoteReplacement((match.group(1) == null ? "" : match.group(1)) + address));
  }
}
