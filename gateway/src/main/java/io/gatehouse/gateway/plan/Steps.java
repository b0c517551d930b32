package io.gatehouse.gateway.plan;

import org.jspecify.annotations.Nullable;

/**
 * Decisions about requests and responses in addition to the configured rules. Asked once per plan,
 * API and version. The gateway's own processing follows the step: it looks for {@code acks} in
 * Produce requests, and replaces addresses in responses.
 */
public interface Steps {

  /** No steps. */
  Steps NONE = new Steps() {};

  /** The steps for one caller. Callers with equal steps share a plan. */
  default Steps of(Caller caller) {
    return this;
  }

  /** The step for requests of this api and version, or null for none. */
  default @Nullable RequestStep request(int apiKey, int version) {
    return null;
  }

  /** The step for the responses to requests of this api and version, or null for none. */
  default @Nullable ResponseStep response(int apiKey, int version) {
    return null;
  }
}
