package io.gatehouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LocalAccessTest {
  private Running running;

  @BeforeAll
  void start() throws ListenException {
    running = Running.with(HttpSettings.at("0.0.0.0", 0, "http.host"));
  }

  @AfterAll
  void stop() {
    running.close();
  }

  private String put(String host, String... headers) throws IOException {
    var more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return running.exchange(
        "PUT /loggers/ROOT HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: 2\r\n\r\n{}"
            .formatted(host, more));
  }

  /** A response about an invalid body shows that writing is allowed. */
  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LocalHost:8888", "127.0.0.1:1", "127.9.9.9", "[::1]:8888"})
  void thisMachineMay(String host) throws IOException {
    assertThat(put(host)).startsWith("HTTP/1.1 400 ");
    assertThat(put(host, "Origin: http://" + host, "Sec-Fetch-Site: same-origin"))
        .startsWith("HTTP/1.1 400 ");
  }

  /** DNS rebinding: a page of another site whose name resolves to this machine. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8888",
        "localhost.evil.example",
        "10.0.0.1",
        "[fe80::1]"
      })
  void otherNamesMayNot(String host) throws IOException {
    assertThat(put(host))
        .startsWith("HTTP/1.1 403 ")
        .contains("the header Host is not this machine");
  }

  @ParameterizedTest
  @CsvSource({
    "Origin: https://evil.example, Origin",
    "Origin: null, Origin",
    "Origin: http://localhost:3000, Origin",
    "Sec-Fetch-Site: cross-site, Sec-Fetch-Site",
    "Sec-Fetch-Site: same-site, Sec-Fetch-Site",
    "X-Forwarded-For: 203.0.113.7, X-Forwarded-For",
    "x-forwarded-host: gateway.example, X-Forwarded-Host",
    "Forwarded: for=203.0.113.7, Forwarded",
    "X-Real-IP: 203.0.113.7, X-Real-IP",
    "Via: 1.1 proxy, Via"
  })
  void browsersAndProxiesOfThisMachineMayNot(String header, String name) throws IOException {
    assertThat(put("localhost:8888", header))
        .startsWith("HTTP/1.1 403 ")
        .contains("Changes are accepted from this machine only", "the header " + name + " shows");
    assertThat(running.levels.find("ROOT")).isPresent();
  }

  @Test
  void otherAddressesMayOnlyRead() throws Exception {
    var outside = outsideAddress();
    Assumptions.assumeTrue(outside.isPresent(), "this machine has the loopback interface only");
    var base = "http://" + outside.get().getHostAddress() + ":" + running.server.port();
    try (var client = HttpClient.newHttpClient()) {
      var write =
          HttpRequest.newBuilder(URI.create(base + "/loggers/ROOT"))
              .PUT(BodyPublishers.ofString("{\"level\":\"OFF\"}"))
              .build();
      var refused = client.send(write, BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("the request comes from another address");
      var read = HttpRequest.newBuilder(URI.create(base + "/loggers/ROOT")).build();
      assertThat(client.send(read, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  private static Optional<InetAddress> outsideAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address.getAddress().length == 4 && !address.isLoopbackAddress())
        .findFirst();
  }
}
