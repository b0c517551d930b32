package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.control.doc.Value;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The password of a local account, as a SCRAM credential of each hash (RFC 5802 §3). */
public record AccountPassword(User id, Map<ScramHash, ScramCredential> credentials)
    implements Resource {

  public AccountPassword {
    credentials = Map.copyOf(credentials);
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
    for (ScramHash hash : ScramHash.values()) {
      String line = spec.text(hash.mechanism(), null);
      try {
        credentials.put(hash, ScramCredential.parse(hash, line));
      } catch (IllegalArgumentException e) {
        spec.problem(hash.mechanism(), String.valueOf(e.getMessage()));
      }
    }
    parts.end();
    return new AccountPassword(id, credentials);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map();
    for (ScramHash hash : ScramHash.values()) {
      spec.put(hash.mechanism(), Objects.requireNonNull(credentials.get(hash)).toText());
    }
    return Resource.document(Kind.ACCOUNT_PASSWORD, ServiceAccount.document(id, true), spec);
  }
}
