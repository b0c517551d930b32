package io.gatehouse.gateway.flow;

/** Why a client's next request does not go on. */
enum PauseReason {
  NONE,
  /** Until the broker is connected. */
  CONNECTION,
  /** Until a request in flight is answered. */
  ROOM,
  /** Until the other connections of the event loop had their turn. */
  TURN,
  /** Until other large requests are complete. */
  BUDGET,
  /** Until the gateway has answered the client's last request itself. */
  ANSWER,
  /** Until it is decided what becomes of the request. */
  DECISION,
  /** Until answers from other brokers, to earlier requests, have left. */
  ORDER,
  /** Until the client reads what it was answered. */
  READER,
  /** Until the broker has answered what the client logs in with. */
  PROOF,
  /** Until what let the client in is checked again. */
  RECHECK,
  /** Until the gateway's own login at the broker is renewed. */
  LOGIN,
  /** For good: the gateway stops. */
  DRAIN
}
