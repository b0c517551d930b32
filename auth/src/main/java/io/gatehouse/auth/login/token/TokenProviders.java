package io.gatehouse.auth.login.token;

import java.util.List;
import java.util.Optional;

/** The built-in providers by the names that {@code --sasl-plugin-command} and the like may hold. */
public final class TokenProviders {

  private TokenProviders() {}

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
