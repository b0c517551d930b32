package io.gatehouse.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactedUrlTest {

  @ParameterizedTest
  @CsvSource({
    "https://idp.example/certs, https://idp.example/certs",
    "https://u:hidden@idp.example/certs, https://***@idp.example/certs",
    "https://hidden@idp.example/, https://***@idp.example/",
    "https://u:hid/den@idp.example/x, https://***@idp.example/x",
    "https://u:hid?den@idp.example/x, https://***@idp.example/x",
    "https://u:hid@den@idp.example/x, https://***@idp.example/x",
    "https://idp.example/certs?key=hidden&a=b, https://idp.example/certs?***",
    "https://idp.example/certs#hidden, https://idp.example/certs#***",
    "https://u:hidden@idp.example?hidden, https://***@idp.example?***",
    "file:///etc/keys.json, file:///etc/keys.json",
    "alice@example.com, alice@example.com",
    "what?, what?",
  })
  void showsOnlyThePlace(String url, String shown) {
    assertThat(RedactedUrl.of(url)).isEqualTo(shown);
  }
}
