package io.gatehouse.auth.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ClientTextTest {

  @Test
  void namesFitALogLine() {
    assertThat(ClientText.shown("alice")).isEqualTo("'alice'");
    assertThat(ClientText.shown("eve\n2026-01-01 INFO all is well"))
        .doesNotContain("\n")
        .startsWith("'eve\uFFFD2026");
    assertThat(ClientText.shown("\u001b[31m\u202Eevil\u2028"))
        .isEqualTo("'\uFFFD[31m\uFFFDevil\uFFFD'");
    assertThat(ClientText.shown("x".repeat(65))).isEqualTo("'" + "x".repeat(64) + "...'");
    assertThat(ClientText.shown("J\u00fcrgen \ud83d\ude00"))
        .isEqualTo("'J\u00fcrgen \ud83d\ude00'");
  }

  @Test
  void onlyShortUtf8IsText() throws SaslFailure {
    byte[] token = "J\u00fcrgen".getBytes(StandardCharsets.UTF_8);
    assertThat(ClientText.decode(token, 7, "PLAIN")).isEqualTo("J\u00fcrgen");
    Clients.refused(SaslFailure.Reason.MALFORMED, () -> ClientText.decode(token, 6, "PLAIN"));
    Clients.refused(
        SaslFailure.Reason.MALFORMED,
        () -> ClientText.decode("J\u00fcrgen".getBytes(StandardCharsets.ISO_8859_1), 7, "PLAIN"));
  }
}
