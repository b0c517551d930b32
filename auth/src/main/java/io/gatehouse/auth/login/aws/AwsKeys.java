package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Secret;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Configured access keys.
 *
 * @param sessionToken of temporary keys, else null
 */
public record AwsKeys(String accessKeyId, Secret secretAccessKey, @Nullable Secret sessionToken) {

  /**
   * The keys under these names; null if neither id nor secret is set.
   *
   * @throws IllegalArgumentException when only one of the two is set
   */
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

  /** The names of the three settings. */
  record Names(String id, String secret, String token) {}

  /** Settings by name; a blank setting counts as missing. */
  record Named(Function<String, @Nullable String> source) {

    @Nullable String get(String name) {
      String value = source.apply(name);
      return value == null || value.isBlank() ? null : value.trim();
    }
  }
}
