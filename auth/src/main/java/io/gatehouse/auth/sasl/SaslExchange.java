package io.gatehouse.auth.sasl;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The authentication of one client. One call at a time. */
public interface SaslExchange extends AutoCloseable {

  /**
   * Takes the client's next token. May block, within bounds, so it is called on virtual threads.
   *
   * @return the bytes to answer with; may be empty
   * @throws SaslFailure when the client is not let in; the exchange is over then
   */
  byte[] next(byte[] token) throws SaslFailure;

  /** Who the client is, or null while it has more to say. */
  @Nullable Outcome outcome();

  /**
   * Why the client is refused already, where the mechanism owes it one more round before {@link
   * #next} says so (OAUTHBEARER); else null. It may never come back to hear it.
   */
  default @Nullable SaslFailure refusal() {
    return null;
  }

  @Override
  default void close() {}

  /**
   * What was proved.
   *
   * @param expires when the proof ends and the client must authenticate anew (KIP-368), or null
   * @param check to be checked again when what it was checked against changes; null where nothing
   *     can take it back before its end
   */
  record Outcome(Principal principal, @Nullable Instant expires, @Nullable CredentialCheck check) {

    /** What nothing takes back before its end. */
    public Outcome(Principal principal, @Nullable Instant expires) {
      this(principal, expires, null);
    }
  }
}
