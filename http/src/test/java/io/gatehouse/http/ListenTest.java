package io.gatehouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.http.HttpSettings.Limits;
import io.gatehouse.http.HttpSettings.Style;
import io.gatehouse.http.HttpSettings.Surface;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenTest {
  @Test
  void aPortInUseIsReportedWithItsSetting() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var settings = HttpSettings.at("127.0.0.1", taken.getLocalPort(), "--http-listen-address");
      assertThatThrownBy(() -> AdminServer.start(settings, List.of()))
          .isInstanceOf(ListenException.class)
          .hasMessage(
              "HTTP server cannot listen on 127.0.0.1:%d: the port is in use by another process;"
                  + " --http-listen-address changes it",
              taken.getLocalPort());
    }
  }

  @Test
  void anAddressOfAnotherMachineIsReported() {
    // TEST-NET-1 (RFC 5737), which no interface has.
    assertThatThrownBy(() ->
            AdminServer.start(HttpSettings.at("192.0.2.1", 9080, "GATEWAY_HTTP_PORT"), List.of()))
        .isInstanceOf(ListenException.class)
        .hasMessage(
            "HTTP server cannot listen on 192.0.2.1:9080: this machine has no such address;"
                + " GATEWAY_HTTP_PORT changes it");
  }

  @Test
  void anUnknownHostIsReported() {
    assertThatThrownBy(() ->
            AdminServer.start(HttpSettings.at("nowhere.invalid", 9080, "http.listen"), List.of()))
        .isInstanceOf(ListenException.class)
        .hasMessage(
            "HTTP server cannot listen on nowhere.invalid:9080: unknown host; http.listen changes"
                + " it");
  }

  @Test
  void startsFromAVirtualThreadAndFreesItsPortOnClose() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var port =
          threads
              .submit(() -> {
                try (var running = Running.usual()) {
                  assertThat(running.get("/health/ready").statusCode()).isEqualTo(200);
                  return running.server.port();
                }
              })
              .get();
      try (var again = Running.with(HttpSettings.at("127.0.0.1", port, "http.listen"))) {
        assertThat(again.server.port()).isEqualTo(port);
        assertThat(again.get("/health/live").statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void ipv6AddressesAreWrittenInBrackets() {
    assertThat(ListenException.address(new HttpSettings.Listen("::1", 80, "x")))
        .isEqualTo("[::1]:80");
    assertThat(ListenException.address(new HttpSettings.Listen("127.0.0.1", 80, "x")))
        .isEqualTo("127.0.0.1:80");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "health",
        "/",
        "/health/",
        "//health",
        "/he alth",
        "/{health}",
        "/health?x",
        "/a\"b",
        "/*"
      })
  void anInvalidPathIsRefused(String path) {
    assertThatThrownBy(() -> new Surface(Style.KAFKA_PROXY, path, "/metrics"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("HTTP health path \"" + path + "\" is not a path");
    assertThatThrownBy(() -> new Surface(Style.KAFKA_PROXY, "/health", path))
        .hasMessageStartingWith("HTTP metrics path \"" + path + "\" is not a path");
  }

  @Test
  void conflictingPathsAreRefused() {
    assertThatThrownBy(() -> new Surface(Style.GATEHOUSE, "/x", "/x"))
        .hasMessageContaining("different paths");
    assertThatThrownBy(() -> new Surface(Style.GATEHOUSE, "/x", "/x/ready"))
        .hasMessageContaining("different paths");
    assertThatThrownBy(() -> new Surface(Style.GATEHOUSE, "/versions", "/x"))
        .hasMessageContaining("used by another");
    assertThatThrownBy(() -> new Surface(Style.GATEHOUSE, "/x", "/loggers/a"))
        .hasMessageContaining("used by another");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> HttpSettings.at("127.0.0.1", 65_536, "http.listen"))
        .hasMessage("http.listen: port 65536 is not between 0 and 65535");
    assertThatThrownBy(() -> HttpSettings.at(" ", 1, "http.listen"))
        .hasMessageStartingWith("http.listen: the host is empty");
    var second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new Limits(0, 1, 0, second, second))
        .hasMessageContaining("at least 1 connection");
    assertThatThrownBy(() -> new Limits(1, 1, 0, second, Duration.ofMillis(999)))
        .hasMessageContaining("PT0.999S");
  }
}
