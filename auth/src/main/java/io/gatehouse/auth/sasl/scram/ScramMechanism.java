package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslMechanism;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * SASL SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677) without channel binding. For an unknown
 * user the server answers with a salt and iterations that are the same each time, and fails at the
 * end as with a wrong password.
 */
public final class ScramMechanism implements SaslMechanism {

  private static final int DEFAULT_ITERATIONS = 8192;
  private static final int DEFAULT_SALT = 24;
  private static final int NONCE = 24;

  private final ScramHash hash;
  private final ScramCredentials credentials;

  /**
   * Shared by all listeners: a salt that differs between them would reveal that the user does not
   * exist.
   */
  private static final byte[] OF_THIS_PROCESS = random(64);

  private final byte[] decoyKey;
  private final Supplier<String> nonces;

  /** The mechanism with credentials that other mechanisms may share. */
  public record Settings(ScramHash hash, Source<? extends ScramCredentials> credentials)
      implements Source<SaslMechanism> {
    @Override
    public SaslMechanism open(Leases parts) throws SourceException {
      return new ScramMechanism(hash, parts.get(credentials));
    }

    @Override
    public void check() {
      credentials.check();
    }
  }

  /** Salts of unknown users last as long as this process. */
  public ScramMechanism(ScramHash hash, ScramCredentials credentials) {
    this(hash, credentials, hash.hash(OF_THIS_PROCESS), ScramMechanism::nonce);
  }

  /**
   * Salts of unknown users are the same on all nodes and after a restart.
   *
   * @param decoyKey a secret of the operator, of any length
   */
  public ScramMechanism(ScramHash hash, ScramCredentials credentials, Secret decoyKey) {
    this(
        hash,
        credentials,
        hash.hash(decoyKey.reveal().getBytes(StandardCharsets.UTF_8)),
        ScramMechanism::nonce);
  }

  ScramMechanism(
      ScramHash hash, ScramCredentials credentials, byte[] decoyKey, Supplier<String> nonces) {
    this.hash = hash;
    this.credentials = credentials;
    this.decoyKey = decoyKey;
    this.nonces = nonces;
  }

  @Override
  public String name() {
    return hash.mechanism();
  }

  @Override
  public SaslExchange begin(Peer peer) {
    return new ScramExchange(hash, this::find, nonces.get());
  }

  private ScramExchange.Known find(String user) {
    ScramCredential decoy = decoy(user);
    ScramCredential found = credentials.find(hash, user);
    return found == null
        ? new ScramExchange.Known(decoy, null, null)
        : new ScramExchange.Known(
            found, credentials.identity(user), credentials.check(hash, user, found));
  }

  /** Computed for known users too, so that both take the same time. */
  private ScramCredential decoy(String user) {
    byte[] pick = hash.hmac(decoyKey, "pick " + user);
    ScramCredential model =
        credentials.model(
            hash, (pick[0] & 0x7F) << 24 | (pick[1] & 0xFF) << 16 | (pick[2] & 0xFF) << 8);
    byte[] key = hash.hmac(decoyKey, "key " + user);
    int saltLength = model == null ? DEFAULT_SALT : model.saltLength();
    return new ScramCredential(
        hash,
        salt(user, saltLength),
        model == null ? DEFAULT_ITERATIONS : model.iterations(),
        key,
        key);
  }

  private byte[] salt(String user, int length) {
    byte[] salt = new byte[length];
    for (int at = 0, block = 0; at < length; at += hash.length(), block++) {
      byte[] bytes = hash.hmac(decoyKey, "salt " + block + " " + user);
      System.arraycopy(bytes, 0, salt, at, Math.min(bytes.length, length - at));
    }
    return salt;
  }

  private static String nonce() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random(NONCE));
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}
