package io.gatehouse.gateway.tenant;

/** The cluster id that a tenant's clients see: {@code virtual-cluster@id-of-the-cluster}. */
final class ClusterIds {

  private ClusterIds() {}

  static String toClient(Tenant tenant, String id) {
    return tenant.name() + "@" + id;
  }

  /** What a client expects (KIP-1242); unchanged if it is not one of this tenant's. */
  static String toBroker(Tenant tenant, String id) {
    String own = tenant.name() + "@";
    return id.startsWith(own) ? id.substring(own.length()) : id;
  }
}
