package io.gatehouse.tls;

/** Whether clients must show a certificate. */
public enum ClientAuth {
  NONE,
  /** A certificate is requested, and verified if the client sends one. */
  OPTIONAL,
  REQUIRED
}
