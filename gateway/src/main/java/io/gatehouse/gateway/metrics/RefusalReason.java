package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.ErrorCode;
import java.util.List;

/** Why the gateway answers a request with an error instead of forwarding it. */
public enum RefusalReason implements GatewayError {
  FORBIDDEN_API(
      Side.CLIENT,
      ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      "the api is forbidden by the rules",
      "remove it from rules.forbiddenApis if clients may use it"),
  UNKNOWN_VERSION(
      Side.CLIENT,
      ErrorCode.UNSUPPORTED_VERSION,
      "the gateway does not know the version",
      "nothing: clients fall back to a known version"),
  SASL_OF_GATEWAY(
      Side.CLIENT,
      ErrorCode.ILLEGAL_SASL_STATE,
      "the gateway logs in at the broker for this client, which has no login of its own",
      "set security.protocol of the client to PLAINTEXT or SSL"),
  NO_SERVER_NAME(
      Side.CLIENT,
      ErrorCode.INVALID_REQUEST,
      "the client sent no server name (SNI) in its TLS handshake, so the gateway cannot tell which"
          + " broker it wants",
      "address the gateway by a full host name and have the client send it"),
  NO_RIGHT(
      Side.CLIENT,
      ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      "the user may not change the credentials that the gateway keeps",
      "add the user's service account to rules.credentialAdmins if it may"),
  OF_SHARED_CLUSTER(
      Side.CLIENT,
      ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      "it concerns the cluster that other virtual clusters use too",
      "ask the operators of the cluster"),
  TOPIC_DENIED(
      Side.CLIENT,
      ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      "the user has not the right on a topic that the request needs",
      "see `gatehouse acl explain`"),
  GROUP_DENIED(
      Side.CLIENT,
      ErrorCode.GROUP_AUTHORIZATION_FAILED,
      "the user has not the right on a group that the request needs",
      "see `gatehouse acl explain`"),
  CLUSTER_DENIED(
      Side.CLIENT,
      ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      "the user has not the right on the cluster that the request needs",
      "see `gatehouse acl explain`"),
  TRANSACTIONAL_ID_DENIED(
      Side.CLIENT,
      ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      "the user has not the right on a transactional id that the request needs",
      "see `gatehouse acl explain`"),
  NEW_TOPICS_LIMITED(
      Side.CLIENT,
      ErrorCode.POLICY_VIOLATION,
      "the request is too long to be checked against the limits of the virtual cluster",
      "create fewer topics in each request"),
  ACLS_CHANGED(
      Side.CLIENT,
      ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
      "the session of fetches began under other access rules",
      "nothing: clients begin a new session"),
  ACLS_CHANGED_FOR_SHARES(
      Side.CLIENT,
      ErrorCode.SHARE_SESSION_NOT_FOUND,
      "the session of share fetches began under other access rules",
      "nothing: clients begin a new session"),
  NO_ACLS(
      Side.CLIENT,
      ErrorCode.SECURITY_DISABLED,
      "the virtual cluster has no ACLs",
      "nothing: all its users may do everything in it"),
  NO_DELEGATION_TOKENS(
      Side.CLIENT,
      ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED,
      "virtual clusters have no delegation tokens",
      "use an account or a token of the gateway"),
  NOT_OFFERED(
      Side.CLIENT,
      ErrorCode.UNSUPPORTED_VERSION,
      "virtual clusters do not offer the api",
      "nothing: clients do without it"),
  TOO_MANY_NAMES(
      Side.CLIENT,
      ErrorCode.INVALID_REQUEST,
      "the request names more than the gateway translates at once",
      "name fewer topics in each request"),
  BAD_TOPIC_PATTERN(
      Side.CLIENT,
      ErrorCode.INVALID_REGULAR_EXPRESSION,
      "the pattern is invalid, too large, or has ^ or \\b where that is not possible",
      "write the pattern for whole names"),
  REQUEST_TOO_LARGE(
      Side.CLIENT,
      ErrorCode.INVALID_REQUEST,
      "the request is larger than what the gateway answers itself",
      "name fewer users or access rules in each request"),
  STORE_BUSY(
      Side.GATEWAY,
      ErrorCode.REQUEST_TIMED_OUT,
      "too many requests wait for the store of the gateway",
      "check the store, or send fewer such requests at once"),
  MEMORY_SPENT(
      Side.GATEWAY,
      ErrorCode.REQUEST_TIMED_OUT,
      "the memory for buffered frames is exhausted",
      "raise limits.bufferedBytes and the memory of the process, or look for clients that read"
          + " slowly"),
  RESPONSE_TOO_LARGE(
      Side.GATEWAY,
      ErrorCode.INVALID_REQUEST,
      "a response that must be edited is too large to buffer",
      "request less data at once");

  private static final int METADATA = 3;
  private static final int FIND_COORDINATOR = 10;

  private final Side side;
  private final ErrorCode code;
  private final String text;
  private final String advice;

  RefusalReason(Side side, ErrorCode code, String text, String advice) {
    this.side = side;
    this.code = code;
    this.text = text;
    this.advice = advice;
  }

  /** The reason with Kafka's error code for what access rules or limits do not allow. */
  public static RefusalReason ofAcls(int errorCode) {
    for (RefusalReason reason :
        List.of(
            TOPIC_DENIED,
            GROUP_DENIED,
            TRANSACTIONAL_ID_DENIED,
            NEW_TOPICS_LIMITED,
            ACLS_CHANGED,
            ACLS_CHANGED_FOR_SHARES)) {
      if (reason.code.number() == errorCode) {
        return reason;
      }
    }
    return CLUSTER_DENIED;
  }

  @Override
  public Side side() {
    return side;
  }

  @Override
  public ErrorCode code() {
    return code;
  }

  /** The error code for a response of an API: some have their own for "try again". */
  public ErrorCode code(int apiKey) {
    if (!mayRetry()) {
      return code;
    }
    return switch (apiKey) {
      case METADATA -> ErrorCode.LEADER_NOT_AVAILABLE;
      case FIND_COORDINATOR -> ErrorCode.COORDINATOR_NOT_AVAILABLE;
      default -> code;
    };
  }

  @Override
  public boolean mayRetry() {
    return this == MEMORY_SPENT || this == STORE_BUSY;
  }

  @Override
  public Level level() {
    return Level.WARN;
  }

  /** The reason as one clause, for log lines and error messages. */
  @Override
  public String text() {
    return text;
  }

  @Override
  public String advice() {
    return advice;
  }
}
