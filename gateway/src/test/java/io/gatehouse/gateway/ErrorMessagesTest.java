package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.plan.BrokerTexts;
import io.gatehouse.gateway.settings.HostPort;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broker addresses in error messages are replaced. */
class ErrorMessagesTest {

  private static final Map<HostPort, HostPort> KNOWN =
      Map.of(
          new HostPort("b1.internal", 9092), new HostPort("gateway", 19_092),
          new HostPort("10.0.0.7", 9093), new HostPort("gateway", 19_093),
          new HostPort("fd00::7", 9094), new HostPort("2001:db8::1", 19_094));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "b1.internal:9092|gateway:19092",
        "Invalid value PLAINTEXT://b1.internal:9092,SSL://10.0.0.7:9093 for x:"
            + "|Invalid value PLAINTEXT://gateway:19092,SSL://gateway:19093 for x:",
        "3@b1.internal:9092.|3@gateway:19092.",
        "node b1.internal:9092 (id: 1 rack: null)|node gateway:19092 (id: 1 rack: null)",
        "at [fd00::7]:9094!|at [2001:db8::1]:19094!",
        "Endpoint(host='b1.internal', port=9092)|Endpoint(host='gateway', port=19092)",
        "EndPoint(host=10.0.0.7,port=9093)|EndPoint(host=gateway,port=19093)",
        "other:9092 b1.internal:90921 b1.internal:9093|other:9092 b1.internal:90921"
            + " b1.internal:9093",
        "xb1.internal:9092 -b1.internal:9092|xb1.internal:9092 -b1.internal:9092",
        "at 12:30:45, topic:5|at 12:30:45, topic:5",
        "host=, port=9092 b1.internal:99999|host=, port=9092 b1.internal:99999"
      })
  void onlyAddressesOfTheClusterAreReplaced(String text, String replaceAddresses) {
    assertThat(BrokerTexts.replaceAddresses(text, KNOWN::get)).isEqualTo(replaceAddresses);
  }

  /** Long error messages that would make a naive regular expression take minutes. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "[", "[a", "host='", "host=a", ":", "a:", "1:", "a.-"})
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  void longTextsAreProcessedInLinearTime(String part) {
    String text = part.repeat(32_000 / part.length()) + " port= :";

    for (int i = 0; i < 100; i++) {
      assertThat(BrokerTexts.replaceAddresses(text, KNOWN::get)).isEqualTo(text);
    }
  }
}
