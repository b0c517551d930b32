package io.gatehouse.auth.sasl;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The authentication of one client. Calls must not overlap. */
public interface SaslExchange extends AutoCloseable {

  /**
   * Takes the client's next token. May block, within bounds, so it is called on virtual threads.
   *
   * @return the bytes to answer with; may be empty
   * @throws SaslFailure when the client is refused; the exchange is over then
   */
  byte[] next(byte[] token) throws SaslFailure;

  /** The result, or null while the exchange is not complete. */
  @Nullable Outcome outcome();

  /**
   * Why the client will be refused, if the mechanism must first send it a challenge (OAUTHBEARER);
   * else null. The client may close the connection without answering that challenge, and {@link
   * #next} is never called then.
   */
  default @Nullable SaslFailure refusal() {
    return null;
  }

  @Override
  default void close() {}

  /**
   * The result of an authentication.
   *
   * @param expires when the client must authenticate again (KIP-368), or null
   * @param check checks the credentials again during the session; null if they cannot be revoked
   */
  record Outcome(Principal principal, @Nullable Instant expires, @Nullable CredentialCheck check) {

    /** A result that cannot be revoked before it expires. */
    public Outcome(Principal principal, @Nullable Instant expires) {
      this(principal, expires, null);
    }
  }
}
