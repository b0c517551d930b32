package io.gatehouse.tls;

/** Whether clients must show a certificate. */
public enum ClientAuth {
  NONE,
  /** It is asked for and checked if it comes. */
  OPTIONAL,
  REQUIRED
}
