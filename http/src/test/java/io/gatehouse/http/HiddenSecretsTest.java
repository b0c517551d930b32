package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.control.doc.Document.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HiddenSecretsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name: a                                     | {"name":"a"}
          password: a                                 | {"password":"***"}
          list: [{apiKey: a, b: 1}, true, null]       | {"list":[{"apiKey":"***","b":1},true,null]}
          vaultToken: {any: thing}                    | {"vaultToken":"***"}
          clientSecret: ${env:SECRET}                 | {"clientSecret":"${env:SECRET}"}
          SCRAM-SHA-256: 'a$b$c'                      | {"SCRAM-SHA-256":"***"}
          url: https://me:p/w@host/x                  | {"url":"https://***@host/x"}
          value: x required password="a b" user="c";  | {"value":"x required password=*** user=\\"c\\";"}
          """)
  void valuesThatMayBeSecretAreHidden(String yaml, String shown) {
    assertThat(HiddenSecrets.of(yaml.getBytes(UTF_8), Form.YAML)).isEqualTo(shown);
  }

  @Test
  void severalDocumentsAreAList() {
    assertThat(HiddenSecrets.of("a: 1\n---\ntoken: 2".getBytes(UTF_8), Form.YAML))
        .isEqualTo("[{\"a\":1},{\"token\":\"***\"}]");
  }

  @Test
  void whatCannotBeReadIsNotShown() {
    assertThat(HiddenSecrets.of("{password: hidden".getBytes(UTF_8), Form.JSON))
        .isEqualTo("(17 bytes that cannot be read)");
    assertThat(HiddenSecrets.of(new byte[100_000], Form.JSON))
        .isEqualTo("(100000 bytes, too long to be shown)");
  }
}
