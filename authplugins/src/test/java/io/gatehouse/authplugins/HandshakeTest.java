package io.gatehouse.authplugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HandshakeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1|1|unix|/tmp/plugin123|grpc",
        "1|1|unix|/tmp/plugin123|grpc|",
        "1|1|unix|/tmp/plugin123|grpc||false",
        " 1|1|unix|/tmp/plugin123|grpc|extra\r"
      })
  void namesAUnixSocket(String line) throws Exception {
    assertThat(Handshake.parse(line).address())
        .isEqualTo(UnixDomainSocketAddress.of("/tmp/plugin123"));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:10000, 127.0.0.1, 10000",
    "127.8.0.1:1, 127.8.0.1, 1",
    "[::1]:65535, ::1, 65535",
    "localhost:80, 127.0.0.1, 80"
  })
  void namesALoopbackPort(String address, String host, int port) throws Exception {
    assertThat(Handshake.parse("1|1|tcp|" + address + "|grpc").address())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral(host), port));
  }

  @Test
  void overlongSocketPathsAreReportedByTheSystem() throws Exception {
    assertThat(Handshake.parse("1|1|unix|/" + "x".repeat(300) + "|grpc").address()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "'' ~ is it a plugin?",
        "hello ~ is it a plugin?",
        "1|1|unix ~ is it a plugin?",
        "2|1|unix|/x|grpc ~ version '2' of go-plugin",
        "x|1|unix|/x|grpc ~ version 'x' of go-plugin",
        "1|5|unix|/x|grpc ~ version '5' of its interface",
        "1|1|unix|/x|netrpc ~ it speaks 'netrpc'",
        "1|1|unix|/x ~ it speaks 'netrpc'",
        "1|1|udp|127.0.0.1:1|grpc ~ a network 'udp'",
        "1|1|tcp|10.0.0.1:80|grpc ~ not sent off this machine",
        "1|1|tcp|0.0.0.0:80|grpc ~ not sent off this machine",
        "1|1|tcp|example.org:80|grpc ~ no address",
        "1|1|tcp|127.0.0.1|grpc ~ no address",
        "1|1|tcp|127.0.0.1:x|grpc ~ no address",
        "1|1|tcp|127.0.0.1:99999|grpc ~ no address",
        "1|1|unix|/x|grpc|MIIBuDCCAV6gAwIBAgIQJx5lD2b0cMZyRkVzk0S8YzAKBggqhkjOPQQDAjA ~ wants TLS",
      })
  void refusesOtherLinesWithAReason(String line, String why) {
    assertThatThrownBy(() -> Handshake.parse(line))
        .isInstanceOf(PluginFailure.class)
        .hasMessageContaining(why);
  }

  @Test
  void theSocketOfARefusedHandshakeIsKnown() {
    assertThat(Handshake.socket("1|1|unix|/tmp/x|netrpc")).isEqualTo(Path.of("/tmp/x"));
    assertThat(Handshake.socket("1|1|tcp|127.0.0.1:1|grpc")).isNull();
    assertThat(Handshake.socket("hello")).isNull();
    assertThat(Handshake.socket("1|1|unix|/a\0b|grpc")).isNull();
  }

  @Test
  void anInvalidPathIsRefused() {
    assertThatThrownBy(() -> Handshake.parse("1|1|unix|/a\0b|grpc"))
        .isInstanceOf(PluginFailure.class)
        .hasMessageContaining("no address");
  }
}
