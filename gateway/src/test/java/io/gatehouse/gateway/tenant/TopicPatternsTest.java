package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.gatehouse.gateway.fixture.Seed;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A confined pattern matches the tenant's names that the client's pattern matches, and no other.
 */
class TopicPatternsTest {

  private static final int PATTERNS = 20_000;

  private static final List<Tenant> TENANTS =
      List.of(
          new Tenant("a", "a"), new Tenant("b", "b."), new Tenant("c", "a-"), new Tenant("d", "_"));

  private static final List<String> PIECES =
      List.of(
          "a",
          "b",
          "-",
          ".",
          "\\.",
          "\\-",
          "[ab]",
          "[]a]",
          "[^a]",
          "[^]b]",
          "[[:alpha:](^-b]",
          "[\\]a^]",
          "(",
          "(",
          "(?:",
          "(?i)",
          "(?i:",
          "(?P<n>",
          "(?<m>",
          ")",
          ")",
          ")",
          "|",
          "|",
          "^",
          "^",
          "\\A",
          "$",
          "\\z",
          "\\b",
          "\\B",
          "\\Qa.\\E",
          "\\Q\\E",
          "\\Q(",
          "\\pL",
          "\\p{L}",
          "\\x61",
          "\\x{61}",
          "\\141",
          "\\w",
          "*",
          "+",
          "?",
          "{2}",
          "{0,1}",
          "{,2}",
          ".*",
          "i");

  private static final List<String> NAMES =
      List.of(
          "a", "b", "aa", "ab", "ba", "bb", "a-", "-a", "-", ".", "a.", "a.b", "b-a", "_a", "aab",
          "bab", "i", "ia", "A", "B", "Aa", "abab", "n", "m");

  @Test
  void confinedPatternsMeanTheSame() {
    RandomGenerator random = Seed.random("patterns");
    int accepted = 0;
    for (int i = 0; i < PATTERNS; i++) {
      StringBuilder pattern = new StringBuilder();
      for (int pieces = 1 + random.nextInt(7); pieces > 0; pieces--) {
        pattern.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      for (Tenant tenant : TENANTS) {
        accepted += meansTheSame(tenant, pattern.toString()) ? 1 : 0;
      }
    }
    assertThat(accepted).as("accepted patterns").isGreaterThan(PATTERNS / 10);
  }

  /** Whether the pattern is accepted. */
  private static boolean meansTheSame(Tenant tenant, String pattern) {
    String confined = TopicPatterns.toBroker(tenant, pattern);
    if (confined == null) {
      return false;
    }
    Pattern clients;
    Pattern brokers;
    try {
      clients = Pattern.compile(pattern);
      brokers = Pattern.compile(confined);
    } catch (PatternSyntaxException e) {
      throw new AssertionError(pattern + " became " + confined + ", " + Seed.replay(), e);
    }
    for (String name : NAMES) {
      assertThat(brokers.matches(tenant.toBroker(name)))
          .as("%s with %s as %s, %s", name, pattern, confined, Seed.replay())
          .isEqualTo(clients.matches(name));
      assertThat(name.startsWith(tenant.prefix()) || !brokers.matches(name))
          .as("%s without prefix with %s as %s, %s", name, pattern, confined, Seed.replay())
          .isTrue();
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "^a.*|^b.*",
        "(^a.*)|(^b.*)",
        "^a$",
        "^(a|b)$",
        "(?i)^A.*",
        "(^a)?b",
        "a\\b.*",
        "(a|b)\\b.*",
        "\\Aa\\z",
        "[a-z0-9]{1,249}",
        "^[]a]+$",
        "\\Qa"
      })
  void usualPatternsAreAccepted(String pattern) {
    for (Tenant tenant : TENANTS) {
      assertThat(meansTheSame(tenant, pattern)).as(pattern).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x(^a)",
        "a|x^b",
        "(^a)+",
        "(^a){2}",
        "((^a)|b)*",
        "(^?i)a",
        "^(?i)*a",
        "a\\Q\\E*\\bx",
        "^*a",
        "a*\\bx",
        "\\bx",
        "(a|)\\bx",
        "\\p{L}*\\bx",
        "\\x61*\\bx",
        "\\141*\\bx",
        "(?i:\\bx)",
        "a)|(b",
        "(",
        "[a",
        "a\\",
        "(a{1000}){1000}",
        "((a{100}){100}){100}"
      })
  void otherPatternsAreRefused(String pattern) {
    assertThat(TopicPatterns.toBroker(TENANTS.getFirst(), pattern)).as(pattern).isNull();
  }

  /** The library would need seconds, or a stack without end. */
  @ParameterizedTest
  @CsvSource({"(, ), 101", "(?:a|, ), 101", "ab, c, 4096"})
  void tooLargePatternsAreRefused(String before, String after, int count) {
    Tenant tenant = TENANTS.getFirst();
    String most = before.repeat(count - 1) + after.repeat(count > 101 ? 1 : count - 1);
    String tooMuch = before.repeat(count) + after.repeat(count > 101 ? 1 : count);
    assertThat(TopicPatterns.toBroker(tenant, most)).isNotNull();
    assertThat(TopicPatterns.toBroker(tenant, tooMuch)).isNull();
  }

  @Test
  void clientsGetTheirPatternBack() {
    for (Tenant tenant : TENANTS) {
      String confined = Objects.requireNonNull(TopicPatterns.toBroker(tenant, "a(b|\\.)*$"));
      assertThat(TopicPatterns.toClient(tenant, confined)).isEqualTo("a(b|\\.)*$");
      assertThat(TopicPatterns.toClient(tenant, "other.*")).isEqualTo("other.*");
    }
  }
}
