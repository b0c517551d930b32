package io.gatehouse.auth.sasl.password;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslMechanism;
import org.jspecify.annotations.Nullable;

/**
 * SASL PLAIN (RFC 4616): one token of an authorization id, a name and a password, separated by NUL.
 * The authorization id must be empty or equal to the name.
 */
public final class PlainMechanism implements SaslMechanism {

  /** The name of the mechanism. */
  public static final String NAME = "PLAIN";

  /** In bytes; passwords may be tokens of several kilobytes. */
  private static final int MAX_TOKEN = 16 * 1024;

  private static final byte[] EMPTY = {};

  private final PasswordVerifier verifier;

  /** The mechanism with a verifier that other mechanisms may share. */
  public record Settings(Source<? extends PasswordVerifier> passwords)
      implements Source<SaslMechanism> {
    @Override
    public SaslMechanism open(Leases parts) throws SourceException {
      return new PlainMechanism(parts.get(passwords));
    }

    @Override
    public void check() {
      passwords.check();
    }
  }

  public PlainMechanism(PasswordVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public SaslExchange begin(Peer peer) {
    return new PlainExchange(peer);
  }

  private final class PlainExchange implements SaslExchange {

    private final Peer peer;
    private boolean begun;
    private @Nullable Outcome outcome;

    PlainExchange(Peer peer) {
      this.peer = peer;
    }

    @Override
    public byte[] next(byte[] token) throws SaslFailure {
      if (begun) {
        throw malformed("a second token, where PLAIN has one");
      }
      begun = true;
      String[] parts = ClientText.decode(token, MAX_TOKEN, NAME).split("\0", -1);
      if (parts.length != 3) {
        throw malformed("PLAIN token of " + parts.length + " parts instead of 3");
      }
      String user = parts[1];
      if (user.isEmpty()) {
        throw malformed("PLAIN token without a user name");
      }
      if (ControlCharacters.in(user)) {
        throw malformed("PLAIN token with control characters in " + ClientText.shown(user));
      }
      if (parts[2].isEmpty()) {
        throw malformed("PLAIN token of user " + ClientText.shown(user) + " without a password");
      }
      SaslMechanism.checkAuthorizationId(NAME, user, parts[0]);
      outcome = verifier.verify(user, new Secret(parts[2]), peer);
      return EMPTY;
    }

    @Override
    public @Nullable Outcome outcome() {
      return outcome;
    }
  }

  private static SaslFailure malformed(String detail) {
    return new SaslFailure(SaslFailure.Reason.MALFORMED, detail);
  }
}
