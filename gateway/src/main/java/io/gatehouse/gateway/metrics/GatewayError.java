package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.ErrorCode;

/**
 * What went wrong, for whom it is to mend, and what to do. Log lines, metrics and the answers to
 * clients follow from it; docs/errors.md lists them all.
 */
public sealed interface GatewayError permits CloseReason, RefusalReason {

  /** Who ended the connection, or is to blame. */
  enum Side {
    CLIENT,
    GATEWAY,
    BROKER
  }

  /** How much an operator wants to hear of it. */
  enum Level {
    /** It is as it should be. */
    DEBUG,
    INFO,
    WARN
  }

  Side side();

  /** What a client is answered; {@link ErrorCode#NONE} where its connection ends instead. */
  ErrorCode code();

  /** Whether the same may work another time without anything being changed. */
  boolean mayRetry();

  Level level();

  /** One clause for a log line. */
  String text();

  /** What somebody can do about it, in a sentence; empty where there is nothing to do. */
  String advice();

  String name();
}
