package io.gatehouse.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

  private static final List<String> KEYS = List.of("bootstrapServers", "clientId", "dial", "host");

  @ParameterizedTest
  @CsvSource({
    "bootstrapServer, bootstrapServers",
    "bootstrapservers, bootstrapServers",
    "clientID, clientId",
    "hsot, host",
    "dail, dial",
    "hosts, host"
  })
  void findsWhatWasMeant(String typo, String meant) {
    assertThat(Nearest.to(typo, KEYS)).isEqualTo(meant);
  }

  @Test
  void findsNothingWhereNothingIsNear() {
    assertThat(Nearest.to("metrics", KEYS)).isNull();
    assertThat(Nearest.hint("metrics", KEYS)).isEmpty();
    assertThat(Nearest.hintOrAll("metrics", KEYS))
        .isEqualTo(", valid are: bootstrapServers, clientId, dial, host");
  }
}
