package io.gatehouse.gateway.acl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A right that Kafka demands for a request.
 *
 * @param subject what the right is about
 * @param when in which requests it is demanded
 * @param unless another right that is enough instead, or null
 */
public record Demand(
    Subject subject, Right right, When when, @Nullable Right unless, Refusal refusal) {

  /** An operation on resources of a type. */
  public record Right(Operation operation, ResourceType type) {}

  /** What a right is about. */
  public sealed interface Subject {}

  /** The cluster as a whole. */
  public record WholeCluster() implements Subject {}

  /** Any resource of the type: see {@link AclCaller#authorizeAny}. */
  public record AnyResource() implements Subject {}

  /**
   * The resources that a message names, each of them.
   *
   * @param paths the fields with names or ids, as in Kafka's definitions
   */
  public record Named(Side side, List<String> paths) implements Subject {}

  /** The message that names resources. */
  public enum Side {
    REQUEST,
    /** The answer: it is checked after the request was performed. */
    ANSWER
  }

  /** In which requests a right is demanded. */
  public enum When {
    ALWAYS,
    /** Batches of a transaction are produced, even if the transactional id is missing. */
    TRANSACTIONAL_RECORDS,
    /** A replica id stands in the request. */
    FROM_FOLLOWER,
    FROM_CONSUMER,
    /** The request asks for everything instead of naming resources. */
    ALL_RESOURCES,
    /** The topic does not exist, and the request and the cluster's settings let it be created. */
    TOPIC_IS_CREATED,
    /** The coordinator of a consumer, share or streams group is looked for. */
    GROUP_KEY,
    TRANSACTION_KEY,
    SHARE_KEY,
    TRANSACTIONAL_ID_GIVEN,
    NO_TRANSACTIONAL_ID,
    /** KIP-939. */
    TWO_PHASE_COMMIT_ENABLED,
    /** AddPartitionsToTxn from version 4 on. */
    VERSION_OF_BROKERS,
    /** The resource of a configuration is a topic. */
    CONFIGS_OF_TOPIC,
    /** The resource of a configuration is a group. */
    CONFIGS_OF_GROUP,
    /**
     * The resource of a configuration is a broker, its loggers or a client metrics subscription.
     */
    CONFIGS_OF_CLUSTER,
    /** A delegation token is requested for another user. */
    TOKEN_FOR_OTHER_OWNER,
    /** A delegation token of another user, who did not name this one as a renewer. */
    TOKEN_OF_OTHER_OWNER,
    /** The request asks for the authorized operations of the cluster. */
    CLUSTER_OPERATIONS_WANTED
  }

  /**
   * What becomes of a request without the right.
   *
   * @param errorCode Kafka's, or 0 where the answer has none
   */
  public record Refusal(Effect effect, int errorCode) {}

  /** What a refusal concerns. */
  public enum Effect {
    /** It is not performed. The answer has the error wherever an error can stand. */
    WHOLE,
    /** It is performed without the resource, whose element of the answer has the error. */
    ELEMENT,
    /** As {@link #ELEMENT}, but nothing is performed: the others get OPERATION_NOT_ATTEMPTED. */
    ELEMENT_AND_NOTHING_DONE,
    /** The resource is left out of the answer, without an error. */
    OMITTED,
    /** The element of the answer around it, a group, is replaced by one with the error. */
    PARENT,
    /** What the right is about is missing in the element; it may have an error code for that. */
    WITHHELD
  }
}
