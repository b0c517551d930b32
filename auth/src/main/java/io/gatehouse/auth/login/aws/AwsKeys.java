package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Secret;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were given rather than fetched.
 *
 * @param sessionToken only of temporary keys
 */
public record AwsKeys(String accessKeyId, Secret secretAccessKey, @Nullable Secret sessionToken) {

  /** Null where neither is given; half a pair is an error that names the missing one. */
  static @Nullable AwsKeys of(Names names, Named given) {
    String id = given.get(names.id());
    String secret = given.get(names.secret());
    String token = given.get(names.token());
    if (id == null && secret == null) {
      return null;
    }
    if (id == null || secret == null) {
      throw new IllegalArgumentException(
          (id == null ? names.secret() : names.id())
              + " is given without "
              + (id == null ? names.id() : names.secret()));
    }
    return new AwsKeys(id, new Secret(secret), token == null ? null : new Secret(token));
  }

  /** How the three parts are called where they are looked for. */
  record Names(String id, String secret, String token) {}

  /** Settings by name, of which a blank one counts as missing. */
  record Named(Function<String, @Nullable String> source) {

    @Nullable String get(String name) {
      String value = source.apply(name);
      return value == null || value.isBlank() ? null : value.trim();
    }
  }
}
