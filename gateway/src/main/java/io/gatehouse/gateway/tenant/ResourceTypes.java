package io.gatehouse.gateway.tenant;

/** The types of resources that have configurations (KIP-133, KIP-714, KIP-1142). */
final class ResourceTypes {

  static final int UNKNOWN = 0;
  private static final int TOPIC = 2;
  private static final int CLIENT_METRICS = 16;
  private static final int GROUP = 32;

  private ResourceTypes() {}

  /** Whether a tenant has resources of this type of its own; others are the brokers'. */
  static boolean isOfTenant(int type) {
    return type == TOPIC || type == GROUP || type == CLIENT_METRICS;
  }
}
