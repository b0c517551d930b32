package io.gatehouse.auth.login.token;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import java.util.List;

/**
 * The built-in providers, by the names that {@code --sasl-plugin-command} and similar flags accept.
 */
public final class TokenProviders {

  private TokenProviders() {}

  /** A built-in provider by its name, with its parameters as on the command line. */
  public record Settings(String name, List<String> parameters) implements Source<TokenProvider> {
    public Settings {
      parameters = List.copyOf(parameters);
    }

    @Override
    public TokenProvider open(Leases parts) {
      return named(name, parameters);
    }

    @Override
    public void check() {
      named(name, parameters).close();
    }

    /** Without the parameters, which may hold a password. */
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Creates the built-in provider of this name.
   *
   * @param parameters each as on the command line, for instance {@code --claim-sub=alice}
   * @throws IllegalArgumentException when there is no such provider, or a parameter is unknown,
   *     wrong or missing
   */
  static TokenProvider named(String name, List<String> parameters) {
    return switch (name) {
      case GoogleIdProvider.NAME -> new GoogleIdProvider(parameters);
      case OidcProvider.NAME -> new OidcProvider(parameters);
      case UnsecuredJwtProvider.NAME -> new UnsecuredJwtProvider(parameters);
      default ->
          throw new IllegalArgumentException(
              "there is no built-in token provider '"
                  + name
                  + "': there are google-id-provider, oidc-provider and unsecured-jwt-provider; a"
                  + " program is a plugin");
    };
  }
}
