package io.gatehouse.gateway.plan;

import org.jspecify.annotations.Nullable;

/**
 * What is added to a plan. Asked once for each api and version; the steps serve all sessions. The
 * gateway does what else it does with the frame behind them: looks for acks in Produce requests,
 * replaces addresses in responses.
 */
public interface Steps {

  /** Adds nothing. */
  Steps NONE = new Steps() {};

  /** What decides upon requests of this api and version; null: nothing does. */
  default @Nullable RequestStep request(int apiKey, int version) {
    return null;
  }

  /** What decides upon the responses to requests of this api and version; null: nothing does. */
  default @Nullable ResponseStep response(int apiKey, int version) {
    return null;
  }
}
