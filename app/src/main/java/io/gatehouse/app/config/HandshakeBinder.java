package io.gatehouse.app.config;

import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.auth.login.token.TokenProviders;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.authplugins.PluginSettings;
import io.gatehouse.authplugins.PluginTokenProvider;
import io.gatehouse.authplugins.PluginTokenVerifier;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.gateway.settings.HandshakeOffered;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the settings of the handshake between gateways (docs/kafka-proxy.md). */
final class HandshakeBinder {

  private static final Source<TokenProvider> NOTHING =
      _ -> {
        throw new IllegalArgumentException("no token is configured");
      };

  private HandshakeBinder() {}

  /** Reads the {@code handshake} of a listener that other gateways connect to. */
  static @Nullable HandshakeExpected expected(Section section) {
    long magic = magic(section);
    String method = section.text("method", "");
    Duration timeout = section.duration("timeout", Duration.ofSeconds(10), false);
    List<String> given =
        List.of("jwks", "google", "unsecured", "plugin").stream().filter(section::has).toList();
    @Nullable Supplier<? extends Source<? extends TokenVerifier>> verifier = null;
    if (given.size() == 1) {
      verifier =
          switch (given.getFirst()) {
            case "jwks" -> VerifierBinder.jwksOfGateways(section.section("jwks"));
            case "google" -> VerifierBinder.google(section.section("google"));
            case "unsecured" -> VerifierBinder.unsecured(section.section("unsecured"));
            default -> {
              PluginSettings plugin = PluginBinder.read(section.section("plugin"));
              yield () -> new PluginTokenVerifier.Settings(plugin);
            }
          };
    } else {
      section.problem(
          "", "one of jwks, google, unsecured and plugin is required to verify the tokens");
    }
    Supplier<? extends Source<? extends TokenVerifier>> verify = verifier;
    @Nullable HandshakeExpected[] made = new HandshakeExpected[1];
    section.make(
        () -> {
          if (verify != null && section.isFine()) {
            made[0] = new HandshakeExpected(magic, method, verify.get(), timeout);
          }
          return "";
        },
        () -> "");
    return made[0];
  }

  /** Reads the {@code handshake} of an upstream that is reached through another gateway. */
  static HandshakeOffered offered(Section section) {
    long magic = magic(section);
    String method = section.text("method", "");
    String name = section.text("provider", "");
    List<String> parameters = section.secretList("parameters");
    PluginSettings plugin =
        section.has("plugin") ? PluginBinder.read(section.section("plugin")) : null;
    if ((plugin == null) == name.isEmpty()) {
      section.problem("", "either a provider or a plugin is required for the tokens");
    }
    return section.make(
        () -> {
          if (!section.isFine()) {
            return new HandshakeOffered(magic, method, NOTHING);
          }
          Source<? extends TokenProvider> tokens =
              plugin == null
                  ? new TokenProviders.Settings(name, parameters)
                  : new PluginTokenProvider.Settings(plugin);
          tokens.check();
          return new HandshakeOffered(magic, method, tokens);
        },
        () -> new HandshakeOffered(1, "none", NOTHING));
  }

  private static long magic(Section section) {
    return section.value("magic", 0L, HandshakeBinder::unsigned, Long::toUnsignedString);
  }

  private static long unsigned(String text) {
    try {
      return Long.parseUnsignedLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not an unsigned number of 64 bits", e);
    }
  }
}
