package io.gatehouse.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactedArgumentsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --user=alice;--password=hidden           | --user=***;--password=***
          --user;alice;--password;hidden           | --user;***;--password;***
          --password;-hidden                       | --password;***
          --password;--hidden                      | --password;***
          --switch;--password;--hidden             | --switch;***;***
          --switch;--password;hidden;--url=x       | --switch;***;***;--url=***
          --password hidden                        | --password***
          --password:hidden                        | --password***
          -phidden                                 | -p***
          -p=hidden                                | -p=***
          name=hidden                              | ***
          hidden;hidden                            | ***;***
          password;--hidden                        | ***;***
          --a.b-c_d=hidden=                        | --a.b-c_d=***
          """)
  void showsNamesWithoutValues(String arguments, String shown) {
    List<String> all = RedactedArguments.of(Arrays.asList(arguments.split(";")));
    assertThat(String.join(";", all)).isEqualTo(shown);
  }
}
