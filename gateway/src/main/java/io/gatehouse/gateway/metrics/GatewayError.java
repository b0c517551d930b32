package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.ErrorCode;

/**
 * An error with its side, Kafka error code and advice, from which log lines, metrics and responses
 * to clients are made. docs/errors.md lists all of them.
 */
public sealed interface GatewayError permits CloseReason, RefusalReason {

  /** The side that ended the connection or can fix the cause. */
  enum Side {
    CLIENT,
    GATEWAY,
    BROKER
  }

  /** The level of the log line. */
  enum Level {
    /** Normal operation. */
    DEBUG,
    INFO,
    WARN
  }

  Side side();

  /** The error code of the response; {@link ErrorCode#NONE} if the connection is closed instead. */
  ErrorCode code();

  /** Whether a retry may succeed without any change. */
  boolean mayRetry();

  Level level();

  /** The error as one clause, for log lines. */
  String text();

  /** What users can do about it; empty if nothing. */
  String advice();

  String name();
}
