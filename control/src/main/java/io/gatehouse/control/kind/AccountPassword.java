package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.control.doc.Value;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The password of a local account, as SCRAM credentials (RFC 5802 §3).
 *
 * @param credentials by hash. Kafka's admin clients set them one by one, so one may be missing, and
 *     they may be of different passwords
 */
public record AccountPassword(User id, Map<ScramHash, ScramCredential> credentials)
    implements Resource {

  public AccountPassword {
    credentials = Map.copyOf(credentials);
    if (credentials.isEmpty()) {
      throw new IllegalArgumentException("a password without a credential");
    }
  }

  /** Hashes a password with a random salt. Takes tens of milliseconds with 8192 iterations. */
  public static AccountPassword of(User id, String password, int iterations) {
    Map<ScramHash, ScramCredential> credentials = new EnumMap<>(ScramHash.class);
    for (ScramHash hash : ScramHash.values()) {
      credentials.put(hash, ScramCredential.of(hash, password, iterations));
    }
    return new AccountPassword(id, credentials);
  }

  @Override
  public Key key() {
    return new Key(Kind.ACCOUNT_PASSWORD, id);
  }

  static AccountPassword read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.ACCOUNT_PASSWORD);
    User id = ServiceAccount.id(parts.metadata());
    Fields spec = parts.spec();
    Map<ScramHash, ScramCredential> credentials = new EnumMap<>(ScramHash.class);
    boolean any = false;
    for (ScramHash hash : ScramHash.values()) {
      String line = spec.textOrNull(hash.mechanism(), null);
      any |= line != null;
      try {
        if (line != null) {
          credentials.put(hash, ScramCredential.parse(hash, line));
        }
      } catch (IllegalArgumentException e) {
        spec.problem(hash.mechanism(), String.valueOf(e.getMessage()));
      }
    }
    if (!any) {
      spec.problem(ScramHash.SHA_512.mechanism(), "it or the other hash is required");
    }
    parts.end();
    return new AccountPassword(id, credentials);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map();
    for (ScramHash hash : ScramHash.values()) {
      ScramCredential credential = credentials.get(hash);
      if (credential != null) {
        spec.put(hash.mechanism(), credential.toText());
      }
    }
    return Resource.document(Kind.ACCOUNT_PASSWORD, ServiceAccount.document(id, true), spec);
  }
}
