package io.gatehouse.gateway.plan;

import org.jspecify.annotations.Nullable;

/**
 * What is added to a plan. Asked once for each api and version; the steps serve all sessions. Not
 * yet for Produce requests, and for responses in which the gateway replaces addresses or messages.
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
