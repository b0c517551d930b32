package io.gatehouse.gateway.flow;

/** Why a {@link FrameCutter} is paused. */
enum PauseReason {
  NONE,
  /** Waits for the broker connection. */
  CONNECTION,
  /** Waits until fewer requests are in flight. */
  IN_FLIGHT_LIMIT,
  /** Waits for the next turn of the event loop. */
  TURN,
  /** Waits for memory that other requests or tokens use. */
  MEMORY_BUDGET,
  /** Waits for the gateway's own response to the last request. */
  LOCAL_RESPONSE,
  /** Waits for a {@link io.gatehouse.gateway.plan.Decision}. */
  DECISION,
  /** Waits for responses of other brokers to earlier requests. */
  RESPONSE_ORDER,
  /** Waits until the client reads its responses. */
  CLIENT_NOT_WRITABLE,
  /** Waits for the broker's response to the client's SASL request. */
  CLIENT_LOGIN,
  /** Waits while the client's certificate or login is verified again. */
  REVALIDATION,
  /** Waits while the gateway re-authenticates at the broker. */
  GATEWAY_LOGIN,
  /** Forever: the session is draining. */
  DRAIN
}
