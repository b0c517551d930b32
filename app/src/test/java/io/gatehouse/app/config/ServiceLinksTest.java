package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceLinksTest {

  @ParameterizedTest
  @CsvSource({
    "GATEWAY_SERVICE_HOST, 10.0.0.1, true",
    "GATEWAY_SERVICE_PORT, 9092, true",
    "GATEWAY_EXTERNAL_SERVICE_PORT_KAFKA_BOOTSTRAP, 9092, true",
    "GATEWAY_PORT, tcp://10.0.0.1:9092, true",
    "GATEWAY_PORT_9092_TCP, tcp://10.0.0.1:9092, true",
    "GATEWAY_PORT_9092_UDP_PROTO, udp, true",
    "GATEWAY_PORT_9092_TCP_ADDR, 10.0.0.1, true",
    "GATEWAY_HTTP_PORT, 8888, false",
    "GATEWAY_PORT_START, 6969, false",
    "GATEWAY_PORT_COUNT, 3, false",
    "GATEHOUSE_HTTP_PORT, 9080, false"
  })
  void areToldFromSettings(String name, String value, boolean expected) {
    assertThat(ServiceLinks.isServiceLink(name, value)).isEqualTo(expected);
  }
}
