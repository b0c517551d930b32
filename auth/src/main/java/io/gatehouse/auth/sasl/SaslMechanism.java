package io.gatehouse.auth.sasl;

/** A SASL mechanism that a listener offers. Safe for use by many threads. */
public interface SaslMechanism extends AutoCloseable {

  /** The name clients ask for, for instance {@code SCRAM-SHA-256}. */
  String name();

  /** Begins to authenticate one client. Does not block. */
  SaslExchange begin(Peer peer);

  /** Lets go of threads, files and connections. */
  @Override
  default void close() {}
}
