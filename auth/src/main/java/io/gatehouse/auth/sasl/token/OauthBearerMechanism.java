package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.SaslMechanism;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * SASL OAUTHBEARER (RFC 7628; KIP-255, KIP-342). A refused token is answered with a JSON challenge,
 * and the exchange fails with the client's next message, whatever its content. Brokers do so too,
 * and Java clients and librdkafka depend on it.
 */
public final class OauthBearerMechanism implements SaslMechanism {

  /** The name of the mechanism. */
  public static final String NAME = "OAUTHBEARER";

  /** In bytes: a token, and the extensions that some clients send. */
  private static final int MAX_TOKEN = 2 * Jwt.MAX_LENGTH;

  private static final byte[] EMPTY = {};
  private static final byte[] INVALID =
      "{\"status\":\"invalid_token\"}".getBytes(StandardCharsets.UTF_8);

  private final TokenVerifier verifier;

  /** The mechanism with its own verifier. */
  public record Settings(Source<? extends TokenVerifier> verifier)
      implements Source<SaslMechanism> {
    @Override
    public SaslMechanism open(Leases parts) throws SourceException {
      return new OauthBearerMechanism(verifier.open(parts));
    }

    @Override
    public void check() {
      verifier.check();
    }
  }

  /**
   * @param verifier is closed with the mechanism
   */
  public OauthBearerMechanism(TokenVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public SaslExchange begin(Peer peer) {
    return new BearerExchange();
  }

  @Override
  public void close() {
    verifier.close();
  }

  /**
   * The authentication of one client.
   *
   * <pre>
   *   FIRST --token accepted--> OVER (outcome)
   *   FIRST --token refused, JSON--> REFUSED --anything--> OVER (failure)
   * </pre>
   */
  private final class BearerExchange implements SaslExchange {

    private boolean begun;
    private @Nullable SaslFailure refusal;
    private @Nullable Outcome outcome;

    @Override
    public byte[] next(byte[] token) throws SaslFailure {
      SaslFailure refused = refusal;
      if (refused != null) {
        throw refused;
      }
      if (begun) {
        throw new SaslFailure(Reason.MALFORMED, "a second token, where OAUTHBEARER has one");
      }
      begun = true;
      BearerMessage message = BearerMessage.parse(ClientText.decode(token, MAX_TOKEN, NAME));
      try {
        outcome = admit(message);
        return EMPTY;
      } catch (SaslFailure e) {
        if (e.reason() == Reason.UNAVAILABLE) {
          throw e;
        }
        refusal = e;
        return INVALID.clone();
      }
    }

    @Override
    public @Nullable SaslFailure refusal() {
      return refusal;
    }

    @Override
    public @Nullable Outcome outcome() {
      return outcome;
    }
  }

  private SaslExchange.Outcome admit(BearerMessage message) throws SaslFailure {
    VerifiedToken token = verifier.verify(message.token());
    SaslMechanism.checkAuthorizationId(NAME, token.user().name(), message.authorizationId());
    return new SaslExchange.Outcome(
        new Principal(token.user(), NAME, token.claims(), token.groups()), token.expires());
  }
}
