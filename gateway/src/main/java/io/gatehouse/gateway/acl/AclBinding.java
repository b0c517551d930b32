package io.gatehouse.gateway.acl;

/**
 * An access rule.
 *
 * @param host an IP address, a network such as {@code 10.0.0.0/8}, or {@code *}. Addresses are
 *     compared as texts, as in Kafka: IPv6 addresses are written as Java does, without {@code ::}.
 *     A text that is neither matches no client.
 */
public record AclBinding(
    ResourcePattern resources,
    Principal principal,
    String host,
    Operation operation,
    Permission permission) {

  /** As the host of a rule: all hosts. */
  public static final String ANY_HOST = "*";

  /** Whether Kafka takes the text as the host of a rule: networks must be valid ones. */
  public static boolean isHost(String text) {
    return !text.isEmpty()
        && (text.indexOf('/') < 0 || HostPattern.parse(text) instanceof HostPattern.Network);
  }

  @Override
  public String toString() {
    return permission + " " + principal + " " + operation + " on " + resources + " from " + host;
  }
}
