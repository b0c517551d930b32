package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Parameters of kafka-proxy's {@code google-id-info} (docs/kafka-proxy.md).
 *
 * @param audiences {@code --audience}; empty to accept any
 * @param emailRegexes {@code --email-regex}, one of which must be found in the address; to match
 *     the whole address they need {@code ^} and {@code $}
 * @param timeout {@code --timeout}
 * @param refresh {@code --certs-refresh-interval}
 * @param keys the URL of Google's keys
 */
public record GoogleIdSettings(
    Set<String> audiences, List<String> emailRegexes, Duration timeout, Duration refresh, URI keys)
    implements Source<TokenVerifier> {

  private static final URI GOOGLE = URI.create("https://www.googleapis.com/oauth2/v3/certs");

  /**
   * @throws IllegalArgumentException when no expression is given or one is invalid
   */
  public GoogleIdSettings {
    audiences = Set.copyOf(audiences);
    emailRegexes = List.copyOf(emailRegexes);
    if (emailRegexes.isEmpty()) {
      throw new IllegalArgumentException(
          "google-id-info needs --email-regex: without it any Google account could log in");
    }
    patterns(emailRegexes);
  }

  /** Settings with kafka-proxy's defaults: 10 s, an hour, and Google's own URL. */
  public static GoogleIdSettings of(Set<String> audiences, List<String> emailRegexes) {
    return new GoogleIdSettings(
        audiences, emailRegexes, Duration.ofSeconds(10), Duration.ofHours(1), GOOGLE);
  }

  @Override
  public TokenVerifier open(Leases parts) {
    return new GoogleIdVerifier(this);
  }

  List<Pattern> patterns() {
    return patterns(emailRegexes);
  }

  private static List<Pattern> patterns(List<String> regexes) {
    return regexes.stream().map(GoogleIdSettings::pattern).toList();
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--email-regex " + regex + " is no regular expression: " + e.getDescription(), e);
    }
  }
}
