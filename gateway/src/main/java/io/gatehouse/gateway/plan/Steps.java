package io.gatehouse.gateway.plan;

import org.jspecify.annotations.Nullable;

/**
 * Decisions about requests and responses beside the rules of the configuration. Asked once for each
 * plan, api and version. The gateway does its own work after a step has forwarded a frame: it looks
 * for acks in Produce requests and replaces addresses in responses.
 */
public interface Steps {

  /** No steps. */
  Steps NONE = new Steps() {};

  /** The steps for one caller. Callers that are treated alike get equal steps, and share a plan. */
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
