package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.control.doc.Document.Form;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
          value: a://b c://d:e@f g://h@i              | {"value":"a://b c://***@f g://h@i"}
          value: url=h?token=a&sasl.password = b c=d  | {"value":"url=h?token=***&sasl.password = *** c=d"}
          value: "secret='a password=b' secret='c"    | {"value":"secret=*** secret=***"}
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

  /** It would take hours to look at the rest of a text from each of its characters. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "a=", "://", "://a:", ":", "password", "secret='", "token=\" ", "="})
  void aLongTextIsReadOnce(String part) {
    var text = part.repeat(3_000_000 / part.length());
    assertThat(HiddenSecrets.of(Map.of("value", text))).isNotNull();
  }
}
