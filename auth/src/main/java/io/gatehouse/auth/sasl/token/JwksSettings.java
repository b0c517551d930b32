package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.RedactedUrl;
import java.net.URI;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where an issuer's public keys are, and how often to fetch them (docs/conduktor.md, {@code
 * GATEWAY_OAUTH_JWKS_*}).
 *
 * @param location {@code https}, {@code http} or {@code file}
 * @param refresh how long keys count as current; those of a file for at most five seconds
 * @param retry the pause after a first failure, which doubles with each further one
 * @param maxRetry the longest such pause
 * @param timeout of one request, answer included
 * @param tls the trust for https; null for the JDK's authorities
 */
public record JwksSettings(
    URI location,
    Duration refresh,
    Duration retry,
    Duration maxRetry,
    Duration timeout,
    @Nullable SSLContext tls) {

  /**
   * @throws IllegalArgumentException when the location has another scheme, or a duration is not
   *     positive
   */
  public JwksSettings {
    String scheme = String.valueOf(location.getScheme());
    boolean usable =
        switch (scheme) {
          case "http", "https" -> location.getHost() != null;
          case "file" -> location.getPath() != null && location.isAbsolute();
          default -> false;
        };
    if (!usable) {
      throw new IllegalArgumentException(
          "The keys' location "
              + RedactedUrl.of(location)
              + " is neither https://..., nor http://..., nor file:///...");
    }
    checkPositive("refresh interval", refresh);
    checkPositive("retry back-off", retry);
    checkPositive("longest retry back-off", maxRetry);
    checkPositive("timeout", timeout);
  }

  /** Settings with Kafka's defaults of one hour, 100 ms and 10 s, and 10 s for a request. */
  public static JwksSettings of(URI location) {
    return new JwksSettings(
        location,
        Duration.ofHours(1),
        Duration.ofMillis(100),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        null);
  }

  boolean isFile() {
    return "file".equals(location.getScheme());
  }

  private static void checkPositive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("The keys' " + name + " " + duration + " is not positive");
    }
  }
}
