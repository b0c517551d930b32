package io.gatehouse.auth.login.token;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.Source;
import java.util.List;
import java.util.Optional;

/** The built-in providers by the names that {@code --sasl-plugin-command} and the like may hold. */
public final class TokenProviders {

  private TokenProviders() {}

  /** A built-in provider by its name, with its parameters as on the command line. */
  public record Settings(String name, List<String> parameters) implements Source<TokenProvider> {
    public Settings {
      parameters = List.copyOf(parameters);
    }

    @Override
    public TokenProvider open(Leases parts) {
      return named(name, parameters)
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "there is no built-in token provider '"
                      + name
                      + "': there are google-id-provider, oidc-provider and"
                      + " unsecured-jwt-provider; a program is a plugin"));
    }

    @Override
    public void check() {
      open(NO_PARTS).close();
    }

    /** Without the parameters, which may hold a password. */
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Leases NO_PARTS = new Pool().leases();

  /**
   * The built-in provider of this name; empty when there is none and the name is a program's.
   *
   * @param parameters each as on the command line, for instance {@code --claim-sub=alice}
   * @throws IllegalArgumentException when a parameter is unknown, wrong or missing
   */
  public static Optional<TokenProvider> named(String name, List<String> parameters) {
    return switch (name) {
      case GoogleIdProvider.NAME -> Optional.of(new GoogleIdProvider(parameters));
      case OidcProvider.NAME -> Optional.of(new OidcProvider(parameters));
      case UnsecuredJwtProvider.NAME -> Optional.of(new UnsecuredJwtProvider(parameters));
      default -> Optional.empty();
    };
  }
}
