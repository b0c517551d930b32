package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Renewal;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER (RFC 7628) with the tokens of a provider. A JWT is reused until shortly before its
 * {@code exp}; a token without a known expiry is fetched for each connection.
 */
public final class TokenLogin implements Login {

  private static final String MECHANISM = "OAUTHBEARER";

  /** The characters of a bearer token (RFC 6750 §2.1). */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  private final TokenProvider provider;
  private final Renewal<Secret> tokens;

  /** An account with its own instance of the provider. */
  public record Settings(Source<? extends TokenProvider> provider) implements Source<Login> {
    @Override
    public Login open(Leases parts) throws SourceException {
      return new TokenLogin(provider.open(parts));
    }

    @Override
    public void check() {
      provider.check();
    }
  }

  public TokenLogin(TokenProvider provider) {
    this(provider, InstantSource.system());
  }

  TokenLogin(TokenProvider provider, InstantSource clock) {
    this.provider = provider;
    this.tokens = new Renewal<>("the token", () -> fetch(provider), TokenLogin::end, clock);
  }

  private static Secret fetch(TokenProvider provider) throws LoginFailure {
    String token = provider.token();
    if (!TOKEN.matcher(token).matches()) {
      throw new LoginFailure("the token provider's answer has characters that no token has");
    }
    return new Secret(token);
  }

  private static Instant end(Secret token) {
    Instant expiry = expiry(token.reveal());
    return expiry == null ? Instant.MIN : expiry;
  }

  /** The {@code exp} of a JWT, whose signature is not verified; null for other tokens. */
  public static @Nullable Instant expiry(String token) {
    String[] parts = token.split("\\.", -1);
    try {
      // This claim alone: other claims may be of any form, and do not matter here.
      return parts.length == 3
              && JSONObjectUtils.parse(new Base64URL(parts[1]).decodeToString()).get("exp")
                  instanceof Number seconds
          ? Instant.ofEpochSecond(seconds.longValue())
          : null;
    } catch (ParseException | DateTimeException e) {
      return null;
    }
  }

  @Override
  public String mechanism() {
    return MECHANISM;
  }

  /** The token, for exchanges other than SASL. */
  public String token() throws LoginFailure {
    return tokens.get().reveal();
  }

  @Override
  public LoginExchange begin(String host) throws LoginFailure {
    return new Exchange(token());
  }

  @Override
  public void close() {
    provider.close();
  }

  private static final class Exchange implements LoginExchange {

    /**
     * The client's answer to an error, after which the broker ends the exchange (RFC 7628 §3.2.3).
     */
    private static final byte[] UNDERSTOOD = {1};

    private final String token;
    private @Nullable String refusal;
    private boolean complete;

    Exchange(String token) {
      this.token = token;
    }

    @Override
    public byte[] first() {
      return ("n,,\u0001auth=Bearer " + token + "\u0001\u0001").getBytes(UTF_8);
    }

    @Override
    public byte @Nullable [] next(byte[] challenge) throws LoginFailure {
      if (refusal != null) {
        throw new LoginFailure(MECHANISM + ": the broker refuses the token: " + refusal);
      }
      if (challenge.length == 0) {
        complete = true;
        return null;
      }
      JsonObject error =
          JsonObject.read(new String(challenge, UTF_8), MECHANISM + ": the broker's answer");
      refusal = error.needed("status", MECHANISM + ": the broker's answer");
      return UNDERSTOOD.clone();
    }

    @Override
    public boolean isComplete() {
      return complete;
    }
  }
}
