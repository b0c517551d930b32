package io.gatehouse.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.testkit.pki.Authority;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subjects that resemble another one. */
class SubjectNamesTest {

  private static final Authority CA = Authority.create("CA");

  /**
   * @param subject as RFC 2253 writes it, where a backslash escapes the next character, or a byte
   *     in hex
   */
  private static X509Certificate of(String subject) {
    return CA.issue("x").subject(subject).clientOnly().sign().certificate();
  }

  private static boolean isAdmitted(String rule, X509Certificate one) {
    return SubjectRules.parse(List.of(rule)).admit(List.of(one));
  }

  @Test
  void aBackslashBelongsToTheName() {
    X509Certificate one = of("CN=ad\\\\min");
    assertThat(isAdmitted("s:/CN=[admin]", one)).isFalse();
    assertThat(isAdmitted("r:/CN=[^admin$]", one)).isFalse();
    assertThat(isAdmitted("s:/CN=[ad\\\\min]", one)).isTrue();
    assertThat(isAdmitted("r:/CN=[^ad\\\\min$]", one)).isTrue();
    assertThat(isAdmitted("s:/CN=[admin]", of("CN=admin"))).isTrue();
    assertThat(new PrincipalRules("RULE:^CN=(.*)$/$1/").principal(one).name())
        .isNotEqualTo("admin")
        .contains("\\");
  }

  @Test
  void signsThatRfc2253EscapesAreThemselves() {
    X509Certificate one = of("CN=a\\,b\\+c\\=d");
    assertThat(isAdmitted("r:/CN=[^a.b.c.d$]", one)).isTrue();
    assertThat(isAdmitted("s:/CN=[a\\,b+c=d]", one)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CN=admin\\0A",
        "CN=admin\\0Aall is well",
        "CN=admin\\C2\\85",
        "CN=\\E2\\80\\AEadmin"
      })
  void controlCharactersAreRefused(String subject) {
    X509Certificate one = of(subject);
    assertThat(isAdmitted("r:/CN=[admin$]", one)).isFalse();
    assertThat(isAdmitted("r:/CN=[admin]", one)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrincipalRules.DEFAULT.principal(one))
        .withMessageContaining("control characters");
  }
}
