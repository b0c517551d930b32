package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.cluster.TopicIds;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The names of one tenant at one cluster. Topic ids are those of the cluster, also of aliases. One
 * that is not a topic of the tenant is replaced in requests by an id that no topic has, so that a
 * broker answers for it as for any unknown id; in responses it becomes what the client has sent.
 */
public final class Names {

  /** Kafka assigns random UUIDs of version 4; one with this version is none of them. */
  private static final int NO_TOPIC_VERSION = 0xF;

  private static final int RANDOM_VERSION = 4;
  private static final int VERSION_SHIFT = 12;

  private final Tenant tenant;
  private final TopicIds topics;
  private final byte[] prefix;

  public Names(Tenant tenant, TopicIds topics) {
    this.tenant = tenant;
    this.topics = topics;
    this.prefix = tenant.prefix().getBytes(StandardCharsets.UTF_8);
  }

  public Tenant tenant() {
    return tenant;
  }

  /** Knows the topics of the cluster. */
  public TopicIds topics() {
    return topics;
  }

  /** The topic at the brokers that this is an alias of, or null. */
  @Nullable String aliased(String topic) {
    return tenant.aliases().topic(topic);
  }

  /** Whether a topic cannot be changed by this alias. */
  boolean isReadOnly(String alias) {
    return tenant.aliases().readOnly().contains(alias);
  }

  boolean hasAliases() {
    return !tenant.aliases().isEmpty();
  }

  /** The prefix of names at the brokers, in UTF-8; not to be changed. */
  byte[] prefix() {
    return prefix;
  }

  /** Whether an error message of a broker may contain names as brokers know them. */
  public boolean isIn(String message) {
    return !tenant.aliases().isEmpty()
        || message.contains(tenant.prefix())
        || ErrorTexts.mayNameOthers(message);
  }

  /** An error message with the names that clients know. */
  public String toClient(String message) {
    return ErrorTexts.toClient(tenant, message);
  }

  /** Whether this is the id of a topic of the tenant, or of none (zero). */
  public boolean isOwn(long high, long low) {
    if ((high | low) == 0) {
      return true;
    }
    String name = topics.name(new UUID(high, low));
    return name != null && tenant.sees(name);
  }

  /** Whether the cluster must be asked whose topic this is. */
  boolean isUnresolved(long high, long low) {
    return (high | low) != 0 && topics.isUnresolved(new UUID(high, low));
  }

  /** The upper half of the id to send instead of one that is not the tenant's. */
  public static long masked(long high) {
    return withVersion(high, NO_TOPIC_VERSION);
  }

  /** Whether the upper half of an id is {@link #masked}. */
  public static boolean isMasked(long high) {
    return (high >>> VERSION_SHIFT & 0xF) == NO_TOPIC_VERSION;
  }

  /** The upper half of the id that a client has sent. */
  public static long unmasked(long high) {
    return withVersion(high, RANDOM_VERSION);
  }

  private static long withVersion(long high, int version) {
    return (high & ~(0xFL << VERSION_SHIFT)) | ((long) version << VERSION_SHIFT);
  }

  /** Those of the same tenant at the same cluster are equal, so that their clients share a plan. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Names names
        && names.tenant.equals(tenant)
        && names.topics.equals(topics);
  }

  @Override
  public int hashCode() {
    return 31 * tenant.hashCode() + topics.hashCode();
  }
}
