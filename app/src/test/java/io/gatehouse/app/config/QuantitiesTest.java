package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations and byte sizes as texts. */
class QuantitiesTest {

  @ParameterizedTest
  @CsvSource({
    "10s, PT10S",
    "1m30s, PT1M30S",
    "500ms, PT0.5S",
    "1.5h, PT1H30M",
    ".5s, PT0.5S",
    "2h45m, PT2H45M",
    "100us, PT0.0001S",
    "100µs, PT0.0001S",
    "3ns, PT0.000000003S",
    "0, PT0S",
    "0s, PT0S",
    "-1s, PT-1S",
    "+1s, PT1S"
  })
  void readsGoDurations(String text, Duration expected) {
    assertThat(Durations.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "s", "10 s", "10sx", "x10s", "1d", "--1s", "1s-", "ten"})
  void refusesWhatIsNoDuration(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageContaining("'" + text + "'")
        .withMessageContaining("10s, 1m30s or 500ms");
  }

  @ParameterizedTest
  @ValueSource(strings = {"99999999999h", "99999999999999999999999s"})
  void refusesDurationsThatOverflow(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageContaining("too long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "10s", "1m30s", "500ms", "1h1ms", "-5m", "7ns", "1s500ms3ns"})
  void writesDurationsAsTheyAreRead(String text) {
    assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "64KiB, 65536",
    "100MiB, 104857600",
    "1GiB, 1073741824",
    "1kb, 1000",
    "5 MB, 5000000",
    "7B, 7"
  })
  void readsBytes(String text, long expected) {
    assertThat(ByteSizes.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5MiB", "MiB", "1TiB", "12x"})
  void refusesWhatIsNoNumberOfBytes(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSizes.parse(text))
        .withMessageContaining("'" + text + "'")
        .withMessageContaining("64KiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000", "1KiB", "64KiB", "100MiB", "3GiB", "1025"})
  void writesBytesAsTheyAreRead(String text) {
    assertThat(ByteSizes.format(ByteSizes.parse(text))).isEqualTo(text);
  }
}
