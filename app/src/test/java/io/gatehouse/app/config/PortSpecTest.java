package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.gateway.settings.PortPlan.Pair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortSpecTest {

  @Test
  void readsTheDocumentedExample() {
    assertThat(PortSpec.parse("29092-29093:9092-9093,29100:9100"))
        .containsExactly(new Pair(29092, 9092), new Pair(29093, 9093), new Pair(29100, 9100));
  }

  @Test
  void readsSinglePortsAndRanges() {
    assertThat(PortSpec.parse("9092")).containsExactly(new Pair(9092, 9092));
    assertThat(PortSpec.parse(" 9092 , 9095-9096 "))
        .containsExactly(new Pair(9092, 9092), new Pair(9095, 9095), new Pair(9096, 9096));
    assertThat(PortSpec.parse("443:9092")).containsExactly(new Pair(443, 9092));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          x            | 'x' is not a port (9092), a range (9092-9095) or advertised:local (443:9092)
          ""           | contains no port
          0            | 0 is not from 1 to 65535
          70000        | 70000 is not from 1 to 65535
          9095-9092    | '9095-9092' is a descending range
          1-3:11-12    | '1-3:11-12' has 3 advertised and 2 local ports
          1:2:3        | '1:2:3' is not a port
          """)
  void refusesWithAReason(String spec, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PortSpec.parse(spec))
        .withMessageContaining(message);
  }
}
